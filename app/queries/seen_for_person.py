"""The answer of app.queries.seen as the person himself gets it: dates and purposes, no staff.

What a person is told of lookups of his data is when and for which purpose, not who did it (Court
of Justice, C-579/21); whom files went to he is told by name (C-154/21). Devices are numbered,
since their names tell whose they are.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Contact, Directory, Grant, Project, Purpose
from app.policy import Channel
from app.queries.access import Sight
from app.queries.ledger import Holder
from app.queries.seen import Seen

OVERSIGHT = frozenset({"seen", "sight"})
"""Pages that show a contact to who watches over others, whatever he may use it for himself."""


@dataclass(frozen=True, slots=True)
class Openness:
    """In [start, end) so many colleagues could see the contact this way, for these purposes."""

    channel: str
    start: datetime
    end: datetime
    fields: str
    purposes: tuple[str, ...]
    people: int


@dataclass(frozen=True, slots=True)
class Look:
    """A page showed the contact; no purposes where the one who looked watched over others."""

    at: datetime
    page: str
    purposes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Copy:
    """A device was offered one value of the card; devices are numbered in the order of this."""

    device: int
    state: str
    offered_at: datetime
    fetched_at: datetime | None
    ended_at: datetime | None
    told_at: datetime | None
    listed_at: datetime | None
    confirmed_at: datetime | None
    unreachable_since: datetime | None
    readers: int
    readers_confirmed: int
    is_replaced: bool
    fields: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class File:
    """The contact left in a file or by a transfer."""

    at: datetime
    channel: str
    recipient: str
    reason: str
    fields: str


@dataclass(frozen=True, slots=True)
class SeenForPerson:
    """The four answers without staff; `purposes` are what the contact is kept for now."""

    uid: str
    start: datetime
    end: datetime
    purposes: tuple[str, ...]
    could_see: list[Openness]
    was_shown: list[Look]
    was_held: list[Copy]
    went_out: list[File]


@dataclass(frozen=True, slots=True)
class Through:
    """What opened the contact, by name: directories and purposes by grant, projects by slug."""

    directories: dict[int, str]
    purposes: dict[int, str]
    projects: dict[str, str]

    def purposes_of(self, sight: Sight) -> tuple[str, ...]:
        """What somebody could see it for; a project is its own purpose."""
        named = [self.purposes[grant] for grant in sight.grants]
        named += [self.projects[slug] for slug in sight.projects]
        return tuple(dict.fromkeys(named))

    def openings_of(self, sight: Sight) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The directories and the projects through which somebody could see it."""
        directories = dict.fromkeys(self.directories[grant] for grant in sight.grants)
        return tuple(directories), tuple(self.projects[slug] for slug in sight.projects)


def through(session: Session, sights: list[Sight]) -> Through:
    """The names of everything that opened the contact in these."""
    grants = {grant for sight in sights for grant in sight.grants}
    slugs = {slug for sight in sights for slug in sight.projects}
    query = (
        select(Grant.id, Directory.name, Purpose.name)
        .join(Directory, Directory.id == Grant.directory_id)
        .join(Purpose, Purpose.id == Directory.purpose_id)
        .where(Grant.id.in_(grants))
    )
    rows = session.execute(query).all()
    projects = select(Project.slug, Project.name).where(Project.slug.in_(slugs))
    return Through(
        directories={row[0]: row[1] for row in rows},
        purposes={row[0]: row[2] for row in rows},
        projects={row[0]: row[1] for row in session.execute(projects)},
    )


def of_answer(session: Session, answer: Seen) -> SeenForPerson:
    """The same answer for the person himself."""
    names = through(session, answer.could_see)
    return SeenForPerson(
        uid=answer.uid,
        start=answer.start,
        end=answer.end,
        purposes=_kept_for(session, answer.uid),
        could_see=_openness(answer, names),
        was_shown=_looks(answer, names),
        was_held=_copies(answer),
        went_out=[
            File(one.at, one.channel, one.recipient, one.reason, one.fields)
            for one in answer.went_out
        ],
    )


def _kept_for(session: Session, public_id: str) -> tuple[str, ...]:
    query = (
        select(Purpose.name)
        .join(Directory, Directory.purpose_id == Purpose.id)
        .join(Contact, Contact.directory_id == Directory.id)
        .where(Contact.public_id == public_id)
    )
    return tuple(session.scalars(query))


def _openness(answer: Seen, names: Through) -> list[Openness]:
    """Alike intervals as one, with the number of colleagues."""
    people: dict[Openness, set[str]] = defaultdict(set)
    for one in answer.could_see:
        purposes = names.purposes_of(one)
        alike = Openness(one.channel, one.start, one.end, one.fields, purposes, people=0)
        people[alike].add(one.email)
    found = [replace(one, people=len(emails)) for one, emails in people.items()]
    return sorted(found, key=lambda one: (one.start, one.end, one.channel, one.fields))


def _looks(answer: Seen, names: Through) -> list[Look]:
    by_user: dict[str, list[Sight]] = defaultdict(list)
    for sight in answer.could_see:
        if sight.channel == Channel.PORTAL.value:
            by_user[sight.email].append(sight)

    def purposes(email: str | None, at: datetime) -> tuple[str, ...]:
        sights = by_user.get(email or "", [])
        held = (names.purposes_of(one) for one in sights if one.start <= at < one.end)
        return next(held, ())

    return [
        Look(one.at, one.page, () if one.page in OVERSIGHT else purposes(one.email, one.at))
        for one in answer.was_shown
    ]


def _copies(answer: Seen) -> list[Copy]:
    numbers: dict[str, int] = {}
    return [
        _copy(
            one.holder,
            numbers.setdefault(one.holder.device_id, len(numbers) + 1),
            is_replaced=one.is_replaced,
            fields=one.fields,
            values=one.values,
        )
        for one in answer.was_held
    ]


def _copy(
    holder: Holder, number: int, *, is_replaced: bool, fields: str, values: dict[str, Any]
) -> Copy:
    return Copy(
        device=number,
        state=holder.state.value,
        offered_at=holder.offered_at,
        fetched_at=holder.fetched_at,
        ended_at=holder.ended_at,
        told_at=holder.told_at,
        listed_at=holder.listed_at,
        confirmed_at=holder.confirmed_at,
        unreachable_since=holder.unreachable_since,
        readers=holder.readers,
        readers_confirmed=holder.readers_confirmed,
        is_replaced=is_replaced,
        fields=fields,
        values=values,
    )
