"""Who could see a contact, over which channel and through what, in a period that may be past.

Facts are fetched once, and app.policy.intervals reads the policy's sentences over them for the
whole period: the statements never grow. The intervals are exact for the facts as they are
recorded now:

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
from typing import Any

from sqlalchemy import BigInteger, Select, literal, select
from sqlalchemy.orm import Session

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
from app.policy import Channel, intervals
from app.policy.intervals import Through
from app.queries import former, past_facts
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
    homes: set[int] = field(default_factory=set)
    edits: list[Edit] = field(default_factory=list)
    users: set[int] = field(default_factory=set)
    turns: dict[int | None, set[datetime]] = field(default_factory=lambda: defaultdict(set))
    devices: dict[int, list[Device]] = field(default_factory=lambda: defaultdict(list))

    def stood(self, query: Query, at: datetime) -> Query:
        """The query about the facts as they stood then."""
        return former.as_it_stood(query, self.edits, at, self.dialect)


def could_see(session: Session, contact_id: int, start: datetime, end: datetime) -> list[Sight]:
    """Every interval of [start, end) in which somebody could see the contact, by user."""
    world = facts_about(session, contact_id, start, end)
    users = [user for user in session.scalars(select(User)) if user.id in world.users]
    facts = past_facts.fetch(session, contact_id, world.homes, world.edits, (start, end))
    ids = [device.id for found in world.devices.values() for device in found]
    devices = past_facts.devices(session, ids, world.edits)
    standing = intervals.homes(facts)
    return [
        _sight(user, channel, device, *opened)
        for user in sorted(users, key=lambda user: user.email)
        for channel, device in _ways(world.devices[user.id])
        for opened in intervals.openings(
            facts, standing, user.id, channel, devices[device.id] if device else ()
        )
    ]


def _ways(devices: list[Device]) -> Iterator[tuple[Channel, Device | None]]:
    yield Channel.PORTAL, None
    for device in devices:
        yield Channel.CARDDAV, device
    yield Channel.EXPORT, None


def _sight(
    user: User,
    channel: Channel,
    device: Device | None,
    through: Through,
    start: datetime,
    end: datetime,
) -> Sight:
    return Sight(
        user=user.name,
        email=user.email,
        channel=channel.value,
        device_id=device.public_id if device else None,
        device=device.name if device else None,
        start=start,
        end=end,
        fields=Profile(through.level).name.lower(),
        grants=through.grants,
        projects=through.projects,
    )


def facts_about(session: Session, contact_id: int, start: datetime, end: datetime) -> World:
    """What has a say in who sees the contact in [start, end); the statements never grow."""
    world = World(contact_id, start, end, session.get_bind().dialect.name)
    homes = {session.scalars(select(Contact.directory_id).where(Contact.id == contact_id)).one()}
    moved = former.edits(session, {"contact": {contact_id}}, start)
    homes |= {edit.old for edit in moved if edit.column == "directory_id"}
    world.homes = homes
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
