"""Purposes: what data are used for, in a tree of brands or products."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Conflict, NotFound
from app.models import Purpose
from app.services import checks
from app.services.audit import Actor, record


def add(
    session: Session,
    actor: Actor,
    slug: str,
    name: str,
    at: datetime,
    *,
    parent_id: int | None = None,
) -> Purpose:
    """Add a purpose. Raises Invalid, or Conflict where the slug is taken."""
    row = make(session, slug, name, at, parent_id=parent_id)
    record(session, actor, "purpose.add", ("purpose", row.id), at, parent=parent_id)
    return row


def make(
    session: Session, slug: str, name: str, at: datetime, *, parent_id: int | None = None
) -> Purpose:
    """The row alone, for a directory that brings its own purpose within its own act."""
    if parent_id is not None and session.get(Purpose, parent_id) is None:
        raise NotFound("there is no such purpose to stand above it")
    row = Purpose(
        slug=checks.slug(slug), name=checks.name(name), parent_id=parent_id, created_at=at
    )
    if session.scalar(select(Purpose.id).where(Purpose.slug == row.slug)) is not None:
        raise Conflict(f"the purpose {row.slug} is there already")
    session.add(row)
    session.flush()
    return row
