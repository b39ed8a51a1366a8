"""What happened: audit, consultations, hand-overs; and the plumbing of jobs."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, enumerated
from app.models.kinds import ActorKind, JobKind, JobState, Outcome


class AuditEvent(Base):
    """One act, written in the transaction of the act. Holds no personal data.

    `prev_hash`, `hash` and `sealed_at` are filled by the worker, which seals in batches:
    chaining inside each transaction would make all writers wait for each other.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_subject_kind_subject_id", "subject_kind", "subject_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor_kind: Mapped[ActorKind] = mapped_column(enumerated(ActorKind))
    actor_id: Mapped[int | None]
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[int | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    prev_hash: Mapped[str | None]
    hash: Mapped[str | None]
    sealed_at: Mapped[datetime | None]


class Consultation(Base):
    """One request in which contacts were shown to a user, with the ids shown."""

    __tablename__ = "consultation"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    user_id: Mapped[int] = mapped_column(index=True)
    page: Mapped[str]
    contact_ids: Mapped[list[int]] = mapped_column(JSON)


class HandOver(Base):
    """A contact that left by export, print or transfer: to whom, why, with which fields."""

    __tablename__ = "hand_over"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    contact_id: Mapped[int] = mapped_column(index=True)
    channel: Mapped[str]
    recipient: Mapped[str]
    reason: Mapped[str]
    fields: Mapped[int]
    user_id: Mapped[int | None]


class Job(Base):
    """Long work with progress that can be cancelled, and taken back when it is done.

    Who works on it renews `claimed_at` with every step and holds it by the number of his claim:
    one that was thought dead and wakes up finds another number and stops. `losses` counts how
    often a worker was lost. `cancel_asked_at` stands from the moment when somebody wants it
    taken back, before its end or after.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index(
            "ux_job_public_id",
            "public_id",
            unique=True,
            sqlite_where=text("public_id <> ''"),
            postgresql_where=text("public_id <> ''"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(default="")
    kind: Mapped[JobKind] = mapped_column(enumerated(JobKind))
    state: Mapped[JobState] = mapped_column(enumerated(JobState), default=JobState.WAITING)
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    progress: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime]
    cancel_asked_at: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]
    claims: Mapped[int] = mapped_column(default=0)
    losses: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None]


class JobFile(Base):
    """The file that a job works on, until it ends: then nobody needs what stands in it."""

    __tablename__ = "job_file"

    job_id: Mapped[int] = mapped_column(ForeignKey("job.id"), primary_key=True)
    bytes: Mapped[bytes] = mapped_column(LargeBinary)


class JobRow(Base):
    """What became of one card of an import.

    `before` holds what only an import writes (UID and fingerprint), as it was and as it set it,
    so that taking back can restore it.
    """

    __tablename__ = "job_row"

    job_id: Mapped[int] = mapped_column(ForeignKey("job.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    line: Mapped[int]
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"))
    outcome: Mapped[Outcome] = mapped_column(enumerated(Outcome))
    reason: Mapped[str] = mapped_column(default="")
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class WaitingFile(Base):
    """A file that somebody sent to the portal and has not imported yet; it is kept for a day.

    `reading` says how it is read, `checked` what an import would do, row by row.
    """

    __tablename__ = "waiting_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    directory_id: Mapped[int] = mapped_column(ForeignKey("directory.id"))
    name: Mapped[str]
    source: Mapped[str]
    bytes: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    reading: Mapped[dict[str, Any]] = mapped_column(JSON)
    total: Mapped[int] = mapped_column(default=0)
    checked: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True), deferred=True)
    checked_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(index=True)


class ColumnMapping(Base):
    """What somebody said about the columns of tables with this header, by its digest."""

    __tablename__ = "column_mapping"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    header: Mapped[str] = mapped_column(primary_key=True)
    fields: Mapped[list[str]] = mapped_column(JSON)
    used_at: Mapped[datetime]


class Heartbeat(Base):
    """When a part of the system was last alive; the worker's row is the floor of the clock."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class Organisation(Base):
    """The one row about the organisation that runs this instance.

    Its text stands on the sentinel card of every book, so a change of it is a fact. The
    `phone_policy` is what a person agrees to who sets up a phone; it stands on no card. The
    people in the cards write to `rights_email` or `rights_phone` (empty: to the ones for help)
    and may complain to the `authority`. `tells_unknown`: who asks what is held about him gets
    a mail also where nothing is.
    """

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    help_email: Mapped[str] = mapped_column(default="")
    help_phone: Mapped[str] = mapped_column(default="")
    portal_url: Mapped[str] = mapped_column(default="")
    phone_policy: Mapped[str] = mapped_column(default="", server_default="")
    rights_email: Mapped[str] = mapped_column(default="", server_default="")
    rights_phone: Mapped[str] = mapped_column(default="", server_default="")
    authority: Mapped[str] = mapped_column(default="", server_default="")
    tells_unknown: Mapped[bool] = mapped_column(default=False, server_default=false())
    version: Mapped[int] = mapped_column(BigInteger, default=0)


class Touched(Base):
    """The journal of facts that moved, appended by triggers only.

    On SQLite the order of `id` is the order of commits; on PostgreSQL `xid` is compared with
    the oldest transaction still open, since ids may commit out of order.
    """

    __tablename__ = "touched"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    xid: Mapped[int | None] = mapped_column(BigInteger, index=True)
    reach: Mapped[str]
    ref_id: Mapped[int]
    user_id: Mapped[int | None]


class FactHistory(Base):
    """The earlier value of a column that a clause reads, kept by triggers only."""

    __tablename__ = "fact_history"
    __table_args__ = (Index("ix_fact_history_fact_row_id", "fact", "row_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    fact: Mapped[str]
    row_id: Mapped[int]
    field: Mapped[str]
    old: Mapped[str | None]
    new: Mapped[str | None]
    changed_at: Mapped[datetime]
