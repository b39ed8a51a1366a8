"""Durations of ISO 8601, in whole years, months, weeks and days, on the calendar."""

import calendar
import re
from datetime import datetime, timedelta

from app.errors import Invalid

_DURATION = re.compile(r"P(?=\d)(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?")
_MONTHS = 12
_LONGEST_YEARS = 50


def parsed(text: str, field: str = "validity") -> tuple[int, int]:
    """Months and days of a duration such as P24M, P2Y or P1Y6M. Raises Invalid."""
    found = _DURATION.fullmatch(text)
    if found is None:
        raise Invalid(field, f"{text!r} is no duration such as P24M, P2Y or P90D")
    years, months, weeks, days = (int(part or 0) for part in found.groups())
    total = years * _MONTHS + months, weeks * 7 + days
    if total == (0, 0) or total[0] > _LONGEST_YEARS * _MONTHS:
        raise Invalid(field, f"{text!r} is nothing, or longer than {_LONGEST_YEARS} years")
    return total


def after(start: datetime, text: str) -> datetime:
    """The instant that lies this duration after `start`; a month ends with its last day."""
    months, days = parsed(text)
    index = start.year * _MONTHS + start.month - 1 + months
    year, month = divmod(index, _MONTHS)
    last = calendar.monthrange(year, month + 1)[1]
    moved = start.replace(year=year, month=month + 1, day=min(start.day, last))
    return moved + timedelta(days=days)
