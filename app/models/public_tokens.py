"""Links that people without an account hold: each a random token, of which the digest is kept."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, enumerated


class TokenKind(StrEnum):
    """What a link is for; one of them opens nothing of another."""

    CONFIRM = "confirm"
    PREFERENCES = "preferences"
    WITHDRAW = "withdraw"
    RECEIPT = "receipt"
    UNDO = "undo"


class PublicToken(Base):
    """One link. `scope` says more of what it is about; each kind has its own words for it.

    `used_at` is when it was first used; whether that ends it is for its kind to say.
    """

    __tablename__ = "public_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[TokenKind] = mapped_column(enumerated(TokenKind))
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("consent_subject.id"), index=True)
    scope: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime]
    valid_until: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]
