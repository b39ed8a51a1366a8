"""Who was reminded for a take-back board, and when last."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.models import OutboxMessage, User

EVERY = timedelta(days=1)
"""A person is reminded for one board no more often."""


def cause(board: str) -> str:
    """How the outbox names reminders for a board, which is named as in "project:4"."""
    return f"remind:{board}"


def last(session: Session, board: str, emails: Collection[str]) -> dict[str, datetime]:
    """When people were last reminded for this board, by e-mail; those who were not are absent."""
    query = (
        select(User.email, func.max(OutboxMessage.created_at))
        .join(OutboxMessage, OutboxMessage.user_id == User.id)
        .where(User.email.in_(emails), OutboxMessage.cause == cause(board))
        .group_by(User.email)
    )
    return {row[0]: row[1] for row in session.execute(query)}
