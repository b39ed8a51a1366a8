"""Asking people anew before their consent ends: a campaign, and who was invited by it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class RenewalCampaign(Base):
    """One press that asked people anew for a purpose, by the version of its notice of then."""

    __tablename__ = "renewal_campaign"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    purpose_id: Mapped[int] = mapped_column(ForeignKey("purpose.id"), index=True)
    notice_key: Mapped[str]
    notice_version: Mapped[int]
    started_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    started_at: Mapped[datetime]
    invited: Mapped[int]
    cancelled_at: Mapped[datetime | None]


class RenewalInvitation(Base):
    """One mail of a campaign. Nobody is asked twice about the same end of a consent.

    `asked` holds for each box of the page: medium, the ids of the purposes that stand there by
    name, and its words. `nonce` is that of the events which a press of the button leaves.
    """

    __tablename__ = "renewal_invitation"
    __table_args__ = (UniqueConstraint("contact_id", "purpose_id", "ends_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("renewal_campaign.id"), index=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id"))
    subject_id: Mapped[int] = mapped_column(ForeignKey("consent_subject.id"), index=True)
    purpose_id: Mapped[int] = mapped_column(ForeignKey("purpose.id"))
    ends_at: Mapped[datetime]
    notice_version_id: Mapped[int] = mapped_column(ForeignKey("notice_version.id"))
    message_id: Mapped[int] = mapped_column(ForeignKey("outbox_message.id"), index=True)
    nonce: Mapped[str] = mapped_column(unique=True)
    language: Mapped[str]
    asked: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    invited_at: Mapped[datetime]
