"""Directories, purposes and grants, as the operator lists and names them."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app.errors import NotFound
from app.models import Contact, Directory, Grant, Purpose, Team, User
from app.models.kinds import Profile

_RIGHTS = ("read", "edit", "sync", "export", "manage")


def get_directory(session: Session, slug: str) -> Directory:
    """The directory with this slug. Raises NotFound."""
    row = session.scalar(select(Directory).where(Directory.slug == slug))
    if row is None:
        raise NotFound(f"there is no directory {slug}")
    return row


def get_purpose(session: Session, slug: str) -> Purpose:
    """The purpose with this slug. Raises NotFound."""
    row = session.scalar(select(Purpose).where(Purpose.slug == slug))
    if row is None:
        raise NotFound(f"there is no purpose {slug}")
    return row


def directories(session: Session, at: datetime) -> list[dict[str, Any]]:
    """All directories with the number of contacts that are there."""
    there = (
        select(func.count())
        .where(Contact.directory_id == Directory.id, Contact.erased_at > at, Contact.merged_at > at)
        .scalar_subquery()
    )
    query = select(Directory, Purpose.slug, there).join(Purpose, Purpose.id == Directory.purpose_id)
    return [
        {
            "id": row.id,
            "slug": row.slug,
            "name": row.name,
            "preset": row.preset,
            "purpose": purpose,
            "basis": row.basis.value,
            "fallback_basis": row.fallback_basis or None,
            "sync": row.sync_policy.value,
            "contacts": contacts,
        }
        for row, purpose, contacts in session.execute(query.order_by(Directory.slug))
    ]


def purposes(session: Session) -> list[dict[str, Any]]:
    """All purposes with the one above each."""
    above = aliased(Purpose)
    query = select(Purpose, above.slug).outerjoin(above, above.id == Purpose.parent_id)
    return [
        {
            "id": row.id,
            "slug": row.slug,
            "name": row.name,
            "parent": parent,
            "media": row.media.split(),
            "recipients": row.recipients.splitlines(),
            "validity": row.validity or None,
            "double_opt_in": row.double_opt_in,
            "marketing": row.is_marketing,
        }
        for row, parent in session.execute(query.order_by(Purpose.slug))
    ]


def grants(session: Session, at: datetime) -> list[dict[str, Any]]:
    """All grants, the ended ones too, in the order in which they were given."""
    query = (
        select(Grant, Directory.slug, User.email, Team.slug)
        .join(Directory, Directory.id == Grant.directory_id)
        .outerjoin(User, User.id == Grant.user_id)
        .outerjoin(Team, Team.id == Grant.team_id)
    )
    return [
        {
            "id": row.id,
            "on": directory,
            "to": email or f"team:{team}",
            "can": [right for right in _RIGHTS if getattr(row, f"can_{right}")],
            "scope": row.scope.value,
            "fields": _fields(row.fields),
            "reason": row.reason,
            "from": row.valid_from,
            "until": row.valid_until,
            "is_live": row.valid_from <= at < row.valid_until,
        }
        for row, directory, email, team in session.execute(query.order_by(Grant.id))
    ]


def _fields(level: int) -> str | None:
    profile = Profile(level)
    return None if profile is Profile.BY_CHANNEL else profile.name.lower()
