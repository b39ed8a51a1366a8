"""Mail that goes out, and what was announced by it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, enumerated


class AnnouncementKind(StrEnum):
    """What can be announced: an end of access or of a project, or access to be looked at again."""

    ACCESS = "access"
    PROJECT = "project"
    REVIEW = "review"


class OutboxMessage(Base):
    """A mail written in the transaction of the act that causes it; sent by the worker.

    Who sends it holds it by the number of his claim. `cause` names the act, `link` is the page
    of the portal that it is about; `unsubscribe` is the address at which its reader stops such
    mails, without a login; `problem` are the mail server's last words. The bodies are erased
    after a while, the row stays.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        Index(
            "ux_outbox_message_public_id",
            "public_id",
            unique=True,
            sqlite_where=text("public_id <> ''"),
            postgresql_where=text("public_id <> ''"),
        ),
        Index("ix_outbox_message_user_id_cause", "user_id", "cause"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(default="", server_default="")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    to: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    html: Mapped[str] = mapped_column(default="", server_default="")
    language: Mapped[str] = mapped_column(default="", server_default="")
    cause: Mapped[str]
    link: Mapped[str] = mapped_column(default="", server_default="")
    unsubscribe: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(index=True)
    claimed_at: Mapped[datetime | None]
    claims: Mapped[int] = mapped_column(default=0, server_default="0")
    sent_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(default="")


class Announcement(Base):
    """That somebody was told of an end, so many days ahead: written with the mail that says it.

    `ref_id` is a grant or a project. An end that is moved is another end.
    """

    __tablename__ = "announcement"
    __table_args__ = (UniqueConstraint("user_id", "kind", "ref_id", "ends_at", "days"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    kind: Mapped[AnnouncementKind] = mapped_column(enumerated(AnnouncementKind))
    ref_id: Mapped[int]
    ends_at: Mapped[datetime]
    days: Mapped[int]
    announced_at: Mapped[datetime]
    message_id: Mapped[int] = mapped_column(ForeignKey("outbox_message.id"), index=True)


class AccessReview(Base):
    """Somebody looked at access that has no end, and said that it is still right."""

    __tablename__ = "access_review"

    id: Mapped[int] = mapped_column(primary_key=True)
    grant_id: Mapped[int] = mapped_column(ForeignKey("grant.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    reviewed_at: Mapped[datetime]
