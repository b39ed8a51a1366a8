"""The picture of a period on a line of one year from today, in numbers for an SVG."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.db import FOREVER

WIDTH = 120
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Strip:
    """A bar from `start` to `start + length` on a line of 120; `goes_on` behind its end."""

    start: int
    length: int
    goes_on: bool
    is_endless: bool


def strip(start: datetime, until: datetime, at: datetime) -> Strip:
    """The part of a period that lies in the year after `at`."""
    left, right = (_place(instant, at) for instant in (start, until))
    return Strip(
        start=min(left, WIDTH - 2),
        length=max(right - left, 2),
        goes_on=until > at + YEAR,
        is_endless=until == FOREVER,
    )


def _place(instant: datetime, at: datetime) -> int:
    return round(WIDTH * min(max((instant - at) / YEAR, 0), 1))
