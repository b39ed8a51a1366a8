"""The first owner in the browser: no form without the link, and with it one form, once."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from app.models import (
    Device,
    Grant,
    LoginName,
    Organisation,
    TeamMember,
    User,
    UserRole,
    WebSession,
)
from app.services import first_owner
from app.services.first_owner import TERM
from tests.portal import PASSWORD, Portal
from tests.web.browser import Browser, target
from tests.web.conftest import signed_in
from tests.web.test_access import database

TYPED = {
    "organisation": "Stavby Haná",
    "name": " Olga  Králová ",
    "email": "Olga@Example.org",
    "fresh": PASSWORD,
    "again": PASSWORD,
}


def without_users(portal: Portal, *, is_named: bool = False) -> Portal:
    """The portal as it is right after `kustod init`."""
    with portal.sessions.write() as session:
        for table in (TeamMember, Grant, WebSession, Device, LoginName, UserRole, User):
            session.execute(delete(table))
        if not is_named:
            session.scalars(select(Organisation)).one().name = "Kustod"
    return portal


@pytest.fixture
def link(portal: Portal) -> str:
    """The address that the shell printed."""
    return issued(without_users(portal))


def issued(portal: Portal) -> str:
    with portal.sessions.write() as session:
        link = first_owner.issue(session, portal.clock.now())
    assert link is not None
    return f"/p/first-owner/{link.token}"


def test_the_link_makes_an_owner_who_is_signed_in(
    portal: Portal, browser: Browser, link: str
) -> None:
    page = browser.get(link)
    assert page.heading == "Become the first owner"
    done = browser.submit(page, link, **TYPED)  # type: ignore[arg-type]
    assert target(done.response) == "/overview"
    assert "You are the first owner." in browser.get("/overview").text
    assert "Olga Králová" in browser.get("/people").text
    assert "Stavby Haná" in browser.get("/organisation").text
    Browser(portal).sign_in("olga@example.org")


def test_opening_it_changes_nothing(portal: Portal, browser: Browser, link: str) -> None:
    before = database(portal.sessions)
    browser.get(link)
    browser.open("HEAD", link)
    assert database(portal.sessions) == before
    browser.submit(browser.get(link), link, **TYPED)  # type: ignore[arg-type]


def test_it_works_once(portal: Portal, browser: Browser, link: str) -> None:
    thief = Browser(portal)
    page = thief.get(link)
    browser.submit(browser.get(link), link, **TYPED)  # type: ignore[arg-type]
    before = database(portal.sessions)
    again = thief.submit(page, link, 404, **TYPED | {"email": "thief@example.org"})
    assert again.heading == thief.get(link, 404).heading == "This link does not work"
    assert "kustod init" in again.text
    assert database(portal.sessions) == before


def test_it_is_over_after_a_day(portal: Portal, browser: Browser, link: str) -> None:
    page = browser.get(link)
    portal.clock.tick(seconds=TERM.total_seconds())
    browser.get(link, 404)
    browser.submit(page, link, 404, **TYPED)


def test_another_token_opens_nothing(portal: Portal, browser: Browser, link: str) -> None:
    form = browser.get(link).form(link)
    for wrong in (link[:-1], link + "a", "/p/first-owner/x"):
        assert browser.get(wrong, 404).heading == "This link does not work"
        browser.post(wrong, form | TYPED, 404)
    with portal.sessions.read() as session:
        assert session.scalar(select(User.id)) is None


def test_it_opens_nothing_where_there_are_users(portal: Portal) -> None:
    with portal.sessions.write() as session:
        assert first_owner.issue(session, portal.clock.now()) is None
    eva = signed_in(portal, portal.eva)
    assert "sign in" in eva.get("/p/first-owner/anything", 404).text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"organisation": " "}, "Write the name of the organisation."),
        ({"name": ""}, "Write your name."),
        ({"email": "olga"}, "This is not an e-mail address."),
        ({"fresh": "short", "again": "short"}, "The new password is too short"),
        ({"again": "another one altogether"}, "not the same both times"),
    ],
)
def test_what_cannot_be_is_said_and_the_link_stays(
    browser: Browser, link: str, wrong: dict[str, str], said: str
) -> None:
    page = browser.submit(browser.get(link), link, 422, **TYPED | wrong)
    assert said in page.text
    browser.submit(page, link, **TYPED)  # type: ignore[arg-type]


def test_a_named_organisation_is_not_asked_for_its_name(portal: Portal, browser: Browser) -> None:
    link = issued(without_users(portal, is_named=True))
    page = browser.get(link)
    assert "Name of the organisation" not in page.text
    browser.submit(page, link, **TYPED)  # type: ignore[arg-type]
    assert "Stavby Morava" in browser.get("/organisation").text


def test_the_page_without_users_names_the_command_only(portal: Portal, browser: Browser) -> None:
    without_users(portal)
    assert browser.redirect("/") == "/sign-in?next=/"
    page = browser.get("/sign-in")
    assert "kustod init" in page.text
    assert not page.has_form("/sign-in")
    assert "password" not in [i.get("type") for i in page.root.iter("input")]


def test_the_language_is_chosen_on_the_way(browser: Browser, link: str) -> None:
    page = browser.get(link)
    answer = browser.submit(page, "/language", language="cs")
    assert target(answer.response) == link
    assert browser.get(link).heading == "První vlastník"


def test_a_form_of_another_site_makes_nobody(portal: Portal, browser: Browser, link: str) -> None:
    browser.get(link)
    browser.post(link, TYPED | {"csrf_token": "x"}, 400)
    portal.clock.tick(seconds=timedelta(minutes=1).total_seconds())
    browser.get(link)
