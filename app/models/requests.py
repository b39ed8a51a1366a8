"""What people ask of us about their data (GDPR Art. 15 to 21), and what became of it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, enumerated


class RequestKind(StrEnum):
    """What somebody asks for."""

    ACCESS = "access"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    OBJECTION = "objection"
    PORTABILITY = "portability"


class RequestWay(StrEnum):
    """How a request came; from a colleague, where somebody said it to him in passing."""

    PAGE = "page"
    MAIL = "mail"
    PAPER = "paper"
    PHONE = "phone"
    STAFF = "staff"


class StepKind(StrEnum):
    """What happened to a request; ASKED is that we asked who he is, and wait for it."""

    TAKEN = "taken"
    NOTE = "note"
    ASKED = "asked"
    IDENTITY = "identity"
    EXTENDED = "extended"
    CLOSED = "closed"


class Identity(StrEnum):
    """By what we know that it is really he who asks."""

    NONE = "none"
    MAILBOX = "mailbox"
    IN_PERSON = "in-person"
    KNOWN = "known"
    OTHER = "other"


class RequestOutcome(StrEnum):
    """How a request ended; VOID is one that he took back, or that was entered by mistake."""

    DONE = "done"
    PARTLY = "partly"
    REFUSED = "refused"
    VOID = "void"


class SubjectRequest(Base):
    """A request of a person, as it came: nothing of this ever changes.

    `number` is what he is told, and what addresses call it. `subject_id` is None where nobody
    has found out yet who it is. `words` and `wanted` (field: value, for a correction) are his;
    `email` is where our answers go. Whether it is open, who takes care of it and when it is due
    are read from its steps.
    """

    __tablename__ = "subject_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[RequestKind] = mapped_column(enumerated(RequestKind))
    way: Mapped[RequestWay] = mapped_column(enumerated(RequestWay))
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("consent_subject.id"), index=True)
    received_at: Mapped[datetime] = mapped_column(index=True)
    recorded_at: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    language: Mapped[str] = mapped_column(default="")
    words: Mapped[str] = mapped_column(default="")
    wanted: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    email: Mapped[str] = mapped_column(default="")


class RequestStep(Base):
    """Something that happened to a request; only ever added.

    `value` is a word of the kind's vocabulary, `words` are a colleague's. The last one that was
    taken, checked or closed holds; of an extension the first.
    """

    __tablename__ = "request_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("subject_request.id"), index=True)
    at: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    kind: Mapped[StepKind] = mapped_column(enumerated(StepKind))
    value: Mapped[str] = mapped_column(default="")
    words: Mapped[str] = mapped_column(default="")
