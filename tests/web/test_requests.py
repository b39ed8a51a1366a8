"""Requests in the portal: entered, answered by letter; a hidden contact is no dead end."""

import pytest
from sqlalchemy import select

from app.models import Contact, OutboxMessage
from tests.portal import Portal
from tests.rooms import requests as rooms
from tests.rooms.world import World, people
from tests.web.conftest import signed_in


@pytest.fixture
def world(portal: Portal) -> World:
    return people(portal)


def test_a_request_is_entered_and_answered_by_a_letter(world: World) -> None:
    dora = signed_in(world.portal, world.dora)
    said = {
        "kind": "erasure",
        "contact": f"http://127.0.0.1:8080/contacts/{world.contact.public_id}",
        "email": "karel@example.org",
        "language": "en",
    }
    new = dora.get("/requests/new")
    assert "There is no such contact." in (
        dora.submit(new, "/requests/new", 422, **{**said, "contact": "nobody"}, way="phone").text
    )
    assert "still to come" in (
        dora.submit(new, "/requests/new", 422, **said, way="phone", received="2099-01-01").text
    )
    answer = dora.submit(new, "/requests/new", 303, **said, way="phone").response
    address = answer.headers["Location"]
    page = dora.get(address)
    assert "Karel Novotný" in page.text
    assert "Karel" not in dora.get("/requests").text
    assert address in dora.get("/overview").links().values()
    for part in ("note", "longer", "close"):
        dora.submit(page, f"{address}/{part}", 422)
    reply = {"outcome": "refused", "reason": "A law obliges us."}
    dora.submit(page, f"{address}/close", 303, **reply)
    assert "A law obliges us." in dora.get(address).text
    assert dora.get("/overview").text.count("Request:") == 0
    with world.portal.sessions.read() as session:
        letters = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
    assert [letter.to for letter in letters] == ["karel@example.org"] * 2
    assert "A law obliges us." in letters[-1].body


def test_what_is_hidden_says_what_would_show_it_and_no_name(world: World) -> None:
    olga = signed_in(world.portal, world.olga)
    address = rooms.without(world)
    for path in (address, f"/directories/{world.directory.slug}/hidden"):
        assert "the reason to use it is missing" in olga.get(path).text
        assert "Karel" not in olga.get(path).text
    olga.submit(olga.get(address), f"{address}/reason", 303)
    assert "Karel Novotný" in olga.get(address).text


def test_it_is_shut_away_let_out_and_erased_from_its_page(world: World) -> None:
    olga, address = signed_in(world.portal, world.olga), rooms.keeping(world)
    page = olga.get(address)
    for part in ("restrict", "erase"):
        olga.submit(page, f"{address}/{part}", 422)
    olga.submit(page, f"{address}/restrict", 303, reason="He doubts it.")
    shut = olga.get(address)
    assert "He doubts it." in shut.text
    assert "write how the person was told" in (
        olga.submit(shut, f"{address}/release", 422, reason="Settled.").text
    )
    olga.submit(shut, f"{address}/release", 303, reason="Settled.", told="by phone")
    open_again = olga.get(address)
    assert "in use" in open_again.text
    patient = open_again.form(f"{address}/erase") | {"reason": "He asked."}
    del patient["at_once"]
    olga.post(f"{address}/erase", patient)
    assert "waits for 1 phone" in olga.get(address).text
    olga.submit(olga.get(address), f"{address}/erase", 303, reason="He asked.")
    olga.get(address, 404)
    with world.portal.sessions.read() as session:
        assert session.get_one(Contact, world.contact.id).full_name == ""
