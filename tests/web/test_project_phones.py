"""A project's contacts on phones: taken off with one press, let on with a reason."""

import pytest

from app.models import AuditEvent, Grant
from tests.portal import Portal
from tests.rooms.projects import of
from tests.rooms.world import World, people
from tests.web.browser import Browser
from tests.web.conftest import signed_in


@pytest.fixture
def world(portal: Portal) -> World:
    return people(portal)


@pytest.fixture
def olga(world: World) -> Browser:
    return signed_in(world.portal, world.olga)


def test_they_leave_the_phone_and_come_back(world: World, olga: Browser) -> None:
    with world.portal.sessions.write() as session:
        session.get_one(Grant, world.portal.grant_id).valid_until = world.portal.clock.now()
    world.phone.sync()
    assert world.phone.names() == {"Karel Novotný"}
    off, on = of(world, "/phones/end"), of(world, "/phones")
    for _ in range(2):
        olga.post(off, olga.get("/account").form("/sign-out"))
        world.portal.clock.tick(minutes=1)
    world.phone.sync()
    assert world.phone.names() == set()
    assert "Its contacts stay in the portal from now on: Most." in olga.get(of(world)).text
    asked = olga.get(on)
    assert "Eva Nováková" in asked.text
    olga.post(on, asked.form(on), 422)
    olga.post(on, asked.form(on) | {"reason": "volá se ze stavby"})
    world.portal.clock.tick(minutes=1)
    world.phone.sync()
    assert world.phone.names() == {"Karel Novotný"}
    with world.portal.sessions.read() as session:
        acts = [row.action for row in session.query(AuditEvent).order_by(AuditEvent.id)]
    assert acts.count("project.keep_off_phones") == 2
    assert "project.let_onto_phones" in acts


def test_what_is_over_goes_to_no_phone_any_more(world: World, olga: Browser) -> None:
    world.portal.set(world.project, ends_at=world.portal.clock.now(), allows_sync=False)
    olga.get(of(world, "/phones"), 403)
    assert "Let them go to phones" not in olga.get(of(world)).text
