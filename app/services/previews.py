"""What an act would open or take back: the policy asked as if it were done, then undone again.

Each runs in a transaction that writes, inside a savepoint that is always rolled back: nothing
of it stays, and no second text of the rule is needed.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import FOREVER
from app.models import Assignment, Contact, Device, User
from app.models.kinds import Profile, Scope
from app.policy import Viewer
from app.policy.visibility import live
from app.queries import access_table, reached
from app.queries.access_table import Person
from app.queries.reached import Reached, Stock
from app.services import directories, grants
from app.services.audit import Actor
from app.services.grants import Holder, Terms


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
    stock = reached.stock(session, directory_id, at)
    before = _reaches(session, people, directory_id, stock.usable, at)
    with session.begin_nested() as undone:
        grants.give(session, actor, directory_id, holder, terms, at)
        after = _reaches(session, people, directory_id, stock.usable, at)
        last, until = after, terms.valid_until or FOREVER
        if until != FOREVER:
            usable = reached.stock(session, directory_id, until).usable
            last = _reaches(session, people, directory_id, usable, until)
        undone.rollback()
    no_basis, held = _staying_back(session, people, directory_id, terms, stock, at)
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
    people, usable = list(syncing.values()), reached.stock(session, directory_id, at).usable
    before = _reaches(session, people, directory_id, usable, at)
    with session.begin_nested() as undone:
        directories.change_rule(session, actor, directory_id, sync_policy, at)
        after = _reaches(session, people, directory_id, usable, at)
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
    session: Session,
    people: Sequence[Person],
    directory_id: int,
    usable: int,
    at: datetime,
) -> list[Reach]:
    """What each of them reaches at that instant, where so many contacts may be used."""
    ids = [one.id for one in people]
    devices = _devices(session, ids, at)
    found = reached.of_people(session, {directory_id: usable}, ids, at)

    def by(user_id: int, device_id: int | None = None) -> Reached:
        return found.get((Viewer(user_id, device_id), directory_id), Reached())

    return [
        Reach(
            found=by(one.id).number,
            fields=_named(by(one.id).fields),
            on_phones=tuple(by(one.id, device).number for device in devices[one.id]),
            phone_fields=_named(
                max((by(one.id, device).fields for device in devices[one.id]), default=0)
            ),
        )
        for one in people
    ]


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
    session: Session,
    people: Sequence[Person],
    directory_id: int,
    terms: Terms,
    stock: Stock,
    at: datetime,
) -> tuple[int, int]:
    """How many contacts that the grant covers nobody may use: without a basis, restricted."""
    if terms.scope == Scope.ALL:
        return stock.no_basis, stock.restricted
    assigned = select(Assignment.contact_id).where(
        Assignment.user_id.in_([one.id for one in people]), live(Assignment, at)
    )
    found = reached.stock(session, directory_id, at, Contact.id.in_(assigned))
    return found.no_basis, found.restricted
