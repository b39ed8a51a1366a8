"""Projects, as the operator lists and names them."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models import Participation, Project, ProjectMember, User
from app.models.kinds import Profile
from app.policy.visibility import live


def get_project(session: Session, slug: str) -> Project:
    """The project with this slug. Raises NotFound."""
    row = session.scalar(select(Project).where(Project.slug == slug))
    if row is None:
        raise NotFound(f"there is no project {slug}")
    return row


def projects(session: Session, at: datetime) -> list[dict[str, Any]]:
    """All projects, the ended ones too, with who works in them and how many contacts now."""
    members = _members(session, at)
    contacts = (
        select(func.count(Participation.contact_id.distinct()))
        .where(Participation.project_id == Project.id, live(Participation, at))
        .scalar_subquery()
    )
    return [
        {
            "id": row.id,
            "slug": row.slug,
            "name": row.name,
            "sync": row.allows_sync,
            "fields": Profile(row.fields).name.lower(),
            "starts": row.starts_at,
            "ends": row.ends_at,
            "is_open": row.starts_at <= at < row.ends_at,
            "members": members[row.id],
            "contacts": count,
        }
        for row, count in session.execute(select(Project, contacts).order_by(Project.slug))
    ]


def _members(session: Session, at: datetime) -> dict[int, list[str]]:
    query = (
        select(ProjectMember.project_id, User.email)
        .join(User, User.id == ProjectMember.user_id)
        .where(live(ProjectMember, at))
    )
    found: dict[int, list[str]] = defaultdict(list)
    for project_id, email in session.execute(query.distinct().order_by(User.email)):
        found[project_id].append(email)
    return found
