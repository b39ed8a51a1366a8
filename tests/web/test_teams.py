"""Teams: who belongs to one, from when and until when."""

import pytest

from app.policy import Channel, Viewer
from app.queries import contacts
from tests.portal import Portal
from tests.rooms.teams import team
from tests.rooms.world import World, people
from tests.web.browser import Browser, target
from tests.web.conftest import signed_in


@pytest.fixture
def world(portal: Portal) -> World:
    return people(portal)


@pytest.fixture
def adam(world: World) -> Browser:
    return signed_in(world.portal, world.adam)


def found(world: World, user_id: int) -> int:
    """How many contacts somebody finds now."""
    with world.portal.sessions.read() as session:
        at = world.portal.clock.now()
        return contacts.count(session, Viewer(user_id), Channel.PORTAL, at, "")


def test_a_team_gets_an_address_of_its_own(adam: Browser) -> None:
    for address in ("/teams/nakup-a-sklad", "/teams/nakup-a-sklad-2"):
        page = adam.submit(adam.get("/teams/new"), "/teams/new", name="Nákup a sklad")
        assert target(page.response) == address
        assert adam.get(address).heading == "Nákup a sklad"
    page = adam.submit(adam.get("/teams/new"), "/teams/new", 422, name=" ")
    assert "Write the name." in page.text


def test_who_joins_finds_what_the_team_may_open_until_the_day_is_over(
    world: World, adam: Browser
) -> None:
    dana, address = world.portal.dana.id, team(world)
    assert "Customers : look up" in adam.get(address).text.replace("Customers:", "Customers :")
    assert found(world, dana) == 0
    form = {"person": str(dana), "start": "", "until": "2026-05-04"}
    adam.submit(adam.get(address), f"{address}/members", **form)  # type: ignore[arg-type]
    page = adam.get(address)
    assert "Dana Cizí from 3 May 2026, 14:00 until 4 May 2026" in page.text
    assert found(world, dana) == 3
    world.portal.clock.tick(hours=33, minutes=59)
    assert found(world, dana) == 3
    world.portal.clock.tick(minutes=1)
    assert found(world, dana) == 0
    assert "Who belonged to it Dana Cizí" in signed_in(world.portal, world.adam).get(address).text


def test_a_later_beginning_is_said(world: World, adam: Browser) -> None:
    address, dana = team(world), world.portal.dana.id
    form = {"person": str(dana), "start": "2026-06-01"}
    adam.submit(adam.get(address), f"{address}/members", **form)  # type: ignore[arg-type]
    assert "begins later" in adam.get(address).text
    assert found(world, dana) == 0
    adam.submit(adam.get(address), f"{address}/members", person=str(dana), start="2026-05-03")
    assert found(world, dana) == 3


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"person": ""}, "Choose a colleague."),
        ({"person": "99999"}, "Choose a colleague."),
        ({"until": "tomorrow"}, "Write a date"),
        ({"start": "0000-99-99"}, "Write a date"),
        ({"until": "2026-05-01"}, "This day is over before it begins to count."),
        ({"start": "2026-07-01", "until": "2026-06-01"}, "This day is over"),
    ],
)
def test_what_cannot_be_is_said(
    world: World, adam: Browser, typed: dict[str, str], said: str
) -> None:
    address = team(world)
    form = {"person": str(world.portal.dana.id), **typed}
    page = adam.post(f"{address}/members", adam.get(address).form(f"{address}/members") | form, 422)
    assert said in page.text


def test_an_administrator_does_not_let_himself_in(world: World, adam: Browser) -> None:
    address = team(world)
    form = {"person": str(world.adam.id)}
    assert world.adam.email not in adam.get(address).text
    adam.post(f"{address}/members", adam.get(address).form(f"{address}/members") | form, 422)
    assert found(world, world.adam.id) == 0
    olga = signed_in(world.portal, world.olga)
    form = {"person": str(world.olga.id)}
    olga.post(f"{address}/members", olga.get(address).form(f"{address}/members") | form)


def test_one_press_ends_it_and_twice_is_no_error(world: World, adam: Browser) -> None:
    address, jan = team(world), world.portal.jan.id
    page = adam.get(address)
    assert found(world, jan) == 3
    for _ in range(2):
        adam.submit(page, f"{address}/end", person=str(jan))
        assert found(world, jan) == 0
    assert "Not in the team any more: Jan Dvořák." in adam.get(address).text
    adam.post(f"{address}/end", page.form(f"{address}/end") | {"person": "99999"}, 404)
    adam.get("/teams/absent", 404)
