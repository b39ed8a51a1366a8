"""Access to a directory: the whole table with its reasons, and the press that ends one."""

import pytest

from app.models import AuditEvent, Directory, Grant
from tests import factories as make
from tests.portal import Portal
from tests.rooms.access import crowded
from tests.rooms.world import World, people
from tests.web.browser import Browser
from tests.web.conftest import signed_in


@pytest.fixture
def world(portal: Portal) -> World:
    return people(portal)


@pytest.fixture
def olga(world: World) -> Browser:
    return signed_in(world.portal, world.olga)


def access(world: World) -> str:
    return f"/directories/{world.directory.slug}/access"


def form(browser: Browser, **values: str) -> dict[str, str]:
    token = browser.get("/account").form("/sign-out")["csrf_token"]
    return values | {"csrf_token": token}


def test_the_table_says_who_what_until_when_and_why(world: World, olga: Browser) -> None:
    page = olga.get(crowded(world))
    text = "\n".join(page.rows())
    assert "look up, on phones, hand out in a file all contacts" in text
    assert "only contacts in their charge" in text
    assert "until 31 Aug 2026, 14:00" in text
    assert "Olga Králová stavba mostu, denní objednávky materiálu" in text
    assert "Through the project: Most 2 people" in text
    assert "1 contact name, firm, phones" in text
    assert "phones stopped" in text
    assert "No one else has access." in page.text
    assert "Past access" in page.text
    assert "4 people reach contacts of this directory." in page.text
    assert "The next one ends 23 May 2026, 14:00." in page.text


def test_an_empty_table_says_so(world: World) -> None:
    with world.portal.sessions.write() as session:
        for grant in session.query(Grant):
            grant.valid_until = world.portal.clock.now()
        session.merge(world.project).ends_at = world.portal.clock.now()
    dora = signed_in(world.portal, world.dora)
    page = dora.get(access(world))
    assert "No one has access." in page.text
    assert not page.has_form(f"{access(world)}/end")


def test_the_data_protection_officer_sees_and_ends_nothing(world: World) -> None:
    dora = signed_in(world.portal, world.dora)
    page = dora.get(access(world))
    assert "Eva Nováková" in page.text
    assert not page.has_form(f"{access(world)}/end")


def test_ending_is_one_press_and_twice_is_no_error(world: World, olga: Browser) -> None:
    eva = signed_in(world.portal, world.portal.eva)
    assert "3 contacts" in eva.get("/contacts").text
    ends = f"{access(world)}/end"
    for _ in range(2):
        sent = form(olga, grant=str(world.portal.grant_id))
        answer = olga.post(ends, sent)
        assert answer.response.headers["Location"] == access(world)
        page = olga.get(access(world))
        assert "Access ended: Eva Nováková" in page.text
        world.portal.clock.tick(minutes=1)
    assert "1 contact" in eva.get("/contacts").text
    with world.portal.sessions.read() as session:
        row = session.get_one(Grant, world.portal.grant_id)
        assert (world.portal.clock.now() - row.valid_until).seconds == 120
        event = session.query(AuditEvent).filter_by(action="grant.end").one()
        assert event.actor_id == world.olga.id


def test_who_ends_the_last_who_decides_is_told_first(world: World, olga: Browser) -> None:
    warning = "Then nobody decides about this directory any more."
    assert warning in olga.get(access(world)).text
    with world.portal.sessions.write() as session:
        make.grant(session, world.directory, world.portal.eva, can="read,manage")
    assert warning not in olga.get(access(world)).text


def test_who_ends_his_own_is_sent_where_he_may_be(world: World) -> None:
    with world.portal.sessions.write() as session:
        home = session.get_one(Directory, world.directory.id)
        number = make.grant(session, home, world.portal.dana, can="read,manage").id
    dana = signed_in(world.portal, world.portal.dana)
    answer = dana.post(f"{access(world)}/end", form(dana, grant=str(number)))
    assert answer.response.headers["Location"] == "/directories"


def test_an_access_is_ended_through_its_own_directory_alone(world: World, olga: Browser) -> None:
    with world.portal.sessions.write() as session:
        other = make.grant(session, make.directory(session), world.portal.dana).id
    for number in (str(other), "99", "x", "9" * 30, ""):
        olga.post(f"{access(world)}/end", form(olga, grant=number), 404)
