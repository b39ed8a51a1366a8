"""Long work as those read it who wait for it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.errors import NotFound
from app.models import Contact, Directory, Job, JobRow, Source
from app.models.kinds import JobState, Outcome
from app.policy import Action, Viewer, allowed

_BROUGHT = (Outcome.CREATED, Outcome.UPDATED, Outcome.KEPT)

SILENCE = timedelta(minutes=1)
"""A running job that has said nothing for so long has lost who worked on it."""

_COUNTS = frozenset(
    {"created", "updated", "unchanged", "suppressed", "invalid", "erased", "restored", "kept"}
)


def is_into() -> ColumnElement[bool]:
    """Whether an import goes into a Directory."""
    goes_there: ColumnElement[bool] = Directory.id == Job.arguments["directory_id"].as_integer()
    return goes_there


def opened_by(viewer: Viewer, at: datetime) -> ColumnElement[bool]:
    """Whether the viewer may open an import: who began it, and who manages its Directory."""
    return or_(Job.user_id == viewer.user_id, allowed(viewer, Action.MANAGE, at))


def brought(name: ColumnElement[str], viewer: Viewer, at: datetime) -> Select[int | None]:
    """The ids of contacts that an import made or changed and did not take back.

    None of them where the viewer may not open the import with this public id.
    """
    query = select(JobRow.contact_id).join(Job, Job.id == JobRow.job_id).join(Directory, is_into())
    return query.where(Job.public_id == name, opened_by(viewer, at), JobRow.outcome.in_(_BROUGHT))


def listing(session: Session, at: datetime) -> list[dict[str, Any]]:
    """All jobs, the newest first."""
    return _read(session, at)


def one(session: Session, job_id: int, at: datetime) -> dict[str, Any]:
    """One job with the result of every card so far. Raises NotFound."""
    found = _read(session, at, job_id)
    if not found:
        raise NotFound(f"there is no job {job_id}")
    return {**found[0], "rows": rows(session, job_id)}


def rows(session: Session, job_id: int) -> list[dict[str, Any]]:
    """What became of each card, in the order of the file; of what is taken back only what stays.

    Past the policy: for the operator's questions alone.
    """
    query = (
        select(JobRow.line, Contact.public_id, JobRow.outcome, JobRow.reason)
        .outerjoin(Contact, Contact.id == JobRow.contact_id)
        .where(JobRow.job_id == job_id)
    )
    return [
        {"line": line, "uid": uid, "outcome": outcome.value, "reason": reason.replace("\n", " ")}
        for line, uid, outcome, reason in session.execute(query.order_by(JobRow.position))
    ]


def _read(session: Session, at: datetime, job_id: int | None = None) -> list[dict[str, Any]]:
    query = select(Job).order_by(Job.id.desc())
    if job_id is not None:
        query = query.where(Job.id == job_id)
    jobs = session.scalars(query).all()
    homes = _texts(session, _named(jobs, "directory_id"), Directory.id, Directory.slug)
    sources = _texts(session, _named(jobs, "source_id"), Source.id, Source.detail)
    return [
        {
            "id": job.id,
            "kind": job.kind.value,
            "state": _state(job, at),
            "directory": homes.get(job.arguments["directory_id"]),
            "source": sources.get(job.arguments["source_id"]),
            "progress": job.progress,
            "total": job.total,
            "problem": (job.result or {}).get("problem"),
            "counts": {n: count for n, count in (job.result or {}).items() if n in _COUNTS},
            "created_at": job.created_at,
            "cancel_asked_at": job.cancel_asked_at,
            "finished_at": job.finished_at,
        }
        for job in jobs
    ]


def _state(job: Job, at: datetime) -> str:
    """What stands in the row, or `stopped` where nobody works on a running job any more."""
    is_silent = (job.claimed_at or at) <= at - SILENCE
    return "stopped" if job.state is JobState.RUNNING and is_silent else job.state.value


def _named(jobs: Iterable[Job], name: str) -> set[int]:
    return {job.arguments[name] for job in jobs}


def _texts(
    session: Session,
    ids: set[int],
    key: InstrumentedAttribute[int],
    text: InstrumentedAttribute[str],
) -> dict[int, str]:
    query = select(key, text).where(key.in_(ids))
    return {row[0]: row[1] for row in session.execute(query)}
