"""Who sees this contact: the page says what the policy says, and what devices confirmed."""

from datetime import timedelta

import pytest

from app.models import Consultation, Grant
from app.policy import Channel, Viewer
from app.queries import contacts
from tests import factories as make
from tests.portal import Portal, add_user
from tests.rooms import sight as rooms
from tests.rooms.world import CAST, World, people
from tests.web.browser import Browser, Page, words
from tests.web.conftest import signed_in

SVG = "http://www.w3.org/2000/svg"
WAYS = {"portal": Channel.PORTAL, "phone": Channel.CARDDAV, "export": Channel.EXPORT}


@pytest.fixture
def world(portal: Portal) -> World:
    return people(portal)


@pytest.fixture
def olga(world: World) -> Browser:
    return signed_in(world.portal, world.olga)


def verdicts(page: Page) -> dict[str, str]:
    """yes or no, by name."""
    heads = [words(row[0]) for row in page.root.findall(".//tbody/tr")]
    return {head.rpartition(" ")[0]: head.rpartition(" ")[2] for head in heads}


def drawn(page: Page, what: str = "text") -> list[str]:
    """The words of the map, or of one kind of its shapes."""
    found = page.root.iterfind(f".//{{{SVG}}}svg//{{{SVG}}}{what}")
    return [words(element) for element in found]


@pytest.mark.parametrize("way", WAYS)
def test_the_page_says_what_the_policy_says(world: World, olga: Browser, way: str) -> None:
    address = rooms.who(world)
    found = verdicts(olga.get(f"{address}?by={way}"))
    device = None
    with world.portal.sessions.read() as session:
        at = world.portal.clock.now()
        for who in CAST:
            user = world.one(who)
            if way == "phone":
                device = 1 if who == "eva" else None
            viewer = Viewer(user.id, device)
            card = contacts.find(session, viewer, WAYS[way], world.contact.public_id, at)
            # Somebody without a phone has nothing to see it on.
            sees = card is not None and (way != "phone" or device is not None)
            assert (found.get(user.name) == "yes") == sees, user.name


def test_the_verdict_is_a_sentence(world: World, olga: Browser) -> None:
    text = olga.get(rooms.who(world)).text
    assert (
        "On 3 May 2026, 14:00 CEST, 3 people can look up this contact. It is on 1 device." in text
    )
    assert "Project: Most" in text
    assert "through the team: Stavba" in text


def test_a_phone_that_was_told_is_no_phone_that_confirmed(world: World, olga: Browser) -> None:
    text = olga.get(rooms.told(world)).text
    assert "1 device has not confirmed that it is gone from there." in text
    assert "Phone told, not confirmed 3 May 2026, 14:00" in text
    world.phone.sync()
    text = olga.get(rooms.who(world)).text
    assert "It is on no device." in text
    assert "removal confirmed" in text


def test_what_shuts_is_said_first_and_the_map_has_a_bar(world: World, olga: Browser) -> None:
    page = olga.get(rooms.shut(world))
    assert "No one: The contact may only be stored at present" in page.text
    assert "no one can look up this contact" in page.text
    assert drawn(page, "rect[@class='k-map-bar']")
    assert set(verdicts(page).values()) == {"no"}


def test_before_the_last_change_it_was_otherwise(world: World, olga: Browser) -> None:
    address = rooms.who(world)
    world.portal.clock.tick(hours=2)
    with world.portal.sessions.write() as session:
        session.get_one(Grant, world.portal.grant_id).valid_until = world.portal.clock.now()
    world.portal.set(world.project, ends_at=world.portal.clock.now())
    page = olga.get(address)
    assert verdicts(page).get("Eva Nováková") != "yes"
    before = olga.get(page.links()["before the last change"])
    assert verdicts(before)["Eva Nováková"] == "yes"
    assert "On 3 May 2026, 15:59 CEST" in before.text
    assert verdicts(olga.get(page.links()["now"])).get("Eva Nováková") != "yes"


def test_another_time_is_typed_in_local_time(world: World, olga: Browser) -> None:
    address = rooms.who(world)
    assert "On 3 May 2019, 09:30 CEST, no one" in olga.get(f"{address}?at=2019-05-03T09:30").text
    assert "This is still to come" in olga.get(f"{address}?at=2030-01-01T00:00").text
    for nonsense in ("yesterday", "0001-01-01T00:00", "9999-12-31T23:59"):
        assert olga.get(f"{address}?at={nonsense}").status == 200


def test_why_somebody_does_not_see_it(world: World, olga: Browser) -> None:
    address = rooms.who(world)
    text = olga.get(f"{address}?who={world.portal.dana.id}").text
    assert "Does not see this contact: Dana Cizí Nobody gave this colleague" in text
    text = olga.get(f"{address}?who={world.portal.eva.id}").text
    assert "Sees this contact: Eva Nováková Somebody gave this colleague" in text
    for nobody in ("999999", "x", "²"):
        assert "this contact: Dana" not in olga.get(f"{address}?who={nobody}").text


def test_many_are_folded_by_their_team_until_asked_for(world: World, olga: Browser) -> None:
    page = olga.get(rooms.crowd(world))
    assert "15 people" in drawn(page)
    assert "Kolegyně 03" not in drawn(page)
    page = olga.get(page.links()["Draw everybody"])
    assert "Kolegyně 03" in drawn(page)


def test_many_accesses_to_one_directory_are_folded_until_asked_for(
    world: World, olga: Browser
) -> None:
    address = rooms.who(world)
    now = world.portal.clock.now()
    with world.portal.sessions.write() as session:
        for number in range(13):
            person = add_user(session, f"Host {number:02d}")
            end = now + timedelta(days=number + 1)
            make.grant(session, world.directory, person, can="read", end=end)
    page = olga.get(address)
    assert "access given 15 times" in drawn(page)
    assert drawn(page).count("Directory: Customers") == 1
    page = olga.get(page.links()["Draw everybody"])
    assert drawn(page).count("Directory: Customers") == 15
    assert "access given 15 times" in drawn(olga.get(page.links()["Draw teams together"]))


def test_a_watcher_reads_the_name_alone_and_that_is_recorded(world: World) -> None:
    dora = signed_in(world.portal, world.dora)
    page = dora.get(rooms.who(world))
    assert "+420777123456" not in page.text
    assert "The contact" not in page.links()
    world.portal.gatherer.flush()
    with world.portal.sessions.read() as session:
        (row,) = session.query(Consultation).filter_by(user_id=world.dora.id)
        assert (row.page, row.contact_ids) == ("sight", [world.contact.id])
