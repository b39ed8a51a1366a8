"""One device as people see it; `ledger.devices` reads it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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
    is_managed: bool
    is_lost: bool
    is_given_up: bool
    enrolled_at: datetime
    seen_at: datetime | None
    fetched_at: datetime | None
    confirmed_at: datetime | None
    stopped_at: datetime | None
    emptied_at: datetime | None
