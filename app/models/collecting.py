"""What lets a website of the organisation hand in consents, and what keeps one act one act."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class SiteKey(Base):
    """The key by which one site speaks for one collection point; only its SHA-256 is kept."""

    __tablename__ = "site_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    collection_point_id: Mapped[int] = mapped_column(ForeignKey("collection_point.id"), index=True)
    site: Mapped[str]
    key_sha256: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Intake(Base):
    """That something came in already, so that it is recorded once however often it is sent.

    `name_sha256` is that of the sender's idempotency key, or of a form's nonce; `body_sha256` of
    what came.
    """

    __tablename__ = "intake"
    __table_args__ = (UniqueConstraint("collection_point_id", "name_sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    collection_point_id: Mapped[int] = mapped_column(ForeignKey("collection_point.id"))
    name_sha256: Mapped[str]
    body_sha256: Mapped[str]
    received_at: Mapped[datetime] = mapped_column(index=True)
