"""Birthdays as programs write them, into one spelling."""

import re
from datetime import date

# Apple's year for "not said" (X-APPLE-OMIT-YEAR); others write zeros.
OMITTED_YEAR = 1604
_NO_YEARS = frozenset({0, OMITTED_YEAR})
_LEAP_YEAR = 2000

_DATE = re.compile(
    r"(?P<y1>\d{4})(-?)(?P<m1>\d\d)\2(?P<d1>\d\d)(?:[T ].*)?"
    r"|--(?P<m2>\d\d)-?(?P<d2>\d\d)(?:[T ].*)?"
    r"|(?P<y4>\d{4})-(?P<m4>\d{1,2})-(?P<d4>\d{1,2})"
    r"|(?P<d3>\d{1,2})\.\s?(?P<m3>\d{1,2})\.\s?(?P<y3>\d{4})",
    re.ASCII,
)


def birthday(text: str) -> str:
    """YYYY-MM-DD, --MM-DD where no year is said, or "" where the text is no day of the calendar.

    Reads RFC 2426 (3.1.5), RFC 6350 (4.3.1) in basic and extended form, times of day (which
    say nothing about a birthday), the "1980-3-22" of phones, and the Czech "22. 3. 1980".
    """
    found = _DATE.fullmatch(text.strip())
    if found is None:
        return ""
    part = {name[0]: int(value) for name, value in found.groupdict().items() if value}
    year = part.get("y", 0)
    try:
        day = date(_LEAP_YEAR if year in _NO_YEARS else year, part["m"], part["d"])
    except ValueError:
        return ""
    return f"--{day:%m-%d}" if year in _NO_YEARS else day.isoformat()
