"""One device as people see it, read from its row and its tally; `ledger.devices` reads both."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.models import Device, User
from app.queries.proofs import Proof
from app.queries.tallies import Tally


class HoldingState(StrEnum):
    """How far one card has come on one device; the same words in JSON."""

    HELD = "held"
    DUE = "due"
    TOLD = "told"
    LISTED = "listed"
    CONFIRMED = "confirmed"
    GIVEN_UP = "given_up"


class DeviceState(StrEnum):
    """How a device is doing, for its owner."""

    NEVER_CONNECTED = "never-connected"
    UP_TO_DATE = "up-to-date"
    REMOVALS_WAITING = "removals-waiting"
    STOPPING = "stopping"
    EMPTIED = "emptied"
    GIVEN_UP = "given-up"


@dataclass(frozen=True, slots=True)
class DeviceView:
    """One device as its owner and the administrator see it."""

    public_id: str
    name: str
    kind: str
    user: str
    email: str
    state: DeviceState
    cards: int
    removals_waiting: int
    readers: int
    readers_confirmed: int
    is_managed: bool
    is_lost: bool
    is_given_up: bool
    enrolled_at: datetime
    seen_at: datetime | None
    fetched_at: datetime | None
    confirmed_at: datetime | None
    came_back_at: datetime | None
    stopped_at: datetime | None
    emptied_at: datetime | None


def view_of(device: Device, user: User, tally: Tally, at: datetime) -> DeviceView:
    """The device as this tally shows it: of all its cards, or of those of one directory."""
    is_given_up = device.given_up_at <= at
    gone = leaving(tally, is_given_up=is_given_up)
    waiting = gone.get(HoldingState.DUE, 0) + gone.get(HoldingState.TOLD, 0)
    return DeviceView(
        public_id=device.public_id,
        name=device.name,
        kind=device.kind.value,
        user=user.name,
        email=user.email,
        state=_state(device, bool(tally.readers), bool(waiting), at),
        cards=tally.held,
        removals_waiting=waiting,
        readers=tally.readers,
        readers_confirmed=tally.readers_confirmed,
        is_managed=device.is_managed,
        is_lost=device.lost_at <= at,
        is_given_up=is_given_up,
        enrolled_at=device.enrolled_at,
        seen_at=_latest(device.seen_at, tally.fetched_at, tally.confirmed_at),
        fetched_at=tally.fetched_at,
        confirmed_at=tally.confirmed_at,
        came_back_at=tally.came_back_at,
        stopped_at=device.stopped_at if device.stopped_at <= at else None,
        emptied_at=device.emptied_at if device.emptied_at <= at else None,
    )


def _latest(*instants: datetime | None) -> datetime | None:
    """When it was last heard from: what it did is known sooner than that it came by."""
    return max((at for at in instants if at is not None), default=None)


def leaving(tally: Tally, *, is_given_up: bool) -> dict[HoldingState, int]:
    """How many cards are leaving a device or have left it, by how far they have come."""
    proved = tally.gone + Counter({Proof.NONE: tally.due})
    found: Counter[HoldingState] = Counter()
    for proof, count in sorted(proved.items()):
        found[state_of(proof, is_given_up=is_given_up)] += count
    return dict(found)


def state_of(weakest: Proof, *, is_given_up: bool) -> HoldingState:
    """How far a card has come that must go, by the weakest proof of it."""
    if weakest is not Proof.CONFIRMED and is_given_up:
        return HoldingState.GIVEN_UP
    return {
        Proof.NONE: HoldingState.DUE,
        Proof.TOLD: HoldingState.TOLD,
        Proof.LISTED: HoldingState.LISTED,
        Proof.CONFIRMED: HoldingState.CONFIRMED,
    }[weakest]


def _state(
    device: Device,
    was_read: bool,  # noqa: FBT001 - private, one caller
    is_waiting: bool,  # noqa: FBT001 - private, one caller
    at: datetime,
) -> DeviceState:
    if device.emptied_at <= at:
        return DeviceState.EMPTIED
    if device.given_up_at <= at:
        return DeviceState.GIVEN_UP
    if device.stopped_at <= at:
        return DeviceState.STOPPING
    if not was_read:
        return DeviceState.NEVER_CONNECTED
    return DeviceState.REMOVALS_WAITING if is_waiting else DeviceState.UP_TO_DATE
