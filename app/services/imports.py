"""Imports: cards into a directory, again and again without doubles, one result for each card.

An import is a job: begun, taken in a few cards at a time, finished. It never refuses for the
basis: who has none is there, but hidden, and his row says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.cards.read import Record
from app.models import Directory, Job, JobFile, JobRow
from app.models.kinds import JobState, SourceKind
from app.policy import Action
from app.services import checks, contact_rows, jobs
from app.services.audit import Actor, record
from app.services.contact_rows import Writing
from app.services.intake import Intake, Ready, Report, Row, ready
from app.services.rights import demand

CHUNK = 100
"""So many cards are written at a time: on SQLite all other writers wait for them."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file with cards, how many there are in it, and where it came from in a person's words.

    `reading` says how the file is read, in the words of whoever reads it.
    """

    data: bytes
    total: int
    source: str
    reading: Mapping[str, Any] = field(default_factory=dict)
    public_id: str = ""


def begin(session: Session, actor: Actor, directory_id: int, upload: Upload, at: datetime) -> Job:
    """A job that will import a file; its audit row covers all that it is going to write.

    Raises Refused where the actor may not edit the directory, Invalid without a source.
    """
    home = demand(session, actor, Action.EDIT, directory_id, at)
    detail = checks.name(upload.source, "source")
    origin = contact_rows.add_source(session, actor, SourceKind.IMPORT, detail, at)
    arguments = {
        "directory_id": home.id,
        "source_id": origin.id,
        "reading": dict(upload.reading),
    }
    job = jobs.add(session, actor, upload.total, arguments, at, upload.public_id)
    session.add(JobFile(job_id=job.id, bytes=upload.data))
    record(session, actor, "contact.import", ("directory", home.id), at, job=job.id)
    session.flush()
    return job


def home_of(session: Session, job: Job) -> Directory:
    """The directory into which a job imports."""
    return session.get_one(Directory, job.arguments["directory_id"])


def take(session: Session, job: Job, cards: Sequence[Ready], at: datetime) -> list[Row]:
    """Take the next cards in and note what became of them.

    Raises Refused where the one for whom it is done may not edit the directory any more.
    """
    actor = jobs.actor_of(job)
    home = demand(session, actor, Action.EDIT, job.arguments["directory_id"], at)
    _lock(session, home.id)
    writing = Writing(home, job.arguments["source_id"], actor, at)
    rows = Intake(session, home, at, writing).take(cards)
    _note_rows(session, job, rows)
    before = job.result or {}
    counts = {name: before.get(name, 0) + n for name, n in Report(rows).counts().items()}
    jobs.note(job, **counts)
    job.progress += len(rows)
    session.flush()
    return rows


def finish(session: Session, job: Job, at: datetime) -> None:
    """End an import all of whose cards were taken."""
    counts = {**Report([]).counts(), **(job.result or {})}
    jobs.note(job, **counts)
    subject = ("directory", job.arguments["directory_id"])
    record(session, jobs.actor_of(job), "contact.imported", subject, at, job=job.id, **counts)
    jobs.finish(session, job, JobState.DONE, at)


def rehearse(
    session: Session,
    actor: Actor,
    directory_id: int,
    records: Iterable[Record],
    source: str,
    at: datetime,
) -> Report:
    """What an import would do, from reading alone: nothing is written, not even for a moment."""
    home = demand(session, actor, Action.EDIT, directory_id, at)
    checks.name(source, "source")
    intake, cards, rows = Intake(session, home, at), ready(records, home.country), []
    while some := list(islice(cards, CHUNK)):
        rows += intake.take(some)
    return Report(rows)


def _lock(session: Session, directory_id: int) -> None:
    """Let imports into one directory take turns, or two of the same file would make doubles.

    Who adds a contact by hand does not wait for it. On SQLite a writer is alone anyway.
    """
    query = select(Directory.id).where(Directory.id == directory_id)
    session.execute(query.with_for_update(key_share=True)).all()


def _note_rows(session: Session, job: Job, rows: Sequence[Row]) -> None:
    values = [
        {
            "job_id": job.id,
            "position": job.progress + number,
            "line": row.line,
            "contact_id": row.entry.id if row.entry is not None else None,
            "outcome": row.outcome,
            "reason": row.reason,
            "before": row.before,
        }
        for number, row in enumerate(rows)
    ]
    if values:
        session.execute(insert(JobRow), values)
