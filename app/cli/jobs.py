"""`kustod job`: long work, cancelled or taken back."""

from typing import Any

import click

from app.cli import job_runs
from app.cli.shell import Answer, Group, Shell, pass_shell, table
from app.cli.values import NUMBER
from app.errors import Refused
from app.queries import jobs as found
from app.services import jobs
from app.services.audit import OPERATOR

_COLUMNS = ("id", "kind", "state", "directory", "source", "progress", "total", "created_at")
_ENDED = frozenset({"done", "failed"})
_AT_WORK = frozenset({"waiting", "running"})


@click.group(cls=Group)
def job() -> None:
    """Long work: imports."""


@job.command("list")
@pass_shell
def list_(shell: Shell) -> Answer:
    """List all jobs, the newest first."""
    with shell.sessions.read() as session:
        rows = found.listing(session, shell.at)
    return table(rows, _COLUMNS, "There is no job.")


@job.command()
@click.argument("number", metavar="ID", type=NUMBER)
@pass_shell
def show(shell: Shell, number: int) -> Answer:
    """Show a job with the result of every card."""
    with shell.sessions.read() as session:
        row = found.one(session, number, shell.at)
    return Answer(row, [*_told(row), _summary(row)])


@job.command()
@click.argument("number", metavar="ID", type=NUMBER)
@pass_shell
def cancel(shell: Shell, number: int) -> Answer:
    """Stop an import before its next step and take back what it brought."""
    with shell.sessions.read() as session:
        row = found.one(session, number, shell.at)
    if row["state"] in _ENDED:
        raise Refused(f"job {number} has ended: `kustod job undo {number}` takes it back")
    return _taken_back(shell, number)


@job.command()
@click.argument("number", metavar="ID", type=NUMBER)
@pass_shell
def undo(shell: Shell, number: int) -> Answer:
    """Take back what an import brought, unless somebody worked with it since."""
    return _taken_back(shell, number)


def _taken_back(shell: Shell, number: int) -> Answer:
    """Ask for it, and do it here unless somebody else is at it."""
    with shell.sessions.write() as session:
        jobs.take_back(session, OPERATOR, number, shell.at)
        claim = jobs.claim(session, shell.at, number)
    if claim is not None:
        job_runs.run(shell, claim)
    with shell.sessions.read() as session:
        row = found.one(session, number, shell.at)
    return Answer(row, [*_told(row), _summary(row)])


def _told(row: dict[str, Any]) -> list[str]:
    return [
        f"line {each['line']}: {each['outcome']} {each['uid'] or ''} {each['reason']}".rstrip()
        for each in row["rows"]
        if each["reason"]
    ]


def _summary(row: dict[str, Any]) -> str:
    counts = ", ".join(f"{number} {name}" for name, number in row["counts"].items())
    said = [f"Job {row['id']}: {row['state']}, {row['progress']} of {row['total']}", counts]
    if row["state"] in _AT_WORK and row["cancel_asked_at"]:
        said.append("is being taken back")
    return "; ".join(filter(None, [*said, row["problem"] or ""])) + "."
