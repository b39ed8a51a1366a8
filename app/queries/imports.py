"""Imports as those read them who began them, and those who manage the directory.

What a reason quotes from a card is past the policy, so that nobody else may see the rows; the
name of a contact is shown where the policy shows the contact.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from app.models import Contact, Directory, Job, JobRow, Source, User
from app.models.kinds import JobState, Outcome
from app.policy import Channel, Viewer
from app.queries import contacts
from app.queries.instances import heartbeat
from app.queries.jobs import SILENCE, is_into, opened_by

_Found = Select[Job, str, str, str, str]


@dataclass(frozen=True, slots=True)
class ImportView:
    """One import: where it stands and what it came to."""

    id: int
    public_id: str
    slug: str
    directory: str
    source: str
    by: str
    state: JobState
    progress: int
    total: int
    counts: dict[str, int]
    problem: str
    created_at: datetime
    finished_at: datetime | None
    is_ending: bool
    is_forsaken: bool

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.state not in {JobState.WAITING, JobState.RUNNING}


@dataclass(frozen=True, slots=True)
class ImportRow:
    """What became of one card or row; a contact that may not be seen has no id and no name."""

    position: int
    line: int
    outcome: Outcome
    reasons: tuple[str, ...]
    contact: str
    name: str


def find(session: Session, viewer: Viewer, public_id: str, at: datetime) -> ImportView | None:
    """The import with this name, for who began it and who manages its directory."""
    query = _imports(viewer, at).where(Job.public_id == public_id)
    return next(iter(_views(session, query, at)), None)


def source(session: Session, viewer: Viewer, public_id: str, at: datetime) -> str:
    """Where an import that the viewer may open came from, in its sender's words; "" for none."""
    found = find(session, viewer, public_id, at) if public_id else None
    return found.source if found else ""


def of_directory(
    session: Session, viewer: Viewer, directory_id: int, at: datetime, limit: int = 20
) -> list[ImportView]:
    """The last imports into a directory that the viewer may open, the newest first."""
    query = _imports(viewer, at).where(Directory.id == directory_id)
    return _views(session, query.order_by(Job.id.desc()).limit(limit), at)


def rows(  # noqa: PLR0913 - one question, as the page asks it
    session: Session,
    viewer: Viewer,
    job: ImportView,
    at: datetime,
    outcome: str = "",
    after: int = -1,
    limit: int = 50,
) -> list[ImportRow]:
    """Some rows of an import that was found, in the order of the file, behind one position."""
    query = (
        select(JobRow, Contact.public_id)
        .outerjoin(Contact, Contact.id == JobRow.contact_id)
        .where(JobRow.job_id == job.id, JobRow.position > after, *_only(outcome))
    )
    found = [
        (row, public_id or "")
        for row, public_id in session.execute(query.order_by(JobRow.position).limit(limit))
    ]
    ids = [public_id for _, public_id in found if public_id]
    cards = contacts.several(session, viewer, Channel.PORTAL, ids, at)
    names = {public_id: card.shown_name() for public_id, card in cards.items()}
    return [
        ImportRow(
            row.position,
            row.line,
            row.outcome,
            tuple(filter(None, row.reason.split("\n"))),
            public_id if public_id in names else "",
            names.get(public_id, ""),
        )
        for row, public_id in found
    ]


def _only(outcome: str) -> Sequence[ColumnElement[bool]]:
    return (JobRow.outcome == Outcome(outcome),) if outcome else ()


def _imports(viewer: Viewer, at: datetime) -> _Found:
    return (
        select(Job, Directory.slug, Directory.name, Source.detail, User.name)
        .join(Directory, is_into())
        .join(Source, Source.id == Job.arguments["source_id"].as_integer())
        .outerjoin(User, User.id == Job.user_id)
        .where(opened_by(viewer, at))
    )


def _views(session: Session, query: _Found, at: datetime) -> list[ImportView]:
    found = session.execute(query).all()
    unfinished = {JobState.WAITING, JobState.RUNNING}
    beat = heartbeat(session) if any(row[0].state in unfinished for row in found) else at
    nobody_works = beat is None or beat <= at - SILENCE
    return [
        ImportView(
            *(job.id, job.public_id, slug, directory, source, by or ""),
            *(job.state, job.progress, job.total),
            counts={n: c for n, c in (job.result or {}).items() if isinstance(c, int)},
            problem=(job.result or {}).get("problem", ""),
            created_at=job.created_at,
            finished_at=job.finished_at,
            is_ending=job.cancel_asked_at is not None,
            is_forsaken=nobody_works and (job.claimed_at or job.created_at) <= at - SILENCE,
        )
        for job, slug, directory, source, by in found
    ]
