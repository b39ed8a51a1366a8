"""What proves consents: papers, mails, files, recordings; and who opened them."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, enumerated
from app.models.consent_kinds import EvidenceKind


class Evidence(Base):
    """One thing that proves consents: its bytes, or the place where the original is kept.

    `sha256` is that of the original that was handed in, `mime` and `size` (bytes) those of what
    is kept of it; empty and 0 where only its place is known. `blob_sha256` is where the sealed
    bytes lie, None once they were erased.
    """

    __tablename__ = "evidence"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[EvidenceKind] = mapped_column(enumerated(EvidenceKind))
    sha256: Mapped[str] = mapped_column(default="", index=True)
    mime: Mapped[str] = mapped_column(default="")
    size: Mapped[int] = mapped_column(default=0)
    original_place: Mapped[str] = mapped_column(default="")
    captured_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    captured_at: Mapped[datetime] = mapped_column(index=True)
    blob_sha256: Mapped[str | None] = mapped_column(ForeignKey("blob.sha256"))
    erased_at: Mapped[datetime | None]


class EvidenceOpening(Base):
    """That a colleague opened a proof, and why: for a few minutes he alone may look at it."""

    __tablename__ = "evidence_opening"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    reason: Mapped[str]
    opened_at: Mapped[datetime]
