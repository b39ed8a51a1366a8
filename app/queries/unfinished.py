"""What one began and has not finished, and what is still being taken back: for the first page.

In a number of statements that never grows.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app.models import Directory, Job, Project, WaitingFile
from app.models.kinds import JobState
from app.policy import Action, Viewer, allowed, oversees_project
from app.queries import take_backs
from app.queries.backs import Back, TakeBack
from app.queries.jobs import is_into
from app.queries.waiting import KEPT

LATELY = timedelta(days=7)
"""For how long an import with faults is spoken of."""

WATCHED = timedelta(days=90)
"""For how long after its end a project is looked at here; its board stays for ever."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of one's own that waits for an answer, and until when it is kept."""

    public_id: str
    name: str
    directory: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Faulty:
    """An import of one's own with rows that could not be used; `invalid` is 0 where it failed."""

    public_id: str
    directory: str
    invalid: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Current:
    """A project that is over and whose contacts are still coming back."""

    slug: str
    name: str
    back: TakeBack

    @property
    def confirmed(self) -> int:
        """How many devices have confirmed everything."""
        return self.back.counts.get(Back.CONFIRMED, 0)


def files(session: Session, viewer: Viewer, at: datetime) -> list[File]:
    """The files that the viewer sent and neither imported nor dropped; the oldest first."""
    query = (
        select(WaitingFile.public_id, WaitingFile.name, Directory.name, WaitingFile.created_at)
        .join(Directory, Directory.id == WaitingFile.directory_id)
        .where(
            WaitingFile.user_id == viewer.user_id,
            WaitingFile.created_at > at - KEPT,
            allowed(viewer, Action.EDIT, at),
        )
        .order_by(WaitingFile.created_at, WaitingFile.public_id)
    )
    return [
        File(public_id, name, directory, sent_at + KEPT)
        for public_id, name, directory, sent_at in session.execute(query)
    ]


def faulty(session: Session, viewer: Viewer, at: datetime) -> list[Faulty]:
    """The viewer's own imports of the last days that failed or left rows behind."""
    invalid = Job.result["invalid"].as_integer()
    failed = Job.state == JobState.FAILED
    query = (
        select(Job.public_id, Directory.name, failed, invalid, Job.finished_at)
        .join(Directory, is_into())
        .where(
            Job.user_id == viewer.user_id,
            Job.finished_at > at - LATELY,
            or_(failed, and_(Job.state == JobState.DONE, invalid > 0)),
        )
        .order_by(Job.finished_at.desc(), Job.id)
    )
    return [
        Faulty(public_id, directory, 0 if has_failed else rows, ended_at)
        for public_id, directory, has_failed, rows, ended_at in session.execute(query)
        if ended_at
    ]


def current(session: Session, viewer: Viewer, at: datetime) -> list[Current]:
    """The take-backs that are not settled, of projects that the viewer oversees; the last first."""
    query = (
        select(Project.id, Project.slug, Project.name)
        .where(
            Project.ends_at <= at,
            Project.ends_at > at - WATCHED,
            oversees_project(viewer, at),
        )
        .order_by(Project.ends_at.desc(), Project.name)
    )
    over = session.execute(query).all()
    if not over:
        return []
    backs = take_backs.of_projects(session, [row.id for row in over], at)
    found = (Current(row.slug, row.name, backs[row.id]) for row in over)
    return [one for one in found if not one.back.is_settled]


def counts(found: Collection[Current]) -> dict[Back, int]:
    """How many devices of all of these are in each state that there is, the best first.

    A device of several projects counts once, as far as the slowest of them.
    """
    order = [*Back]
    worst: dict[str, Back] = {}
    for device in (device for one in found for device in one.back.devices):
        known = worst.get(device.public_id, device.state)
        worst[device.public_id] = min(known, device.state, key=order.index)
    total = Counter(worst.values())
    return {state: total[state] for state in reversed(Back) if total[state]}
