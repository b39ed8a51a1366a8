"""The instant that a person means by a date or a time as he types it."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_BY_DOTS = re.compile(r"(\d{1,2})\.\s*(\d{1,2})\.\s*(\d{4})")


def moment(text: str, zone: ZoneInfo, *, is_end: bool) -> datetime:
    """The instant of this text in UTC; a bare date means the beginning or the end of that day.

    Dates in ISO 8601 or as 31. 12. 2026. The end of a day is the beginning of the next one,
    since periods are half-open. Raises ValueError or OverflowError.
    """
    try:
        named = day(text)
    except ValueError:
        typed = datetime.fromisoformat(text)
        local = typed if typed.tzinfo else typed.replace(tzinfo=zone)
        return local.astimezone(UTC)
    if is_end:
        named += timedelta(days=1)
    return datetime.combine(named, time(), zone).astimezone(UTC)


def last_day(until: datetime, zone: ZoneInfo) -> date:
    """The last day on which a period that ends at this instant still holds."""
    return (until - timedelta(microseconds=1)).astimezone(zone).date()


def day(text: str) -> date:
    """The day that this text names, as ISO 8601 or as 31. 12. 2026. Raises ValueError."""
    dotted = _BY_DOTS.fullmatch(text.strip())
    if dotted:
        number, month, year = map(int, dotted.groups())
        return date(year, month, number)
    return date.fromisoformat(text)
