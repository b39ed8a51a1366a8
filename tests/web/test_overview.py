"""The first page lists what needs its reader, and nothing that does not."""

from datetime import timedelta

import pytest

from app.models import Directory, Favourite, Grant
from tests import factories as make
from tests.portal import Portal
from tests.rooms import leaving, outbox
from tests.rooms import overview as rooms
from tests.rooms.world import World, people
from tests.web.browser import Browser, Page, words
from tests.web.conftest import signed_in


@pytest.fixture
def world(portal: Portal) -> World:
    return people(portal)


def lines(page: Page) -> list[str]:
    return [words(a) for a in page.root.iter("a") if a.attrib.get("class") == "k-need"]


def test_who_has_nothing_to_do_reads_that(portal: Portal, dana: Browser) -> None:
    page = dana.get("/overview")
    assert "Nothing needs you." in page.text
    assert lines(page) == []
    assert "Getting started" not in page.text


def test_everything_that_needs_its_reader_is_one_line(world: World) -> None:
    olga = signed_in(world.portal, world.olga)
    page = olga.get(rooms.much_to_do(world))
    assert "Nothing needs you." not in page.text
    assert [line for line in lines(page) if "Most" not in line][:7] == [
        "Never connected: New phone set up on 1 Jan 2020, 01:00",
        f"Being emptied, not confirmed yet: Old phone {rooms.LEAVE_IT}",
        "Not heard from: Tablet last on 24 Apr 2026, 14:00",
        "Your access ends soon: Lent suppliers 10 May 2026, 14:00",
        "Access of 1 colleague or team ends soon: Customers the first: 6 May 2026, 14:00",
        "Access without an end: is it still right? 1 to look at",
        "1 contact is hidden, the reason to use it is missing: Customers",
    ]
    about = olga.get(f"/directories/{world.directory.slug}").text
    assert "1 contact of this directory is hidden from everybody" in about
    assert [line for line in lines(page) if "Most" in line] == [
        "Project ends soon: Most 8 May 2026, 14:00",
        "Most 5 days left",
    ]


def test_what_needs_others_is_not_mine(world: World) -> None:
    rooms.much_to_do(world)
    text = signed_in(world.portal, world.portal.jan).get("/overview").text
    assert "Nothing needs you." in text
    text = signed_in(world.portal, world.portal.eva).get("/overview").text
    assert "Your access ends soon: Customers" in text
    assert "hidden" not in text
    assert "colleague or team" not in text


def test_what_lasts_beyond_a_month_needs_nobody(world: World) -> None:
    now = world.portal.clock.now()
    eva = signed_in(world.portal, world.portal.eva)
    with world.portal.sessions.write() as session:
        session.get_one(Grant, world.portal.grant_id).valid_until = now + timedelta(days=30)
    assert "Your access ends soon" in eva.get("/overview").text
    with world.portal.sessions.write() as session:
        home = session.get_one(Directory, world.directory.id)
        make.grant(session, home, world.portal.eva, end=now + timedelta(days=31))
    assert "Your access ends soon" not in eva.get("/overview").text


def test_an_organisation_is_led_through_its_beginning_until_all_is_there(world: World) -> None:
    adam = signed_in(world.portal, world.adam)
    page = adam.get("/overview")
    assert "Getting started" in page.text
    assert "Give somebody access done" in page.text
    assert "Set up a phone" in lines(page)
    world.phone.sync()
    assert "Getting started" not in adam.get("/overview").text


def test_whom_one_calls_often_stands_there_with_a_button(portal: Portal, eva: Browser) -> None:
    karel, sarka, _ = portal.contacts
    portal.add(Favourite(user_id=portal.eva.id, contact_id=karel.id, kept_at=portal.clock.now()))
    eva.get(f"/contacts/{sarka.public_id}")
    portal.gatherer.flush()
    page = eva.get("/overview")
    assert "Favourites Novotný Karel" in page.text.replace("KN ", "")
    assert "Opened recently Chalupová Šárka" in page.text.replace("ŠC ", "")
    assert page.links()["Call: Karel Novotný"] == "tel:+420777123456"


def test_a_favourite_that_may_not_be_seen_any_more_is_not_there(
    portal: Portal, eva: Browser
) -> None:
    karel = portal.contacts[0]
    portal.add(Favourite(user_id=portal.eva.id, contact_id=karel.id, kept_at=portal.clock.now()))
    with portal.sessions.write() as session:
        session.get_one(Grant, portal.grant_id).valid_until = portal.clock.now()
    assert "Novotný" not in eva.get("/overview").text


def test_what_i_began_and_what_comes_back_is_named(world: World) -> None:
    address = rooms.work_under_way(world)
    page = signed_in(world.portal, world.olga).get(address)
    said = lines(page)
    assert any(line.startswith("A file waits for you: kontakty ze starého") for line in said)
    assert any(line.startswith("1 row of an import could not be used: Customers") for line in said)
    assert "Most 2 of 7 devices confirmed" in said
    assert "7 devices had contacts of projects that are over:" in page.text
    for who in (world.portal.eva, world.adam):
        page = signed_in(world.portal, who).get(address)
        assert "Taking back" not in page.text
        assert not [line for line in lines(page) if "file" in line or "import" in line]


def test_a_restore_is_said_until_somebody_has_looked(world: World) -> None:
    olga, eva = (signed_in(world.portal, one) for one in (world.olga, world.portal.eva))
    assert olga.redirect("/restored") == "/overview"
    said = "Restored from a backup: what was ended after it stands open again"
    page = olga.get(rooms.after_restore(world))
    assert f"{said} The backup was made 30 Apr 2026, 14:00." in lines(page)
    assert said not in eva.get("/overview").text
    page = olga.get("/restored")
    assert "restored 3 May 2026, 13:00, as it was 30 Apr 2026, 14:00" in page.text
    olga.submit(page, "/restored")
    page = olga.get("/overview")
    assert said not in page.text
    assert olga.redirect("/restored") == "/overview"


@pytest.mark.parametrize(
    ("who", "is_told"), [("olga", True), ("adam", True), ("dora", True), ("dana", False)]
)
def test_a_colleague_who_left_is_named_until_all_is_back(
    world: World, who: str, is_told: bool
) -> None:
    address = leaving.half_back(world)
    browser = signed_in(world.portal, world.one(who))
    page = browser.get("/overview")
    found = [line for line in lines(page) if line.startswith("Eva Nováková")]
    assert bool(found) is is_told
    assert (address in {a.attrib.get("href") for a in page.root.iter("a")}) is is_told


@pytest.mark.parametrize("minutes", [59, 60])
def test_mail_that_waits_is_said_to_those_who_run_the_place(world: World, minutes: int) -> None:
    outbox.message(world)
    world.portal.clock.tick(minutes=minutes)
    for who, is_told in ((world.olga, True), (world.adam, True), (world.portal.jan, False)):
        text = signed_in(world.portal, who).get("/overview").text
        assert ("1 e-mail was not sent" in text) == (is_told and minutes == 60)


def test_mail_that_was_given_up_is_said_at_once(world: World) -> None:
    outbox.failed(world)
    page = signed_in(world.portal, world.adam).get("/overview")
    assert page.links()["1 e-mail was not sent"] == "/outbox"
    assert "Nothing needs you." not in page.text
