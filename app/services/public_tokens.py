"""Links for people without an account: issued, marked as used, swept when they are long over."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app import tokens
from app.models import PublicToken, TokenKind

TERMS: Mapping[TokenKind, timedelta] = {
    TokenKind.CONFIRM: timedelta(days=7),
    TokenKind.PREFERENCES: timedelta(hours=24),
    TokenKind.WITHDRAW: timedelta(days=731),
    TokenKind.RECEIPT: timedelta(days=731),
    TokenKind.UNDO: timedelta(days=90),
}
"""For how long a link works; the one that stops must outlive the mail it stands in."""

KEPT = timedelta(days=90)
"""How long one that is over can still be asked to send a fresh one."""


def issue(
    session: Session,
    kind: TokenKind,
    subject_id: int | None,
    at: datetime,
    *,
    scope: Mapping[str, Any] | None = None,
    term: timedelta | None = None,
) -> str:
    """A fresh link: its token, of which only the digest stays. Writes no audit row of its own."""
    token = tokens.random_token(192)
    row = PublicToken(
        digest=tokens.digest(token),
        kind=kind,
        subject_id=subject_id,
        scope=dict(scope or {}),
        created_at=at,
        valid_until=at + (TERMS[kind] if term is None else term),
    )
    session.add(row)
    session.flush()
    return token


def use(session: Session, token_id: int, at: datetime) -> None:
    """Note that a link was used; the first time counts."""
    row = session.get_one(PublicToken, token_id)
    row.used_at = row.used_at or at
    session.flush()


def sweep(session: Session, at: datetime) -> int:
    """Delete links that are long over; how many."""
    old = delete(PublicToken).where(PublicToken.valid_until <= at - KEPT)
    return len(session.scalars(old.returning(PublicToken.id)).all())
