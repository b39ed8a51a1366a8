from datetime import UTC, datetime

import pytest

from app.db import Sessions
from app.errors import Conflict, Invalid, NotFound
from app.services import durations, purposes
from app.services.audit import OPERATOR
from app.services.purposes import Terms
from tests.services.scene import NOON, acts


def test_a_purpose_says_how_it_may_be_pursued(sessions: Sessions) -> None:
    with sessions.write() as session:
        terms = Terms(("sms", "email"), ("Tiskárna a.s.", "Pošta"), "P24M", True, True)
        root = purposes.add(session, OPERATOR, "news", "News", NOON, terms=terms)
        assert (root.media, root.recipients) == ("email sms", "Tiskárna a.s.\nPošta")
        assert (root.validity, root.double_opt_in, root.is_marketing) == ("P24M", True, True)
        child = purposes.add(session, OPERATOR, "roofs", "Roofs", NOON, parent_id=root.id)
        assert (child.media, child.is_marketing) == ("", True)
        purposes.change(session, OPERATOR, child.id, Terms(("post",)), NOON)
        assert (child.media, child.is_marketing) == ("post", True)
        assert (acts(session, "purpose.add"), acts(session, "purpose.change")) == (2, 1)


def test_what_is_no_purpose(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        purposes.add(session, OPERATOR, "news", "News", NOON)
        with pytest.raises(Conflict):
            purposes.add(session, OPERATOR, "news", "News", NOON)
        with pytest.raises(NotFound):
            purposes.add(session, OPERATOR, "x", "X", NOON, parent_id=99)
        with pytest.raises(NotFound):
            purposes.change(session, OPERATOR, 99, Terms(), NOON)
        for terms in (Terms(("fax",)), Terms(("use",)), Terms(validity="2 years")):
            with pytest.raises(Invalid):
                purposes.add(session, OPERATOR, "y", "Y", NOON, terms=terms)


def _day(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("P1M", _day(2024, 2, 29)),
        ("P2Y", _day(2026, 1, 31)),
        ("P1Y1M", _day(2025, 2, 28)),
        ("P2W1D", _day(2024, 2, 15)),
        ("P11M", _day(2024, 12, 31)),
    ],
)
def test_a_duration_runs_on_the_calendar(text: str, end: datetime) -> None:
    assert durations.after(_day(2024, 1, 31), text) == end


@pytest.mark.parametrize("text", ["", "P", "24M", "P0D", "PT5H", "P-1M", "P51Y", "P1M2"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(Invalid, match="validity"):
        durations.parsed(text)
