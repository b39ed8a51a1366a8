"""A withdrawal by a link in one go: from the press of a button to the phone and the next file."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.db import Sessions
from app.models import TokenKind
from app.models.consent_kinds import ConsentType, Expression
from app.services import consent_subjects, consents, public_pages, public_tokens
from app.services.consent_acts import Act
from app.services.public_asks import HIMSELF
from tests import factories as make
from tests.doors.newsletter import STAYS, Newsletter, by_contract, opened
from tests.portal import open_portal
from tests.web.browser import Browser

KARLA = "Karla Odběratelka"


@dataclass
class Subscribed:
    """Karla agreed by the press of a button; her links are in her mails."""

    news: Newsletter
    uid: str
    stop: str
    mine: str

    def press(self) -> None:
        """What a mail program does with its own button (RFC 8058)."""
        client = self.news.portal.app.test_client()
        answer = client.post(self.stop, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200


@pytest.fixture
def news(sessions: Sessions, tmp_path: Path) -> Iterator[Newsletter]:
    portal = open_portal(sessions, tmp_path)
    with closing(portal.gatherer):
        yield opened(portal)


def subscribed(news: Newsletter, *, has_contract: bool) -> Subscribed:
    at = news.portal.clock.tick(hours=1)
    with news.portal.sessions.write() as session:
        home = session.get_one(type(news.portal.directory), news.directory_id)
        karla = make.contact(session, home, KARLA, has_basis=False)
        if has_contract:
            by_contract(session, karla.id, news.purpose_id)
        subject = consent_subjects.of_contact(session, karla.id, at)
        act = Act(
            ConsentType.GIVEN,
            news.purpose_id,
            notice_id=news.notice_id,
            expression=Expression.BUTTON,
        )
        assert consents.record(session, HIMSELF, subject, act, at).holds
        stop = public_pages.stop_link(session, subject.id, "", at)
        scope = {"contacts": [karla.id], "subjects": [], "email": "karla@example.org"}
        mine = public_tokens.issue(session, TokenKind.PREFERENCES, None, at, scope=scope)
        uid = karla.public_id
    news.phone.sync()
    assert news.on_the_phone() == news.exported() == {KARLA, STAYS}
    return Subscribed(news, uid, stop, f"/p/mine/{mine}?lang=en")


def test_the_next_sync_takes_the_card_and_no_file_has_it_a_second_later(news: Newsletter) -> None:
    karla = subscribed(news, has_contract=False)
    news.portal.clock.tick(seconds=1)
    karla.press()
    news.portal.clock.tick(seconds=1)
    assert news.exported() == {STAYS}
    assert news.phone.sync() == {f"{news.phone.book}{karla.uid}.vcf"}
    assert news.on_the_phone() == {STAYS}
    news.phone.sync()
    page = news.portal.app.test_client().get(karla.mine).get_data(as_text=True)
    assert "1 has confirmed that it dropped it." in page


def test_where_a_contract_holds_the_card_stays_and_the_pages_say_so(news: Newsletter) -> None:
    karla = subscribed(news, has_contract=True)
    news.portal.clock.tick(seconds=1)
    karla.press()
    news.portal.clock.tick(seconds=1)
    assert news.phone.sync() == set()
    assert news.on_the_phone() == news.exported() == {KARLA, STAYS}
    page = news.portal.app.test_client().get(karla.mine).get_data(as_text=True)
    assert ("Because of a contract with you." in page, "does not hold" in page) == (True, True)
    staff = Browser(news.portal)
    staff.sign_in(news.portal.eva.email)
    said = staff.get(f"/contacts/{karla.uid}").text
    assert "You may use this for: what we build. The reason: a contract." in said
