"""Colleagues for those who run the place: who they are, and no contact."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.cards.text import sort_key
from app.models import (
    Device,
    RoleName,
    Suspension,
    SuspensionKind,
    Team,
    TeamMember,
    User,
    UserRole,
)
from app.policy.visibility import live

GUARDED = frozenset({RoleName.OWNER.value, RoleName.DPO.value})
"""Roles that owners alone give, take and act on."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """One person with a login. `disabled_since` is None while he may sign in.

    `phones` counts the devices whose password is not dead.
    """

    id: int
    name: str
    email: str
    language: str
    created_at: datetime
    has_password: bool
    roles: tuple[str, ...]
    teams: tuple[str, ...]
    phones: int
    disabled_since: datetime | None

    @property
    def is_guarded(self) -> bool:
        """Whether owners alone act on his account."""
        return bool(GUARDED & set(self.roles))


def everybody(session: Session, at: datetime) -> list[Colleague]:
    """All colleagues in the Czech order of their surnames, the disabled ones too."""
    found = _colleagues(session, session.scalars(select(User)).all(), at)
    return sorted(found, key=lambda one: (sort_key(surname_first(one.name)), one.email))


def colleague(session: Session, user_id: int, at: datetime) -> Colleague | None:
    """One colleague, or None."""
    row = session.get(User, user_id)
    return next(iter(_colleagues(session, [row] if row else [], at)), None)


def active(session: Session, at: datetime) -> list[Colleague]:
    """Those who are not disabled, by surname."""
    return [one for one in everybody(session, at) if one.disabled_since is None]


def surname_first(name: str) -> str:
    """A name as lists are ordered: `Jan Chalupa, Ph.D.` stands under `Chalupa Jan`."""
    words = name.partition(",")[0].split()
    return " ".join([*words[-1:], *words[:-1]])


def _colleagues(session: Session, rows: Iterable[User], at: datetime) -> list[Colleague]:
    rows = list(rows)
    ids = [row.id for row in rows]
    roles = _grouped(
        session.execute(select(UserRole.user_id, UserRole.role).where(UserRole.user_id.in_(ids)))
    )
    teams = _grouped(
        session.execute(
            select(TeamMember.user_id, Team.name)
            .join(Team, Team.id == TeamMember.team_id)
            .where(TeamMember.user_id.in_(ids), live(TeamMember, at))
            .distinct()
        )
    )
    phones = session.execute(
        select(Device.user_id, func.count())
        .where(Device.user_id.in_(ids), Device.emptied_at > at, Device.given_up_at > at)
        .group_by(Device.user_id)
    )
    disabled = session.execute(
        select(Suspension.user_id, func.min(Suspension.valid_from))
        .where(
            Suspension.user_id.in_(ids),
            Suspension.kind == SuspensionKind.DISABLED,
            live(Suspension, at),
        )
        .group_by(Suspension.user_id)
    )
    counts: dict[int, int] = dict(phones.all())
    since: dict[int, datetime] = dict(disabled.all())
    return [
        Colleague(
            *(row.id, row.name, row.email, row.language, row.created_at),
            has_password=bool(row.password_hash),
            roles=tuple(sorted(roles[row.id])),
            teams=tuple(sorted(teams[row.id], key=sort_key)),
            phones=counts.get(row.id, 0),
            disabled_since=since.get(row.id),
        )
        for row in rows
    ]


def _grouped(pairs: Iterable[Any]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for user_id, word in pairs:
        found[user_id].append(str(word))
    return found
