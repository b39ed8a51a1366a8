"""Who is in charge of a contact: chosen from colleagues, for a while, ended with one press."""

import pytest

from app.models import Assignment, SuspensionKind
from tests import factories as make
from tests.portal import Portal
from tests.rooms.world import World, people
from tests.web.browser import Browser
from tests.web.conftest import signed_in


@pytest.fixture
def world(portal: Portal) -> World:
    return people(portal)


@pytest.fixture
def olga(world: World) -> Browser:
    return signed_in(world.portal, world.olga)


def charge(world: World) -> str:
    return f"/contacts/{world.contact.public_id}/charge"


def send(browser: Browser, address: str, status: int = 303, /, **typed: str) -> str:
    page = browser.get(address)
    return browser.post(address, page.form(address) | typed, status).text


def test_a_colleague_is_in_charge_for_a_while(world: World, olga: Browser) -> None:
    send(olga, charge(world), who=world.portal.eva.email, since="2026-05-10", until="2026-05-31")
    text = olga.get(charge(world)).text
    assert "Eva Nováková" in text
    assert "from 10 May 2026 · until 31 May 2026" in text.replace("\u00a0", " ")
    with world.portal.sessions.read() as session:
        row = session.query(Assignment).one()
        assert row.valid_until.isoformat() == "2026-05-31T22:00:00+00:00"


def test_days_may_be_written_by_hand(world: World, olga: Browser) -> None:
    who = world.portal.eva.email
    send(olga, charge(world), who=who, since="5. 6. 2026", until="10. 6. 2026")
    text = olga.get(charge(world)).text.replace("\u00a0", " ")
    assert "from 5 June 2026 · until 10 June 2026" in text


def test_namesakes_are_told_apart(world: World, olga: Browser) -> None:
    options = [option.text for option in olga.get(charge(world)).root.iter("option")]
    assert f"Eva Nováková ({world.portal.eva.email})" in options


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Choose who is to be in charge."),
        ({"who": "nobody@example.org"}, "Choose who is to be in charge."),
        ({"since": "in May"}, "Write a date, for example 31. 12. 2026."),
        ({"until": "9999-99-99"}, "Write a date, for example 31. 12. 2026."),
        ({"until": "2026-05-02"}, "This day is over."),
        ({"since": "2026-06-02", "until": "2026-06-01"}, "The end lies before the beginning."),
    ],
)
def test_what_is_wrong_is_said(
    world: World, olga: Browser, typed: dict[str, str], said: str
) -> None:
    assert said in send(olga, charge(world), 422, **typed)
    with world.portal.sessions.read() as session:
        assert session.query(Assignment).count() == 0


def test_an_end_is_one_press_for_who_left_too_and_twice_is_no_error(
    world: World, olga: Browser
) -> None:
    with world.portal.sessions.write() as session:
        make.assignment(session, world.contact, world.portal.eva)
        make.suspension(session, world.portal.eva, SuspensionKind.DISABLED)
    address = f"{charge(world)}/end"
    form = olga.get(charge(world)).form(address)
    olga.post(address, form)
    text = olga.get(charge(world)).text
    assert "Not in charge any more: Eva Nováková." in text
    assert "In charge nobody" in text
    olga.post(address, form)


def test_only_who_manages_finds_the_way(world: World, olga: Browser, jan: Browser) -> None:
    page = f"/contacts/{world.contact.public_id}"
    assert olga.get(page).links()["Who is in charge"] == charge(world)
    assert "Who is in charge" not in jan.get(page).links()
