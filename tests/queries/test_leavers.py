"""What a colleague's devices had when he left, and how far it has come back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import event

from app.db import Sessions
from app.models import Device, User
from app.models.kinds import ActorKind
from app.queries import leavers
from app.queries.backs import Back, DeviceBack, TakeBack
from app.services import accounts, devices, grants, people
from app.services.audit import OPERATOR, Actor
from tests import factories as make
from tests.davclient import Phone
from tests.portal import Portal, open_portal


@pytest.fixture
def site(sessions: Sessions, tmp_path: Path) -> Iterator[Portal]:
    """Eva has three contacts by the directory."""
    portal = open_portal(sessions, tmp_path)
    yield portal
    portal.gatherer.close()


def leaves(site: Portal, by: User | None = None, **said: object) -> datetime:
    actor = Actor(ActorKind.USER, by.id) if by else OPERATOR
    at = site.clock.tick(hours=1)
    with site.sessions.write() as session:
        accounts.disable_user(session, actor, site.eva.id, at, **said)  # type: ignore[arg-type] # as it takes them
    return at


def comes_back(site: Portal) -> None:
    with site.sessions.write() as session:
        people.enable_user(session, OPERATOR, site.eva.id, site.clock.tick(hours=1))


def board(site: Portal) -> TakeBack:
    site.door.sightings.flush()
    with site.sessions.read() as session:
        found = leavers.of_person(session, site.eva.id, site.clock.now())
    assert found is not None
    return found


def only(site: Portal) -> DeviceBack:
    (device,) = board(site).devices
    return device


def set_up(site: Portal, name: str = "Phone") -> Phone:
    phone = site.phone(site.eva, name)
    phone.sync()
    phone.sync()
    return phone


def test_a_phone_is_waited_for_then_told_then_confirms(site: Portal) -> None:
    phone = set_up(site)
    left = leaves(site)
    before = board(site)
    assert (before.ended_at, before.cards, before.holders) == (left, 3, 1)
    assert (only(site).state, only(site).cards, only(site).confirmed_by) == (Back.WAITING, 3, 0)
    told = site.clock.tick(minutes=5)
    phone.sync()
    assert (only(site).state, only(site).told_at) == (Back.TOLD, told)
    confirmed = site.clock.tick(minutes=5)
    phone.sync()
    assert (only(site).state, only(site).confirmed_at) == (Back.CONFIRMED, confirmed)
    assert (only(site).programs, only(site).confirmed_by) == (1, 1)
    assert board(site).is_settled


def waited_for(site: Portal) -> list[leavers.Waiting]:
    with site.sessions.read() as session:
        return leavers.waited_for(session, site.clock.now())


def test_who_left_is_waited_for_until_his_last_phone_is_empty(site: Portal) -> None:
    phone, other = set_up(site), set_up(site, "Other")
    assert waited_for(site) == []
    left = leaves(site)
    assert waited_for(site) == [leavers.Waiting(site.eva.id, site.eva.name, left, 2)]
    for one in (phone, other):
        one.sync()
        site.clock.tick(minutes=5)
        one.sync()
    site.door.sightings.flush()
    assert waited_for(site) == []


def test_nobody_waits_for_one_who_came_back(site: Portal) -> None:
    set_up(site)
    leaves(site)
    comes_back(site)
    assert waited_for(site) == []


def test_a_phone_that_was_silent_for_sixty_days_still_gives_back(site: Portal) -> None:
    phone = set_up(site)
    heard = site.clock.now()
    leaves(site)
    site.clock.tick(days=60)
    assert (only(site).state, only(site).silent_since) == (Back.UNREACHABLE, heard)
    assert phone.sync()
    confirmed = site.clock.tick(minutes=1)
    phone.sync()
    assert (only(site).state, only(site).silent_since) == (Back.CONFIRMED, None)
    assert only(site).confirmed_at == confirmed
    assert phone.names() == set()


def test_two_programs_are_counted_one_by_one(site: Portal) -> None:
    phone = set_up(site)
    other = replace(phone, user_agent="DAVx5/4.4", cards={}, token="")
    other.sync()
    other.sync()
    leaves(site)
    other.sync()
    other.sync()
    assert (only(site).state, only(site).programs) == (Back.WAITING, 2)
    assert only(site).confirmed_by == 1


def test_what_had_been_given_back_before_is_not_counted_again(site: Portal) -> None:
    done, owing = set_up(site, "done"), set_up(site, "owing")
    with site.sessions.write() as session:
        grants.end(session, OPERATOR, site.grant_id, site.clock.tick(hours=1))
    done.sync()
    done.sync()
    leaves(site)
    assert [(one.name, one.state) for one in board(site).devices] == [("owing", Back.WAITING)]
    assert owing.sync()


def test_a_phone_that_is_cut_off_is_not_confirmed(site: Portal) -> None:
    phone = set_up(site)
    leaves(site)
    with site.sessions.write() as session:
        row = session.query(Device).filter_by(public_id=phone.device).one()
        devices.give_up(session, OPERATOR, row.id, site.clock.now())
    assert (only(site).state, only(site).given_up_at) == (Back.GIVEN_UP, site.clock.now())


def test_nothing_on_a_phone_is_nothing_to_take_back(site: Portal) -> None:
    with site.sessions.read() as session:
        assert leavers.of_person(session, site.eva.id, site.clock.now()) is None
    site.phone(site.eva)
    leaves(site)
    assert (board(site).devices, board(site).cards) == ((), 0)
    assert [person.name for person in board(site).people] == ["Eva Nováková"]


def test_who_pressed_why_and_who_took_over(site: Portal) -> None:
    with site.sessions.write() as session:
        eva = session.get_one(User, site.eva.id)
        make.assignment(session, session.merge(site.contacts[0]), eva)
    at = leaves(site, site.dana, reason=" konec smlouvy ")
    leaves(site, site.jan, hand_over_to=site.jan.id)
    with site.sessions.read() as session:
        found = leavers.departure(session, site.eva.id, site.clock.now())
    assert found is not None
    assert (found.name, found.at, found.by) == ("Eva Nováková", at, "Dana Cizí")
    assert (found.reason, found.heirs, found.handed_over) == ("konec smlouvy", ("Jan Dvořák",), 1)
    assert found.until is None


def test_coming_back_gives_nothing_back_and_the_record_stays(site: Portal) -> None:
    phone = set_up(site)
    left = leaves(site)
    comes_back(site)
    assert (board(site).ended_at, only(site).state) == (left, Back.WAITING)
    phone.sync()
    phone.sync()
    assert only(site).state is Back.CONFIRMED
    fresh = site.phone(site.eva, "new")
    fresh.sync()
    assert fresh.names() == set()
    with site.sessions.write() as session:
        eva = session.get_one(User, site.eva.id)
        make.grant(session, session.merge(site.directory), eva, start=site.clock.now())
    fresh.sync()
    assert len(fresh.names()) == 3
    assert [one.name for one in board(site).devices] == ["Phone"]
    with site.sessions.read() as session:
        found = leavers.departure(session, site.eva.id, site.clock.now())
    assert found is not None
    assert found.by == ""
    assert found.until is not None


def test_more_phones_take_no_more_statements(site: Portal) -> None:
    def statements() -> tuple[int, int]:
        seen: list[str] = []

        def note(_c: object, _k: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        event.listen(site.sessions.engine, "before_cursor_execute", note)
        with site.sessions.read() as session:
            found = leavers.of_person(session, site.eva.id, site.clock.now())
        event.remove(site.sessions.engine, "before_cursor_execute", note)
        assert found is not None
        return len(seen), len(found.devices)

    set_up(site)
    leaves(site)
    once, devices_then = statements()
    comes_back(site)
    with site.sessions.write() as session:
        eva = session.get_one(User, site.eva.id)
        make.grant(session, session.merge(site.directory), eva, start=site.clock.now())
    for number in range(3):
        set_up(site, f"Phone {number}")
    leaves(site)
    assert devices_then == 1
    assert statements() == (once, 4)
