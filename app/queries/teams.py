"""Teams for those who run the place: who belongs to them, and until when."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cards.text import sort_key
from app.db import FOREVER
from app.models import Team, TeamMember, User
from app.queries.people import surname_first


@dataclass(frozen=True, slots=True)
class Member:
    """One period in which somebody belongs to a team; `until` is None without an end."""

    user_id: int
    name: str
    email: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class TeamView:
    """A team: who belongs to it now, who will, and who did; each by surname."""

    id: int
    slug: str
    name: str
    present: tuple[Member, ...]
    future: tuple[Member, ...]
    past: tuple[Member, ...]


def everything(session: Session, at: datetime) -> list[TeamView]:
    """All teams by name."""
    rows = session.scalars(select(Team)).all()
    return sorted(_views(session, list(rows), at), key=lambda one: sort_key(one.name))


def one(session: Session, slug: str, at: datetime) -> TeamView | None:
    """The team with this slug, or None."""
    row = session.scalar(select(Team).where(Team.slug == slug))
    return next(iter(_views(session, [row] if row else [], at)), None)


def slugs(session: Session) -> set[str]:
    """Every slug that a team has."""
    return set(session.scalars(select(Team.slug)))


def _views(session: Session, rows: list[Team], at: datetime) -> list[TeamView]:
    query = (
        select(TeamMember, User)
        .join(User, User.id == TeamMember.user_id)
        .where(TeamMember.team_id.in_([row.id for row in rows]))
        .order_by(TeamMember.valid_from)
    )
    found: dict[int, list[tuple[TeamMember, User]]] = defaultdict(list)
    for member, user in session.execute(query):
        found[member.team_id].append((member, user))
    return [_view(row, found[row.id], at) for row in rows]


def _view(row: Team, pairs: list[tuple[TeamMember, User]], at: datetime) -> TeamView:
    pairs = sorted(pairs, key=lambda pair: sort_key(surname_first(pair[1].name)))
    living = [pair for pair in pairs if pair[0].valid_from < pair[0].valid_until]
    return TeamView(
        *(row.id, row.slug, row.name),
        present=tuple(_member(*p) for p in living if p[0].valid_from <= at < p[0].valid_until),
        future=tuple(_member(*p) for p in living if p[0].valid_from > at),
        past=tuple(_member(*p) for p in living if p[0].valid_until <= at),
    )


def _member(row: TeamMember, user: User) -> Member:
    until = None if row.valid_until == FOREVER else row.valid_until
    return Member(user.id, user.name, user.email, row.valid_from, until)
