"""The ground of the pages for people without an account: no cookie, four languages, no trace."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask, abort
from sqlalchemy import text

from app.catalogues import OF_THE_OUTSIDE
from app.errors import Busy
from app.services import throttle
from app.web import outside as ground
from app.web.access import from_anywhere, need_of, outside
from app.web.texts import OUTSIDE_NAMES
from tests.portal import Portal
from tests.rooms import OUTSIDE
from tests.rooms.room import Outside
from tests.rooms.world import World, people
from tests.web.browser import Browser
from tests.web.conftest import signed_in
from tests.web.test_access import database


@pytest.fixture
def world(portal: Portal) -> World:
    return people(portal)


def outside_rules(app: Flask, method: str) -> Iterator[str]:
    for rule in app.url_map.iter_rules():
        need = need_of(app.view_functions[rule.endpoint])
        is_page = rule.rule.startswith("/p/")
        if is_page and need and need.is_outside and method in (rule.methods or set()):
            yield rule.endpoint


def test_every_page_for_people_without_an_account_has_a_room(portal: Portal) -> None:
    assert {room.endpoint for room in OUTSIDE} == set(outside_rules(portal.app, "GET"))


@pytest.mark.parametrize("room", OUTSIDE, ids=str)
def test_looking_changes_nothing_and_leaves_no_cookie(world: World, room: Outside) -> None:
    address = room.address(world)
    world.portal.door.sightings.flush()
    for browser in (Browser(world.portal), signed_in(world.portal, world.olga)):
        before = database(world.portal.sessions)
        for method in ("HEAD", "OPTIONS"):
            browser.open(method, address)
        answer = browser.open("GET", address)
        assert answer.headers.getlist("Set-Cookie") == []
        browser.page(answer, room.status)
        for name, value in ground.HEADERS.items():
            assert answer.headers.getlist(name) == [value]
        world.portal.gatherer.flush()
        assert database(world.portal.sessions) == before


@pytest.mark.parametrize("room", [room for room in OUTSIDE if room.is_page], ids=str)
def test_a_page_speaks_the_language_of_its_address(world: World, room: Outside) -> None:
    address = room.address(world)
    texts = set()
    for language in OF_THE_OUTSIDE:
        page = Browser(world.portal).get(f"{address}?lang={language}", room.status)
        assert page.root.attrib["lang"] == language
        texts.add(page.heading)
    assert len(texts) == len(OF_THE_OUTSIDE)


@pytest.mark.parametrize("room", [room for room in OUTSIDE if room.is_page], ids=str)
def test_no_page_loads_a_script_or_anything_of_others(world: World, room: Outside) -> None:
    page = Browser(world.portal).get(room.address(world), room.status)
    loaded = [e.attrib["href"] for e in page.root.iter("link")]
    loaded += [e.attrib["src"] for e in page.root.iter("img")]
    assert all(address.startswith("/static/") for address in loaded)
    assert list(page.root.iter("script")) == []


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [("bg,cs;q=0.5", "bg"), ("pl-PL", "pl"), ("de", "en"), ("", "en"), ("cs;q=0.9,en", "en")],
)
def test_the_browser_says_the_language_where_the_address_does_not(
    portal: Portal, accepted: str, expected: str
) -> None:
    browser = Browser(portal, **{"Accept-Language": accepted})
    browser.client.set_cookie("kustod-dev-language", "cs", domain="127.0.0.1")
    assert browser.get("/p/").root.attrib["lang"] == expected
    assert browser.get("/p/?lang=tlh").root.attrib["lang"] == expected


@pytest.mark.parametrize(("setting", "expected"), [("pl", "pl"), ("de", "en")])
def test_the_organisation_says_it_where_nobody_does(
    portal: Portal, setting: str, expected: str
) -> None:
    object.__setattr__(portal.app.extensions["kustod"].settings, "language", setting)
    assert Browser(portal).get("/p/").root.attrib["lang"] == expected


def test_the_languages_have_names() -> None:
    assert set(OUTSIDE_NAMES) == set(OF_THE_OUTSIDE)


def test_everybody_reads_who_answers_for_the_data(world: World) -> None:
    page = Browser(world.portal).get("/p/?lang=en")
    assert "pomoc@example.org" in page.text
    assert "authority for data protection of your country" in page.text
    olga = signed_in(world.portal, world.olga)
    said = {
        "rights_email": "prava@example.org",
        "rights_phone": "+420 222 333 444",
        "authority": "Úřad pro ochranu osobních údajů\nPplk. Sochora 27, Praha 7",
        "tells_unknown": "y",
    }
    olga.post("/organisation", olga.get("/organisation").form("/organisation") | said)
    page = Browser(world.portal).get("/p/?lang=en")
    for words in (*said["authority"].splitlines(), "prava@example.org", "+420 222 333 444"):
        assert words in page.text
    assert "pomoc@example.org" not in page.text
    assert "checked" in olga.get("/organisation").response.text


def test_an_organisation_without_words_has_pages_all_the_same(portal: Portal) -> None:
    with portal.sessions.write() as session:
        session.execute(text("DELETE FROM organisation"))
    assert "complain" not in Browser(portal).get("/p/").text


def test_a_form_needs_no_proof_and_other_sites_send_none(portal: Portal) -> None:
    """Research C5: proofs of forms refuse the press of a mail program, which has none."""

    @outside
    def act() -> str:
        return "done"

    @from_anywhere
    def act_for_sites() -> str:
        return "done"

    portal.app.add_url_rule("/p/act", view_func=act, methods=["POST"])
    portal.app.add_url_rule("/p/sites", view_func=act_for_sites, methods=["POST"])
    assert Browser(portal).open("POST", "/p/act", {}).status_code == 200
    foreign = Browser(portal, **{"Sec-Fetch-Site": "cross-site"})
    assert foreign.open("POST", "/p/act", {}).status_code == 403
    assert foreign.open("POST", "/p/sites", {}).status_code == 200


@pytest.mark.parametrize("status", [400, 403, 404, 405, 413, 429, 500, 503])
def test_what_goes_wrong_is_said_in_the_dress_of_these_pages(portal: Portal, status: int) -> None:
    @outside
    def fail() -> str:
        if status == 503:
            raise Busy
        if status == 500:
            raise ValueError
        abort(status)

    portal.app.add_url_rule("/p/fail", view_func=fail)
    page = Browser(portal).get("/p/fail?lang=cs", status)
    assert page.root.find("body").attrib["class"] == "p-page"  # type: ignore[union-attr]
    assert page.root.attrib["lang"] == "cs"
    assert re.search("[ěščřžýáíé]", page.heading)


def test_too_much_from_one_address_is_stopped_there_alone(portal: Portal) -> None:
    @outside
    def act() -> str:
        ground.limit("act")
        return "done"

    portal.app.add_url_rule("/p/act", view_func=act, methods=["POST"])
    one, other = Browser(portal), Browser(portal, "198.51.100.1")
    for _ in range(throttle.LIMIT):
        assert one.open("POST", "/p/act", {}).status_code == 200
    assert one.open("POST", "/p/act", {}).status_code == 429
    assert other.open("POST", "/p/act", {}).status_code == 200
    portal.clock.tick(minutes=15)
    assert one.open("POST", "/p/act", {}).status_code == 200


def test_tries_about_somebody_are_counted_wherever_they_come_from(portal: Portal) -> None:
    @outside
    def act() -> str:
        return str(ground.tries("act", "karel@example.org"))

    portal.app.add_url_rule("/p/act", view_func=act, methods=["POST"])
    one, other = Browser(portal), Browser(portal, "198.51.100.1")
    assert [b.open("POST", "/p/act", {}).text for b in (one, other)] == ["1", "2"]


def test_a_link_keeps_the_language_of_the_page(portal: Portal) -> None:
    with portal.app.test_request_context("/p/?lang=bg"):
        assert ground.here("public.index") == "/p/?lang=bg"
        assert ground.link("public.index", "pl") == "http://127.0.0.1:8080/p/?lang=pl"
        assert ground.link("public.index") == "http://127.0.0.1:8080/p/"
    with portal.app.test_request_context("/p/?lang=xx"):
        assert ground.here("public.index") == "/p/"
