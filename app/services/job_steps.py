"""A claimed job worked on, one short transaction a step; who drives it may stop between any two.

What takes long, reading and preparing cards, happens between the transactions.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from app.cards.read import Record
from app.db import Sessions
from app.errors import Busy, Conflict, Invalid, NotFound, Refused
from app.models import Job, JobFile
from app.services import imports, jobs, undo
from app.services.intake import Ready, ready
from app.services.jobs import Claim, Standing

BREATH = 0.03
"""Seconds for which SQLite is left alone between two steps: many times the nap of a writer who
found it locked (see `app.db`), so that he always comes in between."""

_TRIES = 4
_BEATS = 500
"""After so many skipped cards the claim is renewed."""

Reader = Callable[[bytes, Mapping[str, Any]], Iterator[Record]]
"""Records of a file that is read as the job's arguments say; raises Invalid."""

Wait = Callable[[float], object]
T = TypeVar("T")


def run(
    sessions: Sessions,
    claim: Claim,
    read: Reader,
    now: Callable[[], datetime],
    wait: Wait,
    size: int = imports.CHUNK,
) -> Iterator[Standing]:
    """Work on a job until it ends; says where it stands after every step.

    `read` makes records of a file, `wait` waits so many seconds. Raises Refused where somebody
    else has taken the job up meanwhile, Busy where the database was locked for too long.
    """
    cards = _cards(sessions, claim, read, now, size)
    problem, is_over, free_since = "", False, time.monotonic()
    while not is_over:
        some: list[Ready] = []
        try:
            some = next(cards, [])
        except Invalid as error:
            problem = str(error)
        if sessions.dialect == "sqlite":
            wait(max(0.0, BREATH - (time.monotonic() - free_since)))
        step = partial(_step, claim=claim, cards=some, problem=problem, now=now)
        standing, is_over = _patiently(sessions, step)
        free_since = time.monotonic()
        if standing.is_ending:
            cards = iter(())
        yield standing


def _cards(
    sessions: Sessions, claim: Claim, read: Reader, now: Callable[[], datetime], size: int
) -> Iterator[list[Ready]]:
    """The cards that are still to be taken, some at a time; none where all is to be taken back."""
    with sessions.read() as session:
        job = session.get_one(Job, claim.job_id)
        if job.cancel_asked_at is not None:
            return
        country, done = imports.home_of(session, job).country, job.progress
        data = session.get_one(JobFile, job.id).bytes
        reading = job.arguments.get("reading", {})
    cards = ready(read(data, reading), country)
    for number, _ in enumerate(islice(cards, done), start=1):
        if number % _BEATS == 0:
            _patiently(sessions, lambda session: jobs.hold(session, claim, now()))
    while some := list(islice(cards, size)):
        yield some


def _step(
    session: Session,
    *,
    claim: Claim,
    cards: list[Ready],
    problem: str,
    now: Callable[[], datetime],
) -> tuple[Standing, bool]:
    """One step, and whether it was the last. What goes wrong takes the import back."""
    at = now()
    job = jobs.hold(session, claim, at)
    if cards and job.cancel_asked_at is None:
        try:
            imports.take(session, job, cards, at)
        except (NotFound, Refused) as error:
            problem = str(error)
    if problem and job.cancel_asked_at is None:
        jobs.note(job, problem=problem)
        job.cancel_asked_at = at
    is_over = False
    if job.cancel_asked_at is not None:
        is_over = undo.step(session, job, at)
    elif not cards:
        imports.finish(session, job, at)
        is_over = True
    session.flush()
    return jobs.standing(job), is_over


def _patiently(sessions: Sessions, act: Callable[[Session], T]) -> T:
    """Do this in a transaction of its own, again where somebody else was in the way."""
    for tries_left in reversed(range(_TRIES)):
        try:
            with sessions.write() as session:
                return act(session)
        except (Busy, Conflict):
            if not tries_left:
                raise
    raise AssertionError("the last try returns or raises")
