"""A job done by the command itself: progress on the terminal, and a signal that takes it back."""

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from app import clock
from app.cli.shell import Shell
from app.imports import files
from app.queries import jobs as found
from app.services import job_steps, jobs
from app.services.audit import OPERATOR
from app.services.jobs import Claim, Standing

_ENDING = (signal.SIGINT, signal.SIGTERM)


def run(shell: Shell, claim: Claim) -> dict[str, Any]:
    """Work on a claimed job to its end; what it came to.

    The first INT or TERM takes back what it brought, a second one kills: then the worker goes on.
    """
    with _signals() as come:
        for standing in job_steps.run(shell.sessions, claim, files.records, clock.now, time.sleep):
            show(standing)
            if come and not standing.is_ending:
                with shell.sessions.write() as session:
                    jobs.take_back(session, OPERATOR, claim.job_id, clock.now())
    with shell.sessions.read() as session:
        return found.one(session, claim.job_id, clock.now())


@contextmanager
def _signals() -> Iterator[list[int]]:
    """The signals that came, as they come; each is caught once."""
    come: list[int] = []

    def note(number: int, _frame: object) -> None:
        come.append(number)
        for each in _ENDING:
            signal.signal(each, signal.SIG_DFL)

    before = {each: signal.signal(each, note) for each in _ENDING}
    try:
        yield come
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def show(standing: Standing) -> None:
    """Say how far it is, to a person who watches."""
    if not sys.stderr.isatty():
        return
    done, total = standing.progress, standing.total
    text = f"taking back, {done} left" if standing.is_ending else f"{done} of {total}"
    is_over = standing.state in jobs.ENDED
    click.echo(f"\r{text:<30}", err=True, nl=is_over)
