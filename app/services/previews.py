"""What an act would open or take back: the policy asked as if it were done, then undone again.

Each runs in a transaction that writes, inside a savepoint that is always rolled back: nothing
of it stays, and no second text of the rule is needed.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, not_, select
from sqlalchemy.orm import Session

from app.db import FOREVER
from app.models import Assignment, Contact, Device, User
from app.models.kinds import Profile, Scope
from app.policy import Channel, Viewer, profile, visible
from app.policy.visibility import erased, merged_away, no_legal_basis, restricted
from app.queries import access_table
from app.queries.access_table import Person
from app.services import directories, grants
from app.services.audit import Actor
from app.services.grants import Holder, Terms

_AT_ONCE = 20
_NOBODY = Viewer(user_id=0)


@dataclass(frozen=True, slots=True)
class Reach:
    """What one person reaches of a directory: in the portal, and on each device that is in use.

    `fields` and `phone_fields` are the widest profile of any of these contacts, "" for none.
    """

    found: int
    fields: str
    on_phones: tuple[int, ...]
    phone_fields: str


@dataclass(frozen=True, slots=True)
class Forecast:
    """One person before the act, after it, and when what it gives has ended."""

    person: Person
    before: Reach
    after: Reach
    remaining: Reach


@dataclass(frozen=True, slots=True)
class Preview:
    """What a grant would do, person by person, and which contacts stay back for everybody.

    `counts` spells all of its numbers, to tell whether they are still true.
    """

    people: tuple[Forecast, ...]
    no_basis: int
    restricted: int

    @property
    def counts(self) -> str:
        """All numbers in one short text."""
        each = (
            f"{one.person.id}:{one.after.found}:{'.'.join(map(str, one.after.on_phones))}"
            for one in self.people
        )
        return " ".join([*each, f"{self.no_basis}-{self.restricted}"])


@dataclass(frozen=True, slots=True)
class PhoneChange:
    """What another rule for phones does to what may be on them: contacts and phones concerned."""

    leaving: int
    left_phones: int
    coming: int
    reached_phones: int

    @property
    def counts(self) -> str:
        """All numbers in one short text."""
        return f"{self.leaving}.{self.left_phones}.{self.coming}.{self.reached_phones}"


def of_grant(
    session: Session,
    actor: Actor,
    directory_id: int,
    holder: Holder,
    terms: Terms,
    at: datetime,
) -> Preview:
    """What giving this would do. Raises what `grants.give` raises."""
    people = _people(session, holder, at)
    before = _reaches(session, people, directory_id, at)
    with session.begin_nested() as undone:
        grants.give(session, actor, directory_id, holder, terms, at)
        after = _reaches(session, people, directory_id, at)
        until = terms.valid_until or FOREVER
        last = after if until == FOREVER else _reaches(session, people, directory_id, until)
        undone.rollback()
    no_basis, held = _staying_back(session, people, directory_id, terms, at)
    forecasts = zip(people, before, after, last, strict=True)
    return Preview(tuple(Forecast(*one) for one in forecasts), no_basis, held)


def of_rule(
    session: Session, actor: Actor, directory_id: int, sync_policy: str, at: datetime
) -> PhoneChange:
    """What this rule for phones would do to who has access now.

    Raises what `directories.change_rule` raises.
    """
    present = access_table.table(session, directory_id, at).present
    syncing = {one.id: one for entry in present if "sync" in entry.rights for one in entry.members}
    people = list(syncing.values())
    before = _reaches(session, people, directory_id, at)
    with session.begin_nested() as undone:
        directories.change_rule(session, actor, directory_id, sync_policy, at)
        after = _reaches(session, people, directory_id, at)
        undone.rollback()
    pairs = [
        (was, will)
        for old, new in zip(before, after, strict=True)
        for was, will in zip(old.on_phones, new.on_phones, strict=True)
    ]
    lost = [was - will for was, will in pairs if was > will]
    won = [will - was for was, will in pairs if will > was]
    return PhoneChange(max(lost, default=0), len(lost), max(won, default=0), len(won))


def _people(session: Session, holder: Holder, at: datetime) -> list[Person]:
    if holder.team_id is not None:
        members = access_table.of_team(session, holder.team_id, at)
        return [one for one in members if not one.is_disabled]
    return [one for one in access_table.people(session, at) if one.id == holder.user_id]


def _reaches(
    session: Session, people: Sequence[Person], directory_id: int, at: datetime
) -> list[Reach]:
    """What each of them reaches at that instant; some twenty people a statement."""
    devices = _devices(session, [one.id for one in people], at)
    found: list[Reach] = []
    for start in range(0, len(people), _AT_ONCE):
        some = people[start : start + _AT_ONCE]
        ways = [way for one in some for way in _ways(one, devices[one.id])]
        asked = [
            column.label(f"n{place}")
            for place, column in enumerate(
                column for way in ways for column in _counted(directory_id, *way, at)
            )
        ]
        numbers = iter(session.execute(select(*asked)).one())
        for one in some:
            pairs = [(next(numbers), next(numbers)) for _ in _ways(one, devices[one.id])]
            (portal, level), phones = pairs[0], pairs[1:]
            found.append(
                Reach(
                    found=portal,
                    fields=_named(level),
                    on_phones=tuple(number for number, _ in phones),
                    phone_fields=_named(max((width for _, width in phones), default=0)),
                )
            )
    return found


def _ways(one: Person, devices: Iterable[int]) -> list[tuple[Viewer, Channel]]:
    phones = [(Viewer(one.id, device), Channel.CARDDAV) for device in devices]
    return [(Viewer(one.id), Channel.PORTAL), *phones]


def _counted(
    directory_id: int, viewer: Viewer, channel: Channel, at: datetime
) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """How many contacts of the directory he reaches this way, and the widest profile of them."""
    here = (Contact.directory_id == directory_id, visible(viewer, channel, at))
    number = select(func.count()).select_from(Contact).where(*here)
    widest = select(func.coalesce(func.max(profile(viewer, channel, at)), 0))
    return (
        number.scalar_subquery(),
        widest.select_from(Contact).where(*here).scalar_subquery(),
    )


def _named(level: int) -> str:
    return Profile(level).name.lower() if level else ""


def _devices(session: Session, user_ids: list[int], at: datetime) -> dict[int, list[int]]:
    """The devices in use of each of them."""
    query = (
        select(Device.user_id, Device.id)
        .join(User, User.id == Device.user_id)
        .where(Device.user_id.in_(user_ids), Device.enrolled_at <= at, Device.stopped_at > at)
    )
    found: dict[int, list[int]] = defaultdict(list)
    for user_id, device_id in session.execute(query.order_by(Device.id)):
        found[user_id].append(device_id)
    return found


def _staying_back(
    session: Session, people: Sequence[Person], directory_id: int, terms: Terms, at: datetime
) -> tuple[int, int]:
    """How many contacts that the grant covers nobody may use: without a basis, restricted."""
    there = not_(erased(_NOBODY, Channel.PORTAL, at)) & not_(
        merged_away(_NOBODY, Channel.PORTAL, at)
    )
    covered = [Contact.directory_id == directory_id, there]
    if terms.scope == Scope.ASSIGNED:
        ids = [one.id for one in people]
        assigned = exists().where(
            Assignment.contact_id == Contact.id,
            Assignment.user_id.in_(ids),
            Assignment.valid_from <= at,
            Assignment.valid_until > at,
        )
        covered.append(assigned)
    held = restricted(_NOBODY, Channel.PORTAL, at)
    without = and_(no_legal_basis(_NOBODY, Channel.PORTAL, at), not_(held))
    first, second = (
        select(func.count()).select_from(Contact).where(*covered, clause).scalar_subquery()
        for clause in (without, held)
    )
    no_basis, restricted_ones = session.execute(select(first, second)).one()
    return no_basis, restricted_ones
