"""Contact points to which something is stopped: by keyed hash, so that it outlives the contact."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db import FOREVER, Base, enumerated
from app.models.kinds import PointKind


class StopScope(StrEnum):
    """What is stopped: a purpose with all below it, all marketing, or that and coming back.

    REIMPORT is for who was erased: no file brings him back.
    """

    PURPOSE = "purpose"
    MARKETING = "marketing"
    REIMPORT = "reimport"


class StopGround(StrEnum):
    """Why: consent withdrawn, GDPR Art. 21, Art. 17, "take me off the list", mail came back."""

    WITHDRAWAL = "withdrawal"
    OBJECTION = "objection"
    ERASURE = "erasure"
    OFF_LIST = "off-list"
    BOUNCE = "bounce"


class Authority(StrEnum):
    """On whose word: the person's own press, a typed address, a colleague's entry, or our own.

    What the person pressed himself was never recorded in error.
    """

    SUBJECT = "subject"
    TYPED = "typed"
    STAFF = "staff"
    SYSTEM = "system"


class StopEnd(StrEnum):
    """Why one counts no more: the mailbox said that it was not him, or two people that we erred."""

    UNDONE = "undone"
    ERROR = "error"


class Suppression(Base):
    """One contact point to which something is stopped; only ever added, and ended at most once.

    `subject_id` is whose it is; empty where it is about the point, whoever has it. `media` are
    the words of Medium (none: all). `event_id` is the consent event that it stands for; `closed`
    the legal bases that ended with it (id, former end), to be told again if it is undone. A
    later act of the person is stronger without ending anything.
    """

    __tablename__ = "suppression"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("consent_subject.id"), index=True)
    point_kind: Mapped[PointKind] = mapped_column(enumerated(PointKind))
    point_mac: Mapped[str] = mapped_column(index=True)
    point_key_id: Mapped[str]
    scope: Mapped[StopScope] = mapped_column(enumerated(StopScope))
    purpose_id: Mapped[int | None] = mapped_column(ForeignKey("purpose.id"), index=True)
    media: Mapped[list[str]] = mapped_column(JSON, default=list)
    ground: Mapped[StopGround] = mapped_column(enumerated(StopGround))
    authority: Mapped[Authority] = mapped_column(enumerated(Authority))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("consent_event.id"), index=True)
    closed: Mapped[list[list[Any]]] = mapped_column(JSON, default=list)
    begun_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(index=True)
    valid_until: Mapped[datetime] = mapped_column(default=FOREVER)
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[StopEnd | None] = mapped_column(enumerated(StopEnd))


class StopDoubt(Base):
    """That a colleague says a suppression was recorded in error; another one has to agree."""

    __tablename__ = "stop_doubt"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    suppression_id: Mapped[int] = mapped_column(ForeignKey("suppression.id"), index=True)
    reason: Mapped[str]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    asked_at: Mapped[datetime]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    answered_at: Mapped[datetime | None]
    is_agreed: Mapped[bool | None]
