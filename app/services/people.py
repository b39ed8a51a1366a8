"""Colleagues as the people page changes them: their roles, their name, whether they are here."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.errors import Invalid
from app.models import RoleName, Suspension, SuspensionKind, User, UserRole
from app.services import accounts, checks, ranks
from app.services.audit import Actor, record


def set_roles(
    session: Session, actor: Actor, user_id: int, names: Iterable[str], at: datetime
) -> frozenset[RoleName]:
    """Give a user these roles and no others; which of them changed.

    Raises Invalid for no role or an unknown one, Refused where the last owner would be gone,
    or where an administrator gives or takes what owners decide, NotFound.
    """
    row = accounts.get(session, user_id)
    wanted = frozenset(checks.choice(RoleName, name, "role") for name in names)
    if not wanted:
        raise Invalid("role", "everybody has at least one")
    before = ranks.of_user(session, row.id)
    moved = before ^ wanted
    ranks.demand(session, actor, moved, at)
    if RoleName.OWNER in before - wanted:
        accounts.must_not_be_last_owner(session, row.id, at)
    gone = delete(UserRole).where(UserRole.user_id == row.id, UserRole.role.in_(before - wanted))
    session.execute(gone)
    session.add_all(UserRole(user_id=row.id, role=role) for role in sorted(wanted - before))
    roles = {"before": sorted(before), "roles": sorted(wanted)}
    record(session, actor, "user.set_roles", ("user", row.id), at, **roles)
    session.flush()
    return moved


def rename(session: Session, actor: Actor, user_id: int, name: str, at: datetime) -> User:
    """Give a user another name for his colleagues. Raises Invalid, Refused, NotFound."""
    row = accounts.get(session, user_id)
    ranks.demand_over(session, actor, row.id, at)
    row.name = checks.name(name)
    record(session, actor, "user.rename", ("user", row.id), at)
    session.flush()
    return row


def enable_user(session: Session, actor: Actor, user_id: int, at: datetime) -> User:
    """Let a disabled user sign in again; nothing that he lost comes back.

    One who is not disabled is no error. Raises Refused, NotFound.
    """
    row = accounts.get(session, user_id)
    ranks.demand_over(session, actor, row.id, at)
    disabled = select(Suspension).where(
        Suspension.user_id == row.id,
        Suspension.kind == SuspensionKind.DISABLED,
        Suspension.valid_until > at,
    )
    for suspension in session.scalars(disabled.with_for_update()):
        suspension.valid_until = max(at, suspension.valid_from)
    record(session, actor, "user.enable", ("user", row.id), at)
    session.flush()
    return row
