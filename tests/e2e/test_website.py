"""The organisation's own website: consents by a pasted form and by its server, from a browser.

Page, portal and mail server each listen on a port of their own; the mail is a real one.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, Response

from app import clock
from app.db import Sessions
from app.guard import Guard
from app.queries import forms
from app.services import posting, snippets
from app.settings import Settings
from app.web import public_forms
from tests.davclient import FakeClock
from tests.doors.newsletter import STAYS, Newsletter, opened
from tests.e2e.conftest import PHONE, Front
from tests.e2e.serving import serving
from tests.e2e.website import Site
from tests.mail import postbox
from tests.mail.postbox import Postbox
from tests.portal import open_portal
from tests.serve.running import free_port

pytestmark = pytest.mark.e2e

_LINK = re.compile(r"http://\S+/p/\S+")


@dataclass
class Town:
    """The portal with its form, a site that may send, one that may not, and the mailbox."""

    front: Front
    news: Newsletter
    site: str
    stranger: str
    box: Postbox
    settings: Settings

    def window(self) -> Page:
        """A phone's browser in which no script runs: nothing here needs one."""
        return self.front.page(viewport=PHONE, java_script_enabled=False)

    def mail(self) -> list[EmailMessage]:
        """What is in the mailbox once the portal has sent all that waits."""
        portal = self.news.portal
        while posting.send_next(portal.sessions, self.settings, portal.clock.now):
            pass
        return self.box.received

    def refused(self, page: Page, status: int) -> str:
        """The heading of the page; its status is all that the browser complained of."""
        complaints, self.front.complaints[:] = list(self.front.complaints), []
        assert [f"status of {status}" in one for one in complaints] == [True]
        return page.get_by_role("heading").first.inner_text()


@pytest.fixture
def town(sqlite: Sessions, tmp_path: Path, chromium: Chromium) -> Iterator[Town]:
    url = f"http://127.0.0.1:{free_port()}"
    portal = open_portal(sqlite, tmp_path, FakeClock(clock.now()), base_url=url)
    guard = Guard(portal.app, portal.app.extensions["kustod"].settings)
    page, box = Site(url), Postbox()
    with ExitStack() as stack:
        stack.enter_context(closing(portal.gatherer))
        stack.enter_context(serving(guard, int(url.rpartition(":")[2])))
        site, stranger = (stack.enter_context(serving(page)) for _ in range(2))
        settings = stack.enter_context(postbox.serving(box, tmp_path))
        news = opened(portal, site)
        page.key = news.key()
        with portal.sessions.read() as session:
            form = forms.asking(session, forms.get(session, "news"), ("en",))
        assert form is not None
        page.pasted = snippets.html(portal.ring, form, url, portal.clock.now())
        front = Front(url, chromium)
        with front.watched():
            yield Town(front, news, site, stranger, box, replace(settings, base_url=url))


def sign_up(page: Page, where: str, email: str) -> Response:
    """Fill in the pasted form of a site; the answer of the portal."""
    page.goto(where)
    page.get_by_role("checkbox").check()
    page.get_by_role("textbox", name="E-mail").fill(email)
    with page.expect_navigation() as gone:
        page.get_by_role("button", name="Send").click()
    return gone.value


def hand_in(page: Page, site: str, email: str, **more: str) -> tuple[str, str]:
    """Fill in the form that the site's server hands on; what the portal answered to it."""
    page.goto(f"{site}/own")
    page.get_by_role("checkbox").check()
    for label, value in ({"E-mail": email} | more).items():
        page.get_by_role("textbox", name=label).fill(value)
    page.get_by_role("button", name="Sign up").click()
    return page.inner_text("#status"), page.inner_text("#words")


def link_in(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    found = _LINK.search(body.get_content())
    assert found is not None
    return found[0]


def confirm(page: Page, mail: EmailMessage) -> None:
    page.goto(link_in(mail))
    page.get_by_role("button", name="Yes, I agree").click()
    page.get_by_role("heading", name="You have agreed").wait_for()


def test_who_signs_up_on_the_site_is_on_the_phone_until_he_stops_it(town: Town) -> None:
    page, news = town.window(), town.news
    assert sign_up(page, town.site, "karla@example.org").status == 200
    assert page.get_by_role("heading").first.inner_text() == "Thank you"
    assert page.url == f"{town.front.url}/p/f/news/sent?lang=en"
    news.phone.sync()
    assert news.on_the_phone() == {STAYS}

    (asked,) = town.mail()
    assert asked["To"] == "karla@example.org"
    page.goto(link_in(asked))
    news.phone.sync()
    assert news.on_the_phone() == {STAYS}, "looking at the page confirmed it"
    confirm(page, asked)
    news.phone.sync()
    assert news.on_the_phone() == news.exported() == {"karla@example.org", STAYS}

    news.portal.clock.tick(minutes=1)
    page.goto("/p/ask?lang=en")
    page.get_by_label("Your e-mail address").fill("karla@example.org")
    page.get_by_role("button").click()
    page.goto(link_in(town.mail()[1]))
    page.get_by_role("button", name="Stop everything").click()
    page.get_by_text("No one here can look you up any more.").wait_for()
    news.portal.clock.tick(seconds=1)
    assert news.exported() == {STAYS}
    assert len(news.phone.sync()) == 1
    assert news.on_the_phone() == {STAYS}
    news.phone.sync()
    page.reload()
    page.get_by_text("1 has confirmed that it dropped it.").wait_for()


def test_what_the_server_of_the_site_hands_in_is_confirmed_by_the_mailbox(town: Town) -> None:
    page, news = town.window(), town.news
    assert hand_in(page, town.site, "karla@example.org") == ("202", "accepted")
    assert hand_in(page, town.site, "karla@example.org") == ("202", "accepted")
    assert hand_in(page, town.site, "other@example.org")[0] == "409", "the name of an attempt"
    (asked,) = town.mail()
    confirm(page, asked)
    news.phone.sync()
    assert news.on_the_phone() == {"karla@example.org", STAYS}


@pytest.mark.parametrize(
    ("typed", "status", "words"),
    [
        ({"Key": "wrong"}, "401", "no such key"),
        ({"Token": ""}, "400", "token: it is missing"),
        ({"Token": "made up"}, "422", "did not come from here"),
        ({"Page": "https://elsewhere.example/"}, "403", "not among the sites"),
    ],
    ids=lambda one: str(one)[:20],
)
def test_the_site_is_told_what_is_wrong(
    town: Town, typed: dict[str, str], status: str, words: str
) -> None:
    said = hand_in(town.window(), town.site, "karla@example.org", **typed)
    assert (said[0], words in said[1], town.mail()) == (status, True, [])


def test_a_strange_site_and_a_flood_are_told_so_on_the_page(town: Town) -> None:
    page = town.window()
    assert sign_up(page, town.stranger, "karla@example.org").status == 403
    assert town.refused(page, 403) == "This site may not ask for us"
    assert town.mail() == []
    for number in range(public_forms.MOST):
        page.request.post("/p/f/news", form={"email": f"bot{number}@example.org"})
    assert sign_up(page, town.site, "karla@example.org").status == 429
    assert town.refused(page, 429) == "Too many tries"
    assert town.mail() == []
