"""Long work as rows: waiting, claimed by one worker at a time, cancelled, taken up again.

Who works renews his claim with every step. A job that was silent for a minute lost its worker
and may be claimed anew; the number of the claim stops the old one, should he wake up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_, select
from sqlalchemy.orm import Session

from app import tokens
from app.db import instant_text
from app.errors import NotFound, Refused
from app.models import Job, JobFile
from app.models.kinds import ActorKind, JobKind, JobState
from app.queries.jobs import SILENCE
from app.services.audit import OPERATOR, Actor, record

MOST_LOSSES = 5
"""A job that lost so many workers is left to a person."""

ENDED = frozenset(JobState) - {JobState.WAITING, JobState.RUNNING}


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on a job, until somebody else claims it."""

    job_id: int
    number: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a job stands: how much of how much is done, and whether it is being taken back."""

    state: JobState
    progress: int
    total: int
    is_ending: bool


def add(
    session: Session,
    actor: Actor,
    total: int,
    arguments: Mapping[str, Any],
    at: datetime,
    public_id: str = "",
) -> Job:
    """A job that waits for a worker; its name outside is drawn where it has none yet."""
    job = Job(
        public_id=public_id or tokens.random_token(),
        kind=JobKind.IMPORT,
        arguments=dict(arguments),
        total=total,
        result={},
        user_id=actor.user_id,
        created_at=at,
    )
    session.add(job)
    session.flush()
    return job


def actor_of(job: Job) -> Actor:
    """For whom a job is done."""
    return OPERATOR if job.user_id is None else Actor(ActorKind.USER, job.user_id)


def find(session: Session, job_id: int) -> Job:
    """The job, held until the transaction ends. Raises NotFound."""
    query = select(Job).where(Job.id == job_id).with_for_update(key_share=True)
    job = session.scalar(query.execution_options(populate_existing=True))
    if job is None:
        raise NotFound(f"there is no job {job_id}")
    return job


def claim(session: Session, at: datetime, job_id: int | None = None) -> Claim | None:
    """Take up this job, or the oldest that waits or lost its worker; None where there is none."""
    query = select(Job).where(_claimable(at)).order_by(Job.id).limit(1)
    if job_id is None:
        query = query.where(Job.losses < MOST_LOSSES)
    else:
        query = query.where(Job.id == job_id)
    job = session.scalar(query.with_for_update(skip_locked=True))
    if job is None:
        return None
    job.losses += job.state is JobState.RUNNING
    job.state, job.claimed_at, job.claims = JobState.RUNNING, at, job.claims + 1
    session.flush()
    return Claim(job.id, job.claims)


def is_any_waiting(session: Session, at: datetime) -> bool:
    """Whether a worker would find something to do."""
    query = select(Job.id).where(_claimable(at), Job.losses < MOST_LOSSES).limit(1)
    return session.scalar(query) is not None


def hold(session: Session, held: Claim, at: datetime) -> Job:
    """The claimed job, its claim renewed.

    Raises Refused where it is somebody else's by now.
    """
    job = find(session, held.job_id)
    if job.state is not JobState.RUNNING or job.claims != held.number:
        raise Refused(f"job {job.id} is somebody else's work by now")
    job.claimed_at = at
    return job


def release(session: Session, held: Claim, at: datetime) -> None:
    """Give a job back unfinished, for the next worker to go on with at once."""
    hold(session, held, at).state = JobState.WAITING
    session.flush()


def note(job: Job, **more: object) -> None:
    """Add to the result of a job."""
    job.result = {**(job.result or {}), **more}


def finish(session: Session, job: Job, state: JobState, at: datetime) -> None:
    """End a job; its file goes with the end."""
    job.state, job.finished_at = state, at
    session.flush()
    session.execute(delete(JobFile).where(JobFile.job_id == job.id))


def take_back(session: Session, actor: Actor, job_id: int, at: datetime) -> Job:
    """Ask that a job stops before its next step and takes back what it brought, finished or not.

    Never refused; one that was asked before is no error. Raises NotFound.
    """
    job = find(session, job_id)
    if job.cancel_asked_at is not None:
        return job
    was_over = job.state in ENDED
    if was_over:
        note(job, finished_at=instant_text(job.finished_at or at))
        job.state, job.losses, job.finished_at = JobState.WAITING, 0, None
    job.cancel_asked_at = at
    action = "job.undo" if was_over else "job.cancel"
    record(session, actor, action, ("job", job.id), at)
    session.flush()
    return job


def standing(job: Job) -> Standing:
    """Where a job stands."""
    return Standing(job.state, job.progress, job.total, job.cancel_asked_at is not None)


def _claimable(at: datetime) -> ColumnElement[bool]:
    silent = and_(Job.state == JobState.RUNNING, Job.claimed_at <= at - SILENCE)
    return or_(Job.state == JobState.WAITING, silent)
