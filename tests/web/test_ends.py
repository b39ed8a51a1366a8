"""The end of an access: moved nearer by a press, further with a reason and by who manages."""

import pytest

from app.db import FOREVER
from app.models import Directory, Grant
from tests import factories as make
from tests.portal import Portal
from tests.rooms.access import change, evas, move
from tests.rooms.world import World, people
from tests.web.browser import Browser
from tests.web.conftest import signed_in
from tests.web.test_sharing import form


@pytest.fixture
def world(portal: Portal) -> World:
    return people(portal)


@pytest.fixture
def olga(world: World) -> Browser:
    return signed_in(world.portal, world.olga)


def held(world: World) -> list[Grant]:
    """Eva's grants on the directory, the oldest first."""
    with world.portal.sessions.read() as session:
        found = session.query(Grant).filter_by(user_id=world.portal.eva.id)
        return found.order_by(Grant.id).all()


def send(world: World, who: Browser, status: int = 303, **values: str) -> str:
    return who.post(move(world), form(who, **evas(world), **values), status).text


def test_a_nearer_end_needs_nothing(world: World, olga: Browser) -> None:
    page = olga.get(change(world))
    assert "without an end" in page.text
    assert "no_end" not in page.form(move(world))
    olga.submit(page, move(world), 303, until="2026-06-30")
    (row,) = held(world)
    assert row.valid_until.isoformat() == "2026-06-30T22:00:00+00:00"
    assert olga.get(change(world)).form(move(world))["until"] == "2026-06-30"


def test_a_later_end_needs_a_reason(world: World, olga: Browser) -> None:
    send(world, olga, until="2026-06-30")
    said = send(world, olga, 422, until="2026-07-31", reason=" ")
    assert "A later end needs a reason." in said
    send(world, olga, no_end="y", reason="stavba pokračuje")
    old, new = held(world)
    assert (old.valid_until, new.valid_from) == (world.portal.clock.now(),) * 2
    assert (new.valid_until, new.reason) == (FOREVER, "stavba pokračuje")


def test_an_owner_who_does_not_manage_brings_it_nearer_alone(world: World) -> None:
    with world.portal.sessions.write() as session:
        mine = session.query(Grant).filter_by(user_id=world.olga.id).one()
        mine.can_manage = False
    olga = signed_in(world.portal, world.olga)
    send(world, olga, until="2026-06-30")
    said = send(world, olga, 422, until="2026-07-31", reason="x")
    assert "Only who manages the directory can choose a later end." in said


def test_what_is_over_is_not_opened_again(world: World, olga: Browser) -> None:
    with world.portal.sessions.write() as session:
        session.get_one(Grant, world.portal.grant_id).valid_until = world.portal.clock.now()
    assert "This access is over." in send(world, olga, 422, until="2026-07-31", reason="x")


def test_a_disabled_account_gets_no_later_end(world: World, olga: Browser) -> None:
    send(world, olga, until="2026-06-30")
    with world.portal.sessions.write() as session:
        make.suspension(session, world.portal.eva)
    assert "This account is disabled" in send(world, olga, 422, until="2026-07-31", reason="x")


def test_what_is_no_day_is_said(world: World, olga: Browser) -> None:
    assert "This day is over." in send(world, olga, 422, until="2026-05-02")


def test_it_is_changed_through_its_own_directory_alone(world: World, olga: Browser) -> None:
    with world.portal.sessions.write() as session:
        other: Directory = make.directory(session)
        number = make.grant(session, other, world.portal.dana).id
    olga.get(f"{move(world)}?grant={number}", 404)
