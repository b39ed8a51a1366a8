"""Whose account an administrator may touch: those of owners and of the DPO are owners' business.

Else whoever runs the system could make himself an owner, or sign in as one, and see everything.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Refused
from app.models import RoleName, UserRole
from app.policy import Viewer, in_role
from app.queries.people import GUARDED
from app.services.audit import Actor

_WORDS = "only an owner decides about owners and the data protection officer"


def of_user(session: Session, user_id: int) -> frozenset[RoleName]:
    """The roles of a user, whether he is disabled or not."""
    return frozenset(session.scalars(select(UserRole.role).where(UserRole.user_id == user_id)))


def demand(session: Session, actor: Actor, roles: Iterable[RoleName], at: datetime) -> None:
    """Raises Refused where these roles are an owner's business and the actor is none.

    The operator at the shell decides about everybody.
    """
    if GUARDED & set(roles):
        demand_owner(session, actor, _WORDS, at)


def demand_over(session: Session, actor: Actor, user_id: int, at: datetime) -> None:
    """The same for somebody's account; everybody may act on his own."""
    if actor.user_id != user_id:
        demand(session, actor, of_user(session, user_id), at)


def demand_owner(session: Session, actor: Actor, words: str, at: datetime) -> None:
    """Raises Refused in these words where a user acts who is no owner."""
    if actor.user_id is None:
        return
    is_owner = in_role(Viewer(actor.user_id), RoleName.OWNER, at=at)
    held = select(UserRole.role).where(UserRole.user_id == actor.user_id, is_owner)
    if session.scalar(held.limit(1)) is None:
        raise Refused(words)
