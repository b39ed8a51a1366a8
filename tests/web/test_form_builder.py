"""Making a form in the portal: prepared, looked at, opened, given a key, closed."""

import pytest

from tests.portal import Portal
from tests.rooms.form_builder import prepared, reached
from tests.rooms.public_forms import form as opened
from tests.rooms.world import World, people
from tests.web.browser import Browser
from tests.web.conftest import signed_in


@pytest.fixture
def world(portal: Portal) -> World:
    return people(portal)


@pytest.fixture
def olga(world: World) -> Browser:
    return signed_in(world.portal, world.olga)


def test_a_form_is_made_opened_and_closed(world: World, olga: Browser) -> None:
    opened(world)
    reached(world)
    olga.submit(olga.get("/forms/new"), "/forms/new", name="Kolaudace", notice="news")
    outside = Browser(world.portal)
    outside.get("/p/f/kolaudace", 200)
    assert "closed" in outside.get("/p/f/kolaudace?lang=en").heading.lower()
    olga.submit(olga.get("/forms/kolaudace/open"), "/forms/kolaudace/open")
    assert outside.get("/p/f/kolaudace?lang=en").has_form("/p/f/kolaudace?lang=en")
    olga.submit(olga.get("/forms/kolaudace"), "/forms/kolaudace/close")
    assert not outside.get("/p/f/kolaudace?lang=en").has_form("/p/f/kolaudace?lang=en")


def test_the_preview_shows_the_page_and_sends_nothing(world: World, olga: Browser) -> None:
    opened(world)
    page = olga.get(f"{prepared(world)}/preview?lang=cs")
    assert page.root.attrib["lang"] == "cs"
    assert "naše stavby" in page.text
    assert not list(page.root.iter("form"))
    assert not [i for i in page.root.iter("input") if "checked" in i.attrib]
    assert not [b for b in page.root.iter("button") if b.attrib["type"] == "submit"]
    olga.get("/forms/none/preview", 404)


def test_a_key_is_shown_once_and_can_be_replaced(world: World, olga: Browser) -> None:
    opened(world)
    action = "/forms/news/keys"
    first = olga.submit(olga.get("/forms/news"), action, 200, site="www")
    secret = first.one("code").text or ""
    assert secret.startswith("ksk_")
    page = olga.get("/forms/news")
    assert secret not in page.text
    again = olga.submit(page, action, 200)
    assert (again.one("code").text or "") not in {"", secret}
    assert olga.get("/forms/news").text.count("without an end") == 1


def test_the_snippet_and_the_document_stand_on_the_page_of_an_open_form(
    world: World, olga: Browser
) -> None:
    opened(world)
    text = olga.get("/forms/news?lang=cs").text
    assert 'type="checkbox" name="box"' in text
    assert "checked" not in text
    assert "/api/v1/forms/news" in text
