from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.services.moments import last_day, moment

PRAGUE = ZoneInfo("Europe/Prague")


@pytest.mark.parametrize(
    ("text", "is_end", "instant"),
    [
        ("2026-05-03", False, datetime(2026, 5, 2, 22, tzinfo=UTC)),
        ("2026-05-03", True, datetime(2026, 5, 3, 22, tzinfo=UTC)),
        ("2026-12-31", True, datetime(2026, 12, 31, 23, tzinfo=UTC)),
        ("31. 12. 2026", True, datetime(2026, 12, 31, 23, tzinfo=UTC)),
        (" 3.5.2026", False, datetime(2026, 5, 2, 22, tzinfo=UTC)),
        ("2026-03-29", True, datetime(2026, 3, 29, 22, tzinfo=UTC)),
        ("2026-05-03T14:10", True, datetime(2026, 5, 3, 12, 10, tzinfo=UTC)),
        ("2026-05-03 14:10:30", False, datetime(2026, 5, 3, 12, 10, 30, tzinfo=UTC)),
        ("2026-05-03T14:10Z", True, datetime(2026, 5, 3, 14, 10, tzinfo=UTC)),
        ("2026-05-03T14:10:00.5+05:00", True, datetime(2026, 5, 3, 9, 10, 0, 500000, tzinfo=UTC)),
    ],
)
def test_a_day_has_two_edges_and_a_time_has_none(
    text: str, is_end: bool, instant: datetime
) -> None:
    assert moment(text, PRAGUE, is_end=is_end) == instant


@pytest.mark.parametrize(
    ("text", "is_end"),
    [
        *(("", True), ("tomorrow", False), ("2026-02-30", True), ("14:10", True)),
        *(("30. 2. 2026", True), ("3.5.26", True)),
        *(("9999-12-31", True), ("0001-01-01", False)),
    ],
)
def test_what_is_no_time(text: str, is_end: bool) -> None:
    with pytest.raises((ValueError, OverflowError)):
        moment(text, PRAGUE, is_end=is_end)


@pytest.mark.parametrize("text", ["2026-05-03", "2026-03-29", "2026-12-31"])
def test_a_period_ends_on_the_day_that_was_typed(text: str) -> None:
    assert last_day(moment(text, PRAGUE, is_end=True), PRAGUE) == date.fromisoformat(text)


def test_a_period_that_ends_within_a_day_ends_on_it() -> None:
    at = moment("2026-05-03T14:10", PRAGUE, is_end=True)
    assert last_day(at, PRAGUE) == date(2026, 5, 3)
