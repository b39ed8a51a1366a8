"""Lost phones: what is known of each, and what was decided about it."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, enumerated
from app.models.kinds import FactKind


class Incident(Base):
    """A device with contacts on it that is in hands we do not know.

    Only what cannot change is here: which device, who reported it when, and whether we managed
    it then. Whether it is open, and how much of the 72 hours is left, is read from the facts.
    """

    __tablename__ = "incident"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"), unique=True)
    opened_at: Mapped[datetime] = mapped_column(index=True)
    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    was_managed: Mapped[bool]


class IncidentFact(Base):
    """Something that became known of an incident, was advised or was decided; only ever added.

    The last one of its kind holds. `value` is a word of the kind's vocabulary, `words` are a
    person's; `since_at` is set for the one that says since when the loss is known.
    """

    __tablename__ = "incident_fact"

    id: Mapped[int] = mapped_column(primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id"), index=True)
    at: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    kind: Mapped[FactKind] = mapped_column(enumerated(FactKind))
    value: Mapped[str] = mapped_column(default="")
    words: Mapped[str] = mapped_column(default="")
    since_at: Mapped[datetime | None]
