"""Every page for each of the cast: it works, a grant works, a stranger finds nothing, reading is
not enough where something is done; and every form changes nothing for who may not send it."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app.web.access import Level, need_of
from tests.portal import Portal
from tests.rooms import DEEDS, ROOMS
from tests.rooms.room import Deed, Room
from tests.rooms.world import CAST, World, people
from tests.web.browser import Browser
from tests.web.conftest import signed_in
from tests.web.test_access import database

WITHOUT_A_PAGE = {"auth.home"}
"""Sends on to another page."""


@pytest.fixture
def world(portal: Portal) -> World:
    return people(portal)


def guarded(app: Flask, method: str) -> Iterator[str]:
    """The endpoints of this method that are for users only."""
    for rule in app.url_map.iter_rules():
        need = need_of(app.view_functions[rule.endpoint])
        if method in (rule.methods or set()) and need and need.level is not Level.PUBLIC:
            yield rule.endpoint


def test_every_page_has_a_room(portal: Portal) -> None:
    assert {room.endpoint for room in ROOMS} == set(guarded(portal.app, "GET")) - WITHOUT_A_PAGE


def test_every_form_has_a_deed(portal: Portal) -> None:
    assert {deed.endpoint for deed in DEEDS} == set(guarded(portal.app, "POST"))


@pytest.mark.parametrize("room", ROOMS, ids=str)
def test_each_of_the_cast_gets_what_is_his(world: World, room: Room) -> None:
    """And looking leaves nothing behind but the note of who was shown whom."""
    address = room.address(world)
    world.portal.door.sightings.flush()
    browsers = {who: signed_in(world.portal, world.one(who)) for who in CAST}
    before = database(world.portal.sessions)
    for who, browser in browsers.items():
        found = browser.open("GET", address)
        assert found.status_code == room.answers[who], (who, address, found.text[:1000])
        if found.mimetype == "text/html":
            browser.page(found, room.answers[who])
    world.portal.gatherer.flush()
    after = database(world.portal.sessions)
    del before["consultation"], after["consultation"]
    assert after == before


@pytest.mark.parametrize("deed", DEEDS, ids=str)
def test_a_form_does_what_it_does_for_whom_it_is(world: World, deed: Deed) -> None:
    address, form = deed.address(world), deed.form(world)
    by_success = sorted(CAST, key=lambda who: deed.answers[who] < 400)
    for who in by_success:
        browser = signed_in(world.portal, world.one(who))
        token = browser.get("/account").form("/sign-out")["csrf_token"]
        before = database(world.portal.sessions)
        browser.post(address, form | {"csrf_token": token}, deed.answers[who])
        if deed.answers[who] >= 400:
            assert database(world.portal.sessions) == before, who


def test_a_part_for_a_script_stands_in_its_page(world: World) -> None:
    browser: Browser = signed_in(world.portal, world.olga)
    assert "HX-Request-Type" in browser.get("/contacts").response.headers["Vary"]
