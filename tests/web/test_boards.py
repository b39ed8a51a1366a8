"""The page of a project that is over: what went to phones, and how far it has come back."""

from datetime import timedelta

import pytest

from app.queries import take_backs
from app.web.boards import board
from tests.portal import Portal
from tests.rooms import projects as rooms
from tests.rooms.projects import of
from tests.rooms.world import World, people
from tests.web.browser import Browser, words
from tests.web.conftest import signed_in


@pytest.fixture
def world(portal: Portal) -> World:
    return people(portal)


@pytest.fixture
def dora(world: World) -> Browser:
    return signed_in(world.portal, world.dora)


def test_every_state_is_counted_drawn_and_told_in_words(world: World, dora: Browser) -> None:
    page = dora.get(rooms.half_back(world))
    assert (
        "3 contacts went out. 4 people had contacts on a device. There are 7 devices in all."
        " 2 of them have confirmed."
    ) in page.text
    rows = page.rows()
    assert len(rows) == 10
    assert rows[0].startswith(
        "Łukasz Żak starý telefon 3 contacts not heard from since 21 Apr 2026"
    )
    assert "told 30 Apr 2026, 15:40, not confirmed last heard from 30 Apr 2026, 15:40" in rows[4]
    assert "confirmed 30 Apr 2026, 15:40" in rows[5]
    assert "programs of this kind never confirm" in rows[6]
    assert rows[9] == "Petra Černá nothing to take back from a phone"
    about = words(next(page.root.iter("{http://www.w3.org/2000/svg}desc")))
    assert "2 confirmed, 1 that never confirms, 1 told, not confirmed" in about
    assert "Ask its owner to switch it on" in page.text
    assert "Novotný" not in page.text


def test_the_page_asks_again_until_all_is_settled(world: World, dora: Browser) -> None:
    address = rooms.half_back(world)
    found = dora.get(address).root.find(".//*[@id='board']")
    assert found is not None
    assert found.attrib["data-hx-trigger"] == "every 60s"
    again = found.attrib["data-hx-get"]
    headers = {"HX-Request": "true", "HX-Request-Type": "partial"}
    part = Browser(world.portal, **headers)
    part.client = dora.client
    unchanged = part.open("GET", again).text
    assert "<html" not in unchanged
    assert "hx-swap-oob" not in unchanged
    assert 'data-hx-swap-oob="innerHTML:#status"' in part.open("GET", f"{address}?known=x").text


def test_the_end_is_a_green_sentence_with_a_date(world: World, dora: Browser) -> None:
    page = dora.get(rooms.all_back(world))
    assert "Everything has been taken back, confirmed 3 May 2026, 13:40." in page.text
    assert "13 people, 26 devices, all confirmed" in page.text.replace("and 13 people", "")
    assert "data-hx-get" not in page.root.find(".//*[@id='board']").attrib  # type: ignore[union-attr] # it is there
    assert len(page.rows()) == 28


def test_nothing_on_a_phone_is_said(world: World, dora: Browser) -> None:
    page = dora.get(rooms.nothing(world))
    assert "There was nothing on any phone." in page.text


def test_the_list_of_projects_says_how_far_each_is(world: World, dora: Browser) -> None:
    rooms.half_back(world)
    page = dora.get("/projects")
    assert page.links()["confirmed by 2 of 7"] == of(world, "/take-back")
    eva = signed_in(world.portal, world.portal.eva)
    assert "confirmed by" not in eva.get("/projects").text


def test_it_asks_less_often_as_time_goes_by(world: World) -> None:
    at = world.portal.clock.now()
    ages = (timedelta(minutes=1), timedelta(minutes=30), timedelta(hours=5), timedelta(days=2))
    rooms.alone(world, "Jana Tichá", ("Pixel 8",))
    world.portal.clock.tick(minutes=1)
    rooms.ended(world)
    with world.portal.sessions.read() as session:
        back = take_backs.of_project(session, world.project.id, at + timedelta(minutes=2))
    assert [board(back, back.ended_at + age).every for age in ages] == [5, 15, 30, 60]
