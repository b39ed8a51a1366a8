"""A file that waits in the portal, as the one reads it who sent it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Directory, WaitingFile
from app.models.kinds import Outcome
from app.policy import Action, Viewer, allowed

KEPT = timedelta(days=1)
"""How long a file waits for the one who sent it."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file on its way into a directory; `checked_at` is None before it was rehearsed."""

    public_id: str
    directory_id: int
    slug: str
    directory: str
    name: str
    source: str
    reading: dict[str, Any]
    total: int
    checked_at: datetime | None


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """What an import would do with one card or row, and which fields it would change."""

    line: int
    outcome: Outcome
    name: str
    reasons: tuple[str, ...]
    changed: tuple[str, ...]


def find(session: Session, viewer: Viewer, public_id: str, at: datetime) -> Waiting | None:
    """The file with this name, for its sender alone, and only while he may edit the directory."""
    columns = (
        *(WaitingFile.public_id, Directory.id, Directory.slug, Directory.name, WaitingFile.name),
        *(WaitingFile.source, WaitingFile.reading, WaitingFile.total, WaitingFile.checked_at),
    )
    query = (
        select(*columns)
        .join(Directory, Directory.id == WaitingFile.directory_id)
        .where(
            WaitingFile.public_id == public_id,
            WaitingFile.user_id == viewer.user_id,
            WaitingFile.created_at > at - KEPT,
            allowed(viewer, Action.EDIT, at),
        )
    )
    row = session.execute(query).one_or_none()
    return Waiting(*row) if row else None


def data(session: Session, public_id: str) -> bytes:
    """The bytes of a file; asked for one that was found."""
    query = select(WaitingFile.bytes).where(WaitingFile.public_id == public_id)
    return session.execute(query).scalar_one()


def checked(session: Session, public_id: str) -> list[CheckedRow]:
    """What the rehearsal found out, in the order of the file; asked for a file that was found."""
    query = select(WaitingFile.checked).where(WaitingFile.public_id == public_id)
    return [
        CheckedRow(
            line, Outcome(outcome), name, tuple(filter(None, reason.split("\n"))), (*changed,)
        )
        for line, outcome, name, reason, changed in session.execute(query).scalar_one() or []
    ]
