"""What happened to consents: only ever added; what holds is a reading of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db import FOREVER, Base, enumerated
from app.models.consent_kinds import ConsentActor, ConsentType, Expression, Precision
from app.models.kinds import PointKind


class ConsentSubject(Base):
    """Whose consents they are: a random reference that outlives the contact it belongs to.

    A person who was asked and has not answered yet may have no contact.
    """

    __tablename__ = "consent_subject"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(unique=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contact.id"), index=True)
    created_at: Mapped[datetime]


class ConsentEvent(Base):
    """One thing that happened to a consent; triggers let nobody change or delete it.

    What opens covers exactly the pairs in `covers` (purpose id, medium), which were displayed
    by name. What closes covers `purpose_id` and all that is or will be below it, by `media`
    (none: by every one). `refers_to_id` is what a confirmation confirms. The values about the
    person, BLANKABLE, may only become empty. Points are kept by a keyed hash beside the value.
    """

    __tablename__ = "consent_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    subject_id: Mapped[int] = mapped_column(ForeignKey("consent_subject.id"), index=True)
    purpose_id: Mapped[int] = mapped_column(ForeignKey("purpose.id"), index=True)
    type: Mapped[ConsentType] = mapped_column(enumerated(ConsentType))
    covers: Mapped[list[list[Any]]] = mapped_column(JSON, default=list)
    media: Mapped[list[str]] = mapped_column(JSON, default=list)
    refers_to_id: Mapped[int | None] = mapped_column(ForeignKey("consent_event.id"))

    occurred_at: Mapped[datetime]
    precision: Mapped[Precision] = mapped_column(enumerated(Precision))
    recorded_at: Mapped[datetime] = mapped_column(index=True)
    valid_until: Mapped[datetime] = mapped_column(default=FOREVER, index=True)

    actor_kind: Mapped[ConsentActor] = mapped_column(enumerated(ConsentActor))
    actor_id: Mapped[int | None]
    expression: Mapped[Expression] = mapped_column(enumerated(Expression))
    collection_point_id: Mapped[int | None] = mapped_column(
        ForeignKey("collection_point.id"), index=True
    )
    notice_version_id: Mapped[int | None] = mapped_column(
        ForeignKey("notice_version.id"), index=True
    )
    form_id: Mapped[int | None] = mapped_column(ForeignKey("consent_form.id"))
    form_sha256: Mapped[str] = mapped_column(default="")
    statement: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="")
    rendered_at: Mapped[datetime | None]
    nonce: Mapped[str] = mapped_column(default="", index=True)
    origin: Mapped[str] = mapped_column(default="")

    point_kind: Mapped[PointKind | None] = mapped_column(enumerated(PointKind))
    point_mac: Mapped[str] = mapped_column(default="", index=True)
    point_key_id: Mapped[str] = mapped_column(default="")
    point_value: Mapped[str] = mapped_column(default="")
    page: Mapped[str] = mapped_column(default="")
    ip: Mapped[str] = mapped_column(default="")
    user_agent: Mapped[str] = mapped_column(default="")


class EventEvidence(Base):
    """What proves an event; written with it, never afterwards."""

    __tablename__ = "event_evidence"

    event_id: Mapped[int] = mapped_column(ForeignKey("consent_event.id"), primary_key=True)
    evidence_id: Mapped[int] = mapped_column(
        ForeignKey("evidence.id"), primary_key=True, index=True
    )
