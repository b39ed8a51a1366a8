"""A calendar month, as the law counts it: table of days, with shorter months and holidays."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.policy import deadlines

PRAGUE = ZoneInfo("Europe/Prague")


@pytest.mark.parametrize(
    ("received", "months", "waited", "last"),
    [
        ("2026-11-24", 1, 0, "2026-12-28"),
        ("2026-01-31", 1, 0, "2026-03-02"),
        ("2028-01-31", 1, 0, "2028-02-29"),
        ("2026-08-13", 1, 0, "2026-09-14"),
        ("2026-12-15", 1, 0, "2027-01-15"),
        ("2026-03-03", 1, 0, "2026-04-07"),
        ("2026-03-06", 1, 0, "2026-04-07"),
        ("2026-11-24", 3, 0, "2027-02-24"),
        ("2026-10-20", 1, 7, "2026-11-27"),
    ],
)
def test_the_last_day_for_an_answer(received: str, months: int, waited: int, last: str) -> None:
    at = datetime.fromisoformat(f"{received}T08:00:00+00:00")
    due = deadlines.due_at(at, PRAGUE, months, waited)
    end = datetime.combine(date.fromisoformat(last), datetime.max.time(), PRAGUE)
    assert (due - end.astimezone(UTC)).total_seconds() < 1


def test_what_comes_in_the_evening_comes_on_the_day_of_the_organisation() -> None:
    late = datetime(2026, 6, 1, 23, 30, tzinfo=UTC)
    assert deadlines.due_at(late, PRAGUE) == datetime(2026, 7, 2, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize("day", ["2024-03-31", "2025-04-20", "2026-04-05", "2038-04-25"])
def test_easter(day: str) -> None:
    assert deadlines.easter_sunday(int(day[:4])) == date.fromisoformat(day)
