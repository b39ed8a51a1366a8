"""Links of people without an account, as they come back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import tokens
from app.models import PublicToken, TokenKind


@dataclass(frozen=True, slots=True)
class HeldToken:
    """What a link is about; `id` is for the service that notes its use."""

    id: int
    kind: TokenKind
    subject_id: int | None
    scope: dict[str, Any]
    created_at: datetime
    valid_until: datetime
    used_at: datetime | None


def find(session: Session, token: str, kind: TokenKind, at: datetime) -> HeldToken | None:
    """The link of this token where it is of this kind and not over; else None, for any reason."""
    found = find_ended(session, token, kind)
    return found if found is not None and found.valid_until > at else None


def of_mailbox(session: Session, token: str, at: datetime) -> HeldToken | None:
    """The link to somebody's own page."""
    return find(session, token, TokenKind.PREFERENCES, at)


def of_stop(session: Session, token: str, at: datetime) -> HeldToken | None:
    """The link that stops."""
    return find(session, token, TokenKind.WITHDRAW, at)


def of_undoing(session: Session, token: str, at: datetime) -> HeldToken | None:
    """The link that undoes a typed stop."""
    return find(session, token, TokenKind.UNDO, at)


def find_ended(session: Session, token: str, kind: TokenKind) -> HeldToken | None:
    """The same, also where it is over: for sending a fresh one to the address on file."""
    query = select(PublicToken).where(
        PublicToken.digest == tokens.digest(token), PublicToken.kind == kind
    )
    row = session.scalar(query)
    if row is None:
        return None
    said = (row.subject_id, dict(row.scope), row.created_at, row.valid_until, row.used_at)
    return HeldToken(row.id, row.kind, *said)
