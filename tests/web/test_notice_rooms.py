"""Notices and purposes in the portal: what is missing is said, what was published never changes."""

import pytest

from app.models import NoticeVersion, Purpose
from tests.portal import Portal
from tests.rooms import notice_rooms as rooms
from tests.rooms.public import agreed
from tests.rooms.world import World, people
from tests.web.conftest import signed_in


@pytest.fixture
def world(portal: Portal) -> World:
    return people(portal)


def test_what_is_missing_is_said_and_not_published(world: World) -> None:
    browser, address = signed_in(world.portal, world.dora), rooms.half(world)
    assert browser.get(address).text.count("Nothing is said about this.") == 13
    page = browser.get(f"{address}/publish")
    assert "It cannot be published yet" in page.text
    assert not page.has_form(f"{address}/publish")


def test_a_whole_notice_is_published_once_and_for_ever(world: World) -> None:
    browser, address = signed_in(world.portal, world.olga), rooms.draft(world)
    page = browser.get(f"{address}/publish")
    assert "1 person agreed to something after an earlier version." in page.text
    assert "people have to be asked anew" in page.text
    browser.submit(page, f"{address}/publish")
    page = browser.get(address)
    assert "/p/notices/news/en/2" in page.links()
    browser.get(f"{address}/edit", 403)
    with world.portal.sessions.read() as session:
        row = session.query(NoticeVersion).filter_by(version=2).one()
        assert row.sha256 in page.text


def test_a_new_draft_begins_with_the_text_of_today_or_with_all_parts(world: World) -> None:
    agreed(world)
    browser = signed_in(world.portal, world.olga)
    for language, beginning in (("en", "We write to you."), ("bg", "## Кои сме ние {#controller}")):
        page = browser.get("/notices/new?purpose=news")
        browser.submit(page, "/notices/new", purpose="news", language=language)
        with world.portal.sessions.read() as session:
            row = session.query(NoticeVersion).filter_by(language=language, state="draft").one()
            assert row.body.decode().startswith(beginning)


def test_a_purpose_is_added_below_another_and_changed(world: World) -> None:
    agreed(world)
    browser = signed_in(world.portal, world.dora)
    page = browser.get("/purposes/new?parent=news")
    said = page.form("/purposes/new") | {"name": "Roofs", "parent": "news", "validity": "p1y"}
    browser.post("/purposes/new", said | {"media": "email"})
    with world.portal.sessions.read() as session:
        row = session.query(Purpose).filter_by(slug="roofs").one()
        assert (row.media, row.validity, row.is_marketing) == ("email", "P1Y", True)
    page = browser.get("/purposes/roofs/edit")
    page = browser.submit(page, "/purposes/roofs/edit", 422, validity="two years")
    assert "Write it as P24M or P2Y." in page.text
