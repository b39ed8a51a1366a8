"""How large a drill is: the full form of `make drill`, and the quick one of the whole check."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a program behind a phone asks; see tests/drills/phones.py."""

    DAVX5 = "davx5"
    THUNDERBIRD = "thunderbird"
    LISTING = "listing"


@dataclass(frozen=True)
class Form:
    """The sizes of one drill. Times are in seconds."""

    users: int
    phones_each: int
    cards: int
    imported: int
    seconds: float
    kills_import: bool
    """Whether the import, too, is cut off; it takes a minute until it is taken up again."""
    kills: int
    pause: tuple[float, float]
    """Between two syncs of one phone, at least and at most."""
    writes_each: float
    """Acts a second of each of the two writers, on average."""
    longest_wait: float | None
    """What no acknowledged write may have taken; None where the machine is not ours alone."""
    bound: float
    """After this a drill is ended, whatever it is waiting for."""


FULL = Form(
    users=10,
    phones_each=4,
    cards=200,
    imported=10_000,
    seconds=60,
    kills_import=True,
    kills=20,
    pause=(1.0, 3.0),
    writes_each=7,
    longest_wait=1.0,
    bound=600,
)
QUICK = Form(
    users=3,
    phones_each=3,
    cards=40,
    imported=1_000,
    seconds=5,
    kills_import=False,
    kills=2,
    pause=(0.5, 1.5),
    writes_each=5,
    longest_wait=None,
    bound=240,
)

KINDS = (Kind.DAVX5, Kind.THUNDERBIRD, Kind.LISTING, Kind.DAVX5)
"""The programs of one user's phones, in turn."""

BULK_KINDS = (Kind.THUNDERBIRD, Kind.DAVX5, Kind.LISTING, Kind.LISTING)
"""Those of the user who gets the import: DAVx5 asks for ten thousand cards in a thousand parts."""
