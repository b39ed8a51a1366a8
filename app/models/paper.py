"""Consents on paper: pads of numbered blanks, and what was brought in of them."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, enumerated


class PaperOutcome(StrEnum):
    """What became of a paper that was read."""

    GIVEN = "given"
    REFUSED = "refused"
    UNREADABLE = "unreadable"
    CARD = "card"


class PaperPad(Base):
    """Blanks that were printed together: the same words, the same notice, numbers in a row."""

    __tablename__ = "paper_pad"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    collection_point_id: Mapped[int] = mapped_column(ForeignKey("collection_point.id"), index=True)
    form_id: Mapped[int] = mapped_column(ForeignKey("consent_form.id"))
    notice_version_id: Mapped[int] = mapped_column(ForeignKey("notice_version.id"))
    language: Mapped[str]
    printed_at: Mapped[datetime]
    printed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))


class PaperForm(Base):
    """One blank; its number is printed on it, with a last digit that catches slips.

    `spoiled_at`: it was thrown away, so nobody waits for it.
    """

    __tablename__ = "paper_form"

    id: Mapped[int] = mapped_column(primary_key=True)
    pad_id: Mapped[int] = mapped_column(ForeignKey("paper_pad.id"), index=True)
    spoiled_at: Mapped[datetime | None]


class PaperScan(Base):
    """A paper in the inbox: its proof (a scan, or where the original is), and what it turned out.

    `paper_form_id` is the blank that it was, None while that is not known and for business cards.
    """

    __tablename__ = "paper_scan"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    collection_point_id: Mapped[int] = mapped_column(ForeignKey("collection_point.id"), index=True)
    evidence_id: Mapped[int] = mapped_column(ForeignKey("evidence.id"), unique=True)
    paper_form_id: Mapped[int | None] = mapped_column(ForeignKey("paper_form.id"), unique=True)
    is_card: Mapped[bool] = mapped_column(default=False)
    brought_at: Mapped[datetime]
    brought_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    outcome: Mapped[PaperOutcome | None] = mapped_column(enumerated(PaperOutcome))
    settled_at: Mapped[datetime | None] = mapped_column(index=True)
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
