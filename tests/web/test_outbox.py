"""The outbox as a page: what waits, what failed, sending again, cancelling."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from app.models import OutboxMessage
from app.web.portal import EXTENSION
from tests.portal import Portal
from tests.rooms import outbox as rooms
from tests.rooms.world import World, people
from tests.web.browser import Browser, target
from tests.web.conftest import signed_in

BANNER = "Messages stay here until mail is set up."


@pytest.fixture
def world(portal: Portal) -> World:
    return people(portal)


@pytest.fixture
def olga(world: World) -> Browser:
    return signed_in(world.portal, world.olga)


def row(world: World) -> OutboxMessage:
    with world.portal.sessions.read() as session:
        return session.scalars(select(OutboxMessage)).one()


def test_without_a_mail_server_the_page_says_so_and_shows_what_waits(
    world: World, olga: Browser
) -> None:
    address = rooms.message(world)
    page = olga.get("/outbox")
    assert BANNER in page.text
    assert ["Tento týden končí přístup" in one and "waiting" in one for one in page.rows()] == [
        True
    ]
    page = olga.get(address)
    assert BANNER in page.text
    assert "Prodloužit ho lze v portálu." in page.text


def test_with_a_mail_server_nothing_is_said_of_setting_it_up(world: World, olga: Browser) -> None:
    opened = world.portal.app.extensions[EXTENSION]
    ready = replace(opened.settings, smtp_host="mail.example.org", smtp_from="k@example.org")
    world.portal.app.extensions[EXTENSION] = replace(opened, settings=ready)
    assert BANNER not in olga.get(rooms.message(world)).text
    assert BANNER not in olga.get("/outbox").text


def test_a_test_goes_to_the_one_who_asks(world: World, olga: Browser) -> None:
    world.portal.set(world.olga, language="cs")
    page = olga.submit(olga.get("/outbox"), "/outbox/test")
    assert target(page.response) == f"/outbox/{row(world).public_id}"
    assert (row(world).to, row(world).subject) == (world.olga.email, "Pošta funguje")


def test_a_refused_message_is_sent_again_from_its_page(world: World, olga: Browser) -> None:
    address = rooms.failed(world)
    assert "550 5.1.1" in olga.get(address).text
    olga.submit(olga.get(address), f"{address}/again")
    assert (row(world).failed_at, row(world).tries) == (None, 0)
    assert "will be tried again" in olga.get(address).text


def test_a_message_is_cancelled_in_one_press(world: World, olga: Browser) -> None:
    address = rooms.message(world)
    olga.submit(olga.get(address), f"{address}/cancel")
    assert "cancelled" in olga.get(address).text
    assert not olga.get(address).has_form(f"{address}/cancel")


def test_what_is_out_or_erased_is_not_sent_again(world: World, olga: Browser) -> None:
    proof = olga.get(rooms.message(world)).form("/sign-out")
    olga.post(f"{rooms.erased(world)}/again", proof, 409)


def test_a_text_that_is_erased_says_so(world: World, olga: Browser) -> None:
    page = olga.get(rooms.erased(world))
    assert "erased 30 days after" in page.text
    assert "Customers" not in page.text


def test_the_list_goes_on_and_can_be_narrowed(world: World, olga: Browser) -> None:
    for _ in range(51):
        rooms.message(world)
    rooms.failed(world)
    page = olga.get("/outbox")
    assert len(page.rows()) == 50
    rest = olga.get(page.links()["Next"])
    assert len(rest.rows()) == 2
    assert len(olga.get("/outbox?state=failed").rows()) == 1
    assert olga.get("/outbox?state=sent").rows() == []
    assert len(olga.get("/outbox?state=nothing&before=nobody").rows()) == 0
