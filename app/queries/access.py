"""Who could see a contact, over which channel and through what, in a period that may be past.

The policy itself is asked, at the beginning of the period and at every instant within it at
which its answer can change; between two of them it cannot. So the intervals are exact for the
facts as they are recorded now:

- what was entered late counts from when it was said to hold, not from when it was typed;
- columns without a period (a right, the kind of a contact, a directory's rule for phones) count
  as they stood then, within the milliseconds between an edit and its commit;
- a row removed, or a grant moved to another holder, by other means than a command counts as now.

The operator of the machine can read everything at any time and is not listed.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import groupby, pairwise
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, bindparam, false, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.db import Instant
from app.models import (
    Assignment,
    Contact,
    Device,
    Grant,
    LegalBasis,
    Participation,
    Project,
    ProjectMember,
    Restriction,
    Suspension,
    TeamMember,
    User,
)
from app.models.kinds import Profile
from app.policy import Channel, Viewer, profile, visible
from app.policy.visibility import holding_grants, holding_projects
from app.queries import former
from app.queries.former import Edit, Query


@dataclass(frozen=True, slots=True)
class Sight:
    """In [start, end) this user could see the contact; on a phone, on this device.

    `fields` is a profile, `grants` are ids, `projects` slugs: those that opened.
    """

    user: str
    email: str
    channel: str
    device_id: str | None
    device: str | None
    start: datetime
    end: datetime
    fields: str
    grants: tuple[int, ...]
    projects: tuple[str, ...]


@dataclass
class World:
    """What has a say in who sees one contact, as far as it may meet the period."""

    contact_id: int
    start: datetime
    end: datetime
    dialect: str
    edits: list[Edit] = field(default_factory=list)
    users: set[int] = field(default_factory=set)
    turns: dict[int | None, set[datetime]] = field(default_factory=lambda: defaultdict(set))
    devices: dict[int, list[Device]] = field(default_factory=lambda: defaultdict(list))

    def stood(self, query: Query, at: datetime) -> Query:
        """The query about the facts as they stood then."""
        return former.as_it_stood(query, self.edits, at, self.dialect)

    def cuts(self, user_id: int) -> Iterator[tuple[datetime, datetime]]:
        """The parts of the period within which nothing changes for this user."""
        turns = self.turns[None] | self.turns[user_id] | {edit.until for edit in self.edits}
        inner = sorted(at for at in turns if self.start < at < self.end)
        return pairwise([self.start, *inner, self.end])


def could_see(session: Session, contact_id: int, start: datetime, end: datetime) -> list[Sight]:
    """Every interval of [start, end) in which somebody could see the contact, by user."""
    world = facts_about(session, contact_id, start, end)
    users = {u.id: u for u in session.scalars(select(User)) if u.id in world.users}
    return [
        sight
        for user in sorted(users.values(), key=lambda user: user.email)
        for channel, device in _ways(world.devices[user.id])
        for sight in _sights(session, world, user, channel, device)
    ]


def _ways(devices: list[Device]) -> Iterator[tuple[Channel, Device | None]]:
    yield Channel.PORTAL, None
    for device in devices:
        yield Channel.CARDDAV, device
    yield Channel.EXPORT, None


def _sights(
    session: Session, world: World, user: User, channel: Channel, device: Device | None
) -> Iterator[Sight]:
    asked = {"contact": world.contact_id, "user": user.id, "device": device and device.id}
    answers = (
        (_answer(session, world, channel, asked | {"at": since}), since, until)
        for since, until in world.cuts(user.id)
    )
    for through, run in groupby(answers, key=lambda answer: answer[0]):
        parts = list(run)
        if through is None:
            continue
        yield Sight(
            user=user.name,
            email=user.email,
            channel=channel.value,
            device_id=device.public_id if device else None,
            device=device.name if device else None,
            start=parts[0][1],
            end=parts[-1][2],
            fields=Profile(through[0]).name.lower(),
            grants=through[1],
            projects=through[2],
        )


def _answer(
    session: Session, world: World, channel: Channel, asked: dict[str, Any]
) -> tuple[int, tuple[int, ...], tuple[str, ...]] | None:
    """The profile and what opens, or None where it is hidden."""
    verdict, grants, projects = _questions(channel)
    is_visible, level = session.execute(world.stood(verdict, asked["at"]), asked).one()
    if not is_visible:
        return None
    ids = session.scalars(world.stood(grants, asked["at"]), asked)
    slugs = session.scalars(world.stood(projects, asked["at"]), asked)
    return level, tuple(ids), tuple(slugs)


@lru_cache
def _questions(channel: Channel) -> tuple[Select[bool, int], Select[int], Select[str]]:
    """The verdict with the profile, the grants and the projects behind it: made once."""
    viewer = Viewer(bindparam("user", type_=BigInteger), bindparam("device", type_=BigInteger))  # type: ignore[arg-type] # asked with values
    at: datetime = bindparam("at", type_=Instant())  # type: ignore[assignment] # asked with a value
    this = Contact.id == bindparam("contact", type_=BigInteger)
    grants = (
        select(Grant.id)
        .join(Contact, Contact.directory_id == Grant.directory_id)
        .where(this, _among(Grant.id, holding_grants(viewer, channel, at)))
    )
    projects = (
        select(Project.slug)
        .join(Participation, Participation.project_id == Project.id)
        .join(Contact, Contact.id == Participation.contact_id)
        .where(this, _among(Project.id, holding_projects(viewer, channel, at)))
    )
    return (
        select(visible(viewer, channel, at), profile(viewer, channel, at)).where(this),
        grants.order_by(Grant.id),
        projects.order_by(Project.slug).distinct(),
    )


def _among(key: InstrumentedAttribute[int], opening: Select[int] | None) -> ColumnElement[bool]:
    """Whether this row is one of those that open; none is where nothing opens the channel."""
    if opening is None:
        return false()
    return key.in_(opening.with_only_columns(key, maintain_column_froms=True))


def facts_about(session: Session, contact_id: int, start: datetime, end: datetime) -> World:
    """What has a say in who sees the contact in [start, end); the statements never grow."""
    world = World(contact_id, start, end, session.get_bind().dialect.name)
    homes = {session.scalars(select(Contact.directory_id).where(Contact.id == contact_id)).one()}
    moved = former.edits(session, {"contact": {contact_id}}, start)
    homes |= {edit.old for edit in moved if edit.column == "directory_id"}
    for query in _openings(contact_id, homes):
        for user_id, since, until in session.execute(query):
            world.turns[user_id] |= {since, until}
            if since < end and until > start:
                world.users.add(user_id)
    for query in _closings(contact_id):
        for user_id, since, until in session.execute(query):
            world.turns[user_id] |= {since, until}
    for device in session.scalars(select(Device).order_by(Device.id)):
        if device.user_id in world.users and device.enrolled_at < end and device.stopped_at > start:
            world.devices[device.user_id].append(device)
            world.turns[device.user_id] |= {device.enrolled_at, device.stopped_at}
    world.edits = former.edits(session, _rows(session, world, homes), start)
    return world


def _openings(contact_id: int, homes: set[int]) -> list[Select[int, datetime, datetime]]:
    """User and period of everything that may open this contact to him, each fact apart."""
    mine, team = Grant.directory_id.in_(homes), Grant.team_id == TeamMember.team_id
    both = ProjectMember.project_id == Participation.project_id
    this = Participation.contact_id == contact_id
    shared = select(ProjectMember.user_id).join(Participation, both).where(this)
    return [
        select(Grant.user_id, Grant.valid_from, Grant.valid_until).where(
            mine, Grant.user_id.is_not(None)
        ),
        select(TeamMember.user_id, Grant.valid_from, Grant.valid_until)
        .join(Grant, team)
        .where(mine),
        select(TeamMember.user_id, TeamMember.valid_from, TeamMember.valid_until)
        .join(Grant, team)
        .where(mine),
        shared.add_columns(ProjectMember.valid_from, ProjectMember.valid_until),
        shared.add_columns(Participation.valid_from, Participation.valid_until),
        shared.join(Project, Project.id == Participation.project_id).add_columns(
            Project.starts_at, Project.ends_at
        ),
    ]


def _closings(contact_id: int) -> list[Select[Any, datetime, datetime]]:
    """User (None for everybody) and period of everything else that has a say."""
    nobody = literal(None, BigInteger)
    return [
        select(Assignment.user_id, Assignment.valid_from, Assignment.valid_until).where(
            Assignment.contact_id == contact_id
        ),
        select(Suspension.user_id, Suspension.valid_from, Suspension.valid_until),
        select(nobody, LegalBasis.valid_from, LegalBasis.valid_until).where(
            LegalBasis.contact_id == contact_id
        ),
        select(nobody, Restriction.valid_from, Restriction.valid_until).where(
            Restriction.contact_id == contact_id
        ),
        select(nobody, Contact.erased_at, Contact.merged_at).where(Contact.id == contact_id),
    ]


def _rows(session: Session, world: World, homes: set[int]) -> dict[str, set[int]]:
    """The rows, by table, whose columns without a period decide here."""
    grants = select(Grant.id).where(Grant.directory_id.in_(homes))
    projects = select(Participation.project_id).where(Participation.contact_id == world.contact_id)
    return {
        "contact": {world.contact_id},
        "directory": homes,
        "grant": set(session.scalars(grants)),
        "project": set(session.scalars(projects)),
        "device": {device.id for found in world.devices.values() for device in found},
    }
