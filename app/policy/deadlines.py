"""Until when a request has to be answered: a calendar month, as the law of the Union counts it.

GDPR Art. 12(3) with Regulation 1182/71 and EDPB Guidelines 01/2022: the month begins with the
receipt, over whichever way; it ends with the day of the same number, or the last day of a
shorter month; an end on a Saturday, a Sunday or a holiday moves to the next working day.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

TERM, LONGEST = 1, 3
"""Months to answer in, and with an extension by two more."""

_SATURDAY = 5
_HOLIDAYS = frozenset(
    {
        *((1, 1), (5, 1), (5, 8), (7, 5), (7, 6), (9, 28), (10, 28), (11, 17)),
        *((12, 24), (12, 25), (12, 26)),
    }
)
"""Month and day of the Czech holidays that never move (Act 245/2000)."""


def due_at(received_at: datetime, zone: ZoneInfo, months: int = TERM, waited: int = 0) -> datetime:
    """The end of the last day for an answer; `waited` are days for which the clock stood still."""
    start = received_at.astimezone(zone).date() + timedelta(days=waited)
    last = working_day(months_later(start, months))
    return datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC)


def months_later(start: date, months: int) -> date:
    """The day of the same number so many months later, or the last day of that month."""
    place = start.month - 1 + months
    year, month = start.year + place // 12, place % 12 + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))


def working_day(day: date) -> date:
    """The day itself, or the first after it on which people work."""
    while day.weekday() >= _SATURDAY or is_holiday(day):
        day += timedelta(days=1)
    return day


def is_holiday(day: date) -> bool:
    """Whether it is a Czech public holiday."""
    easter = easter_sunday(day.year)
    moving = {easter - timedelta(days=2), easter + timedelta(days=1)}
    return (day.month, day.day) in _HOLIDAYS or day in moving


def easter_sunday(year: int) -> date:
    """Easter Sunday of the Gregorian calendar, by the computation of Meeus, Jones and Butcher."""
    golden = year % 19
    century, rest = divmod(year, 100)
    leaps, part = divmod(century, 4)
    moved = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leaps - moved + 15) % 30
    weekday = (32 + 2 * part + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)
