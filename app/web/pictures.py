"""Pictures as numbers: where in an SVG people and their devices stand, a bar, a curve.

Pure: from plain numbers and names to shapes. What is drawn there and in which words is the
templates' part. Lengths are in units of the picture.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

WIDTH = 920
MARGIN = 16
ROW = 44
NAMES = 184
CELL = 236
IN_A_LINE = 3
UNFOLDED = 12

CURVE_WIDTH, CURVE_HEIGHT = 600, 80
TICKS = (timedelta(hours=1), timedelta(days=1), timedelta(days=7))
_BEND = timedelta(minutes=10)
"""The axis of time is even below this and closes up above it, so that an hour stays legible."""

_GAP = 3
_LEAST = 12

Device = TypeVar("Device")
State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class Cell(Generic[Device]):
    """A device at the middle of its symbol."""

    x: int
    y: int
    of: Device


@dataclass(frozen=True, slots=True)
class Row(Generic[Device]):
    """One person: the base of the name, the line above it, the devices."""

    name: str
    y: int
    line_y: int
    cells: tuple[Cell[Device], ...]


@dataclass(frozen=True, slots=True)
class Figure(Generic[Device]):
    """People under each other.

    Where they are many, those who are done are folded into one line at `folded_y`, and those
    without a device into another at `bare_y`.
    """

    rows: tuple[Row[Device], ...]
    height: int
    folded_people: int
    folded_devices: int
    folded_y: int
    bare_people: int
    bare_y: int


@dataclass(frozen=True, slots=True)
class Segment(Generic[State]):
    """A part of the stacked bar."""

    state: State
    count: int
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the axis of time."""

    after: timedelta
    x: float


@dataclass(frozen=True, slots=True)
class Curve:
    """The step line of what is confirmed over time, as the data of a path; y grows downwards."""

    path: str
    ticks: tuple[Tick, ...]
    now_x: float


def figure(
    people: Sequence[tuple[str, Sequence[Device], bool]], unfolded: int = UNFOLDED
) -> Figure[Device]:
    """Where people with their devices stand; each says whether it may be folded away.

    Nobody is folded while there are at most `unfolded` people; beyond that who has no device is
    folded, too.
    """
    is_long = len(people) > unfolded
    bare = [one for one in people if is_long and not one[1]]
    folded = [one for one in people if is_long and one[1] and one[2]]
    shown = [one for one in people if not (is_long and (one[2] or not one[1]))]
    rows: list[Row[Device]] = []
    y = 0
    for name, devices, _ in shown:
        rows.append(Row(name, y + ROW // 2 + 5, y, _cells(devices, y)))
        y += ROW * max(math.ceil(len(devices) / IN_A_LINE), 1)
    below = y + (ROW if folded else 0)
    return Figure(
        rows=tuple(rows),
        height=below + (ROW if bare else 0),
        folded_people=len(folded),
        folded_devices=sum(len(devices) for _, devices, _ in folded),
        folded_y=y + ROW // 2 + 5,
        bare_people=len(bare),
        bare_y=below + ROW // 2 + 5,
    )


def _cells(devices: Sequence[Device], top: int) -> tuple[Cell[Device], ...]:
    return tuple(
        Cell(
            x=MARGIN + NAMES + 12 + CELL * (number % IN_A_LINE),
            y=top + ROW // 2 + ROW * (number // IN_A_LINE),
            of=device,
        )
        for number, device in enumerate(devices)
    )


def bar(counts: dict[State, int], width: int = WIDTH) -> tuple[Segment[State], ...]:
    """The parts of a bar, each as long as its share, none too small to be seen."""
    total = sum(counts.values())
    room = width - _GAP * (len(counts) - 1) - _LEAST * len(counts)
    found: list[Segment[State]] = []
    x = 0.0
    for state, count in counts.items():
        length = _LEAST + room * count / total
        found.append(Segment(state, count, round(x, 1), round(length, 1)))
        x += length + _GAP
    return tuple(found)


def curve(began: datetime, confirmed: Sequence[datetime], total: int, now: datetime) -> Curve:
    """How the number of confirmations grew from `began` until `now`, out of `total`.

    What was confirmed before the beginning counts from the beginning on.
    """
    span = max(now - began, TICKS[-1])

    def place(instant: datetime) -> float:
        return _place(max(instant - began, timedelta()), span)

    parts = [f"M0 {CURVE_HEIGHT}"]
    for number, instant in enumerate(sorted(confirmed), 1):
        high = round(CURVE_HEIGHT * (1 - number / total), 1)
        parts.append(f"H{place(instant)}V{high}")
    now_x = place(now)
    ticks = tuple(Tick(after, _place(after, span)) for after in TICKS)
    return Curve("".join([*parts, f"H{now_x}"]), ticks, now_x)


def _place(after: timedelta, span: timedelta) -> float:
    return round(CURVE_WIDTH * math.log1p(after / _BEND) / math.log1p(span / _BEND), 1)


def clipped(text: str, length: int) -> str:
    """A name that fits; the table beside the picture has all of it."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
