"""What was given to phones and has to come back: devices with what each has proved so far.

Pure but for the reading of devices; `take_backs` asks it for a project, `leavers` for a person.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Device
from app.queries.ledger import Holder, HoldingState


class Back(StrEnum):
    """How far a device is with giving back, what needs somebody first."""

    UNREACHABLE = "unreachable"
    GIVEN_UP = "given-up"
    WAITING = "waiting"
    TOLD = "told"
    LISTED = "listed"
    CONFIRMED = "confirmed"


SETTLED = frozenset({Back.CONFIRMED, Back.LISTED, Back.GIVEN_UP})
"""Nothing more can come from such a device."""

_WEAKEST_FIRST = {
    HoldingState.GIVEN_UP: Back.GIVEN_UP,
    HoldingState.DUE: Back.WAITING,
    HoldingState.TOLD: Back.TOLD,
    HoldingState.LISTED: Back.LISTED,
}


@dataclass(frozen=True, slots=True)
class DeviceBack:
    """One device that has to give cards back.

    `programs` read with its password, `confirmed_by` of them have confirmed all of it;
    `came_back_at` is when an older state of it came back that has not.
    """

    public_id: str
    name: str
    state: Back
    cards: int
    programs: int
    confirmed_by: int
    told_at: datetime | None
    listed_at: datetime | None
    confirmed_at: datetime | None
    came_back_at: datetime | None
    seen_at: datetime | None
    silent_since: datetime | None
    given_up_at: datetime | None


@dataclass(frozen=True, slots=True)
class PersonBack:
    """A colleague who had contacts, with what has to give them back; often nothing."""

    name: str
    email: str
    devices: tuple[DeviceBack, ...]

    @property
    def is_done(self) -> bool:
        """Whether everything of his is confirmed, and there was something."""
        return bool(self.devices) and all(one.state is Back.CONFIRMED for one in self.devices)


@dataclass(frozen=True, slots=True)
class TakeBack:
    """What was given to phones until `ended_at`; who needs something stands first."""

    ended_at: datetime
    cards: int
    people: tuple[PersonBack, ...]

    @property
    def devices(self) -> tuple[DeviceBack, ...]:
        """All devices that have something to give back."""
        return tuple(device for person in self.people for device in person.devices)

    @property
    def counts(self) -> dict[Back, int]:
        """How many devices there are in each state that there is."""
        states = [device.state for device in self.devices]
        return {state: states.count(state) for state in Back if state in states}

    @property
    def holders(self) -> int:
        """How many people had cards on a device."""
        return sum(bool(person.devices) for person in self.people)

    @property
    def is_settled(self) -> bool:
        """Whether nothing more can come."""
        return all(device.state in SETTLED for device in self.devices)

    @property
    def confirmed(self) -> tuple[datetime, ...]:
        """When the devices confirmed, the first first; those that have."""
        done = (one.confirmed_at for one in self.devices if one.state is Back.CONFIRMED)
        return tuple(sorted(instant for instant in done if instant is not None))


def devices(session: Session, public_ids: Collection[str]) -> dict[str, Device]:
    """These devices by their public ids."""
    query = select(Device).where(Device.public_id.in_(public_ids))
    return {row.public_id: row for row in session.scalars(query)}


def take_back(
    ended_at: datetime,
    people: Sequence[tuple[str, str]],
    cards: Sequence[tuple[Holder, set[int]]],
    devices: dict[str, Device],
) -> TakeBack:
    """The readings of cards, each with the contacts that read alike, put together by device.

    `people` are name and e-mail of everybody who is to be named, also with nothing on a device.
    """
    by_device: dict[str, list[tuple[Holder, set[int]]]] = defaultdict(list)
    for holder, ids in cards:
        by_device[holder.device_id].append((holder, ids))
    owned: dict[str, list[DeviceBack]] = defaultdict(list)
    for device_id, held in by_device.items():
        owned[held[0][0].email].append(_device(devices[device_id], held))
    found = [
        PersonBack(name, email, tuple(sorted(owned[email], key=_urgency))) for name, email in people
    ]
    return TakeBack(
        ended_at=ended_at,
        cards=len(set[int]().union(*(ids for _, ids in cards))),
        people=tuple(sorted(found, key=_place)),
    )


def _device(device: Device, cards: list[tuple[Holder, set[int]]]) -> DeviceBack:
    held = [holder for holder, _ in cards]
    states = {card.state for card in held}
    weakest = next((b for state, b in _WEAKEST_FIRST.items() if state in states), Back.CONFIRMED)
    silent = next((c.unreachable_since for c in held if c.unreachable_since is not None), None)
    programs = max(card.readers for card in held)
    did = [at for card in held for at in (card.told_at, card.confirmed_at)]
    return DeviceBack(
        public_id=device.public_id,
        name=device.name,
        state=Back.UNREACHABLE if silent else weakest,
        cards=len(set[int]().union(*(ids for _, ids in cards))),
        programs=programs,
        confirmed_by=programs if weakest is Back.CONFIRMED else _by_all(held),
        told_at=_last(card.told_at for card in held),
        listed_at=_last(card.listed_at for card in held),
        confirmed_at=_last(card.confirmed_at for card in held),
        came_back_at=_last(card.came_back_at for card in held),
        seen_at=_last([device.seen_at, *did]),
        silent_since=silent,
        given_up_at=device.given_up_at if weakest is Back.GIVEN_UP else None,
    )


def _by_all(held: list[Holder]) -> int:
    """How many programs have confirmed every card; one that owes any has not."""
    return min(card.readers_confirmed for card in held)


def _last(instants: Iterable[datetime | None]) -> datetime | None:
    return max((at for at in instants if at is not None), default=None)


def _urgency(device: DeviceBack) -> tuple[int, str, str]:
    return [*Back].index(device.state), device.name, device.public_id


def _place(person: PersonBack) -> tuple[int, str, str]:
    """Who needs something first, who has nothing on a phone last."""
    first = _urgency(person.devices[0])[0] if person.devices else len(Back)
    return first, person.name, person.email
