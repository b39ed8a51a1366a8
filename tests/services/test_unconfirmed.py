"""What nobody confirmed is forgotten when its term is over, and so are networks after a year."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Sessions
from app.models import ConsentEvent, Intake, PublicToken, TokenKind
from app.services import opt_in, unconfirmed
from tests.services.forming import NOON, Forming, form

DAY = timedelta(days=1)
WEEK, YEAR = 7 * DAY, 365 * DAY


def submitted(session: Session) -> Forming:
    """Karla, who gave a number and an address, from a network."""
    forming = form(session)
    boxes = (forming.box("email"), forming.box("sms"))
    page, phone = "https://www.example.org/", "+420777123456"
    sub = {"boxes": boxes, "page": page, "phone": phone, "ip": "192.0.2.7", "user_agent": "Phone"}
    forming.submit(forming.token(), NOON, **sub)
    return forming


def about_her(session: Session) -> list[tuple[str, ...]]:
    rows = session.scalars(select(ConsentEvent).order_by(ConsentEvent.id))
    return [(row.point_value, row.page, row.ip, row.user_agent) for row in rows]


def numbers(session: Session) -> list[str]:
    query = select(PublicToken).where(PublicToken.kind == TokenKind.CONFIRM)
    return [row.scope["phone"] for row in session.scalars(query)]


@pytest.mark.parametrize(("late", "is_kept"), [(-timedelta(seconds=1), True), (DAY * 0, False)])
def test_a_request_is_forgotten_when_it_lapses(
    sessions: Sessions, late: timedelta, *, is_kept: bool
) -> None:
    with sessions.write() as session:
        submitted(session)
        unconfirmed.sweep(session, NOON + WEEK + late)
        kept = ("karla@example.org", "https://www.example.org/", "192.0.2.0/24", "Phone")
        assert about_her(session) == [kept if is_kept else ("", "", "", "")]
        assert numbers(session) == ["+420777123456" if is_kept else ""]
        assert len(session.scalars(select(Intake)).all()) == is_kept
        assert unconfirmed.sweep(session, NOON + WEEK + late) == 0


def test_of_what_was_confirmed_only_the_network_goes_and_after_a_year(sessions: Sessions) -> None:
    with sessions.write() as session:
        forming = submitted(session)
        opt_in.confirm(session, forming.nonce(), "+420777123456", NOON + DAY)
        page = "https://www.example.org/"
        unconfirmed.sweep(session, NOON + YEAR - DAY)
        assert about_her(session)[0] == ("karla@example.org", page, "192.0.2.0/24", "Phone")
        unconfirmed.sweep(session, NOON + YEAR)
        assert about_her(session)[0] == ("karla@example.org", page, "", "")
