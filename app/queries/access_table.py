"""Everybody who can reach contacts of one directory, through what, and who could before.

For those who oversee the directory: names of colleagues and numbers of contacts, never a card.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, not_, or_, select
from sqlalchemy.orm import Session

from app.models import (
    Contact,
    Grant,
    Participation,
    Project,
    ProjectMember,
    Suspension,
    SuspensionKind,
    Team,
    TeamMember,
    User,
)
from app.models.kinds import Profile, Scope
from app.policy import Channel, Viewer
from app.policy.visibility import erased, live, merged_away, no_legal_basis, restricted

RIGHTS = ("read", "edit", "sync", "export", "manage")
PAST_SHOWN = 100
_OF_THE_CONTACT = (erased, restricted, merged_away, no_legal_basis)


@dataclass(frozen=True, slots=True)
class Person:
    """A colleague; who is disabled reaches nothing, whose phones are stopped has it here only."""

    id: int
    name: str
    email: str
    is_disabled: bool = False
    is_off_phones: bool = False


@dataclass(frozen=True, slots=True)
class TeamName:
    """A team to choose."""

    id: int
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One reason why somebody can reach contacts: a grant to a person or a team, or a project.

    `kind` is person, team or project; `members` are those it reaches. `contacts` is a number
    for projects alone; `grant_id` is 0 there. `fields` is the name of a profile, "" where the
    way decides. `until` may be FOREVER. `given_by` is "" where the operator gave it.
    """

    kind: str
    name: str
    slug: str
    members: tuple[Person, ...]
    rights: frozenset[str]
    scope: Scope
    fields: str
    start: datetime
    until: datetime
    given_by: str = ""
    reason: str = ""
    grant_id: int = 0
    contacts: int = 0


@dataclass(frozen=True, slots=True)
class AccessTable:
    """Who has access now or will have it, and the last of those who had it."""

    present: list[Entry] = field(default_factory=list)
    past: list[Entry] = field(default_factory=list)

    @property
    def people(self) -> frozenset[int]:
        """The ids of all whom something reaches that holds now or later."""
        found = (person for entry in self.present for person in entry.members)
        return frozenset(person.id for person in found if not person.is_disabled)


def table(session: Session, directory_id: int, at: datetime) -> AccessTable:
    """The whole table of one directory."""
    mine = Grant.directory_id == directory_id
    live_or_later = _grants(session, mine, Grant.valid_until > at)
    over = _grants(session, mine, Grant.valid_until <= at, limit=PAST_SHOWN)
    names = _Names(session, [*live_or_later, *over], at)
    present = [*map(names.entry, live_or_later)]
    projects = _through_projects(session, directory_id, at)
    return AccessTable(
        present=[*sorted(present, key=_by_name), *sorted(projects, key=_by_name)],
        past=[*map(names.entry, over)],
    )


def entry(session: Session, directory_id: int, grant_id: int, at: datetime) -> Entry | None:
    """One grant of this directory, over or not; None where it is another's or absent."""
    found = _grants(session, Grant.directory_id == directory_id, Grant.id == grant_id)
    return next(map(_Names(session, found, at).entry, found), None)


def people(session: Session, at: datetime) -> list[Person]:
    """Everybody to whom something can be given, by name."""
    found = _people(session, at, not_(_suspended(SuspensionKind.DISABLED, at)))
    return sorted(found.values(), key=lambda person: (person.name.casefold(), person.email))


def teams(session: Session) -> list[TeamName]:
    """Every team, by name."""
    found = [TeamName(*row) for row in session.execute(select(Team.id, Team.slug, Team.name))]
    return sorted(found, key=lambda team: team.name.casefold())


def is_known(session: Session, email: str) -> bool:
    """Whether there is an account with this address, disabled or not."""
    return session.scalar(select(User.id).where(User.email == email)) is not None


def of_team(session: Session, team_id: int, at: datetime) -> tuple[Person, ...]:
    """Who belongs to a team now, by name."""
    return _team_members(session, [team_id], at)[team_id]


def reaches(at: datetime) -> ColumnElement[bool]:
    """Whether nothing in a Contact itself keeps it from everybody."""
    nobody = Viewer(user_id=0)
    vetoes = (clause(nobody, Channel.PORTAL, at) for clause in _OF_THE_CONTACT)
    return not_(or_(*vetoes))


