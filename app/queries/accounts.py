"""Users and teams, as the operator lists and names them."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app.cards.points import email_norm
from app.errors import NotFound
from app.models import Suspension, SuspensionKind, Team, TeamMember, User, UserRole
from app.policy.visibility import live


def get_user(session: Session, email: str) -> User:
    """The user with this address, however it is spelled. Raises NotFound."""
    row = session.scalar(select(User).where(User.email == email_norm(email)))
    if row is None:
        raise NotFound(f"there is no user {email}")
    return row


def get_team(session: Session, slug: str) -> Team:
    """The team with this slug. Raises NotFound."""
    row = session.scalar(select(Team).where(Team.slug == slug))
    if row is None:
        raise NotFound(f"there is no team {slug}")
    return row


def users(session: Session, at: datetime) -> list[dict[str, Any]]:
    """All users with their roles, the disabled ones too, by address."""
    disabled = exists().where(
        Suspension.user_id == User.id,
        Suspension.kind == SuspensionKind.DISABLED,
        live(Suspension, at),
    )
    roles = defaultdict(list)
    for user_id, role in session.execute(select(UserRole.user_id, UserRole.role)):
        roles[user_id].append(role.value)
    rows = session.execute(select(User, disabled).order_by(User.email))
    return [
        {
            "id": user.id,
            "email": user.email,
            "name": user.name,
            "roles": sorted(roles[user.id]),
            "state": "disabled" if is_disabled else "active",
            "created_at": user.created_at,
        }
        for user, is_disabled in rows
    ]


def teams(session: Session, at: datetime) -> list[dict[str, Any]]:
    """All teams with the addresses of those who belong to them now."""
    members = defaultdict(list)
    query = (
        select(TeamMember.team_id, User.email)
        .join(User, User.id == TeamMember.user_id)
        .where(live(TeamMember, at))
    )
    for team_id, email in session.execute(query.distinct().order_by(User.email)):
        members[team_id].append(email)
    return [
        {"id": row.id, "slug": row.slug, "name": row.name, "members": members[row.id]}
        for row in session.scalars(select(Team).order_by(Team.slug))
    ]