class _Names:
    """Who is behind the ids of some grants, looked up once for all of them."""

    def __init__(self, session: Session, grants: Iterable[Grant], at: datetime) -> None:
        rows = list(grants)
        ids = {row.user_id for row in rows} | {row.granted_by_id for row in rows}
        team_ids = [row.team_id for row in rows if row.team_id is not None]
        self._people = _people(session, at, User.id.in_(ids - {None}))
        self._teams = {
            row.id: row for row in session.scalars(select(Team).where(Team.id.in_(team_ids)))
        }
        self._members = _team_members(session, team_ids, at)

    def entry(self, row: Grant) -> Entry:
        """The grant in words and names."""
        giver = self._people.get(row.granted_by_id or 0)
        if row.team_id is None:
            person = self._people[row.user_id or 0]
            kind, name, slug = "person", person.name, ""
            members: tuple[Person, ...] = (person,)
        else:
            team = self._teams[row.team_id]
            kind, name, slug, members = "team", team.name, team.slug, self._members[team.id]
        return Entry(
            kind=kind,
            name=name,
            slug=slug,
            members=members,
            rights=frozenset(right for right in RIGHTS if getattr(row, f"can_{right}")),
            scope=row.scope,
            fields=Profile(row.fields).name.lower() if row.fields else "",
            start=row.valid_from,
            until=row.valid_until,
            given_by=giver.name if giver else "",
            reason=row.reason,
            grant_id=row.id,
        )


def _by_name(one: Entry) -> tuple[str, datetime]:
    return one.name.casefold(), one.start


def _grants(
    session: Session, *where: ColumnElement[bool], limit: int | None = None
) -> Sequence[Grant]:
    """Those that end last come first."""
    query = select(Grant).where(*where).order_by(Grant.valid_until.desc(), Grant.id.desc())
    return session.scalars(query.limit(limit)).all()


def _people(session: Session, at: datetime, *where: ColumnElement[bool]) -> dict[int, Person]:
    return {row[0]: Person(*row) for row in session.execute(_person(at).where(*where))}


def _person(at: datetime) -> Select[int, str, str, bool, bool]:
    return select(
        User.id,
        User.name,
        User.email,
        _suspended(SuspensionKind.DISABLED, at),
        _suspended(SuspensionKind.SYNC, at),
    )


def _suspended(kind: SuspensionKind, at: datetime) -> ColumnElement[bool]:
    return exists().where(
        Suspension.user_id == User.id, Suspension.kind == kind, live(Suspension, at)
    )


def _team_members(
    session: Session, team_ids: Iterable[int], at: datetime
) -> dict[int, tuple[Person, ...]]:
    query = (
        _person(at)
        .add_columns(TeamMember.team_id)
        .join(TeamMember, TeamMember.user_id == User.id)
        .where(TeamMember.team_id.in_(set(team_ids)), live(TeamMember, at))
    )
    return _gathered(session.execute(query.distinct()).all())


def _through_projects(session: Session, directory_id: int, at: datetime) -> list[Entry]:
    """Projects open now or later whose members reach contacts of this directory."""
    taking_part = (
        select(Project, func.count(Contact.id.distinct()))
        .join(Participation, Participation.project_id == Project.id)
        .join(Contact, Contact.id == Participation.contact_id)
        .where(
            Contact.directory_id == directory_id,
            Participation.valid_until > at,
            Project.ends_at > at,
            reaches(at),
        )
        .group_by(Project.id)
    )
    rows = session.execute(taking_part).all()
    members = (
        _person(at)
        .add_columns(ProjectMember.project_id)
        .join(ProjectMember, ProjectMember.user_id == User.id)
        .where(ProjectMember.project_id.in_([row[0].id for row in rows]))
        .where(ProjectMember.valid_until > at)
    )
    working = _gathered(session.execute(members.distinct()).all())
    return [
        Entry(
            kind="project",
            name=project.name,
            slug=project.slug,
            members=working[project.id],
            rights=frozenset({"read", "sync"} if project.allows_sync else {"read"}),
            scope=Scope.ALL,
            fields=Profile(project.fields).name.lower(),
            start=project.starts_at,
            until=project.ends_at,
            contacts=contacts,
        )
        for project, contacts in rows
        if working[project.id]
    ]


def _gathered(rows: Iterable[Any]) -> dict[int, tuple[Person, ...]]:
    """People by the last column of their rows, in the order of their names."""
    found: dict[int, list[Person]] = defaultdict(list)
    for *person, group in sorted(rows, key=lambda row: (row[1].casefold(), row[2])):
        found[group].append(Person(*person))
    return defaultdict(tuple, {group: tuple(members) for group, members in found.items()})
