"""What a project gave to phones and how far it has come back, told by real synchronisations."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from app.db import Sessions
from app.models import Device, Project, ProjectMember, User
from app.queries import take_backs
from app.queries.backs import Back, DeviceBack, TakeBack
from app.services import devices, grants, projects
from app.services.audit import OPERATOR
from tests import factories as make
from tests.davclient import Phone, multiget_body
from tests.portal import Portal, open_portal


@pytest.fixture
def site(sessions: Sessions, tmp_path: Path) -> Iterator[Portal]:
    """Dana, who has access to nothing else, works in a project with two contacts; so does Eva,
    who has them by the directory as well."""
    portal = open_portal(sessions, tmp_path)
    with sessions.write() as session:
        project = make.project(session)
        for user in (portal.dana, portal.eva):
            make.member(session, project, session.get_one(User, user.id))
        for contact in portal.contacts[:2]:
            make.participation(session, project, contact)
    yield portal
    portal.gatherer.close()


def end(site: Portal) -> None:
    with site.sessions.write() as session:
        project = session.query(Project).one()
        projects.end(session, OPERATOR, project.id, site.clock.tick(hours=1))


def board(site: Portal) -> TakeBack:
    site.door.sightings.flush()
    with site.sessions.read() as session:
        project = session.query(Project).one()
        return take_backs.of_project(session, project.id, site.clock.now())


def only(site: Portal) -> DeviceBack:
    (device,) = board(site).devices
    return device


def act(phone: Phone, site: Portal, what: str) -> None:
    """Stop or cut off a phone."""
    with site.sessions.write() as session:
        row = session.query(Device).filter_by(public_id=phone.device).one()
        getattr(devices, what)(session, OPERATOR, row.id, site.clock.now())


def test_a_phone_is_waited_for_then_told_then_confirms(site: Portal) -> None:
    phone = site.phone(site.dana)
    phone.sync()
    phone.sync()
    end(site)
    before = board(site)
    assert (before.cards, before.holders, len(before.devices)) == (2, 1, 1)
    assert (only(site).state, only(site).cards, only(site).told_at) == (Back.WAITING, 2, None)
    told = site.clock.tick(minutes=5)
    answer = phone.report()
    assert (only(site).state, only(site).told_at) == (Back.TOLD, told)
    assert not board(site).is_settled
    site.clock.tick(minutes=5)
    phone.take(answer)
    confirmed = site.clock.tick(minutes=5)
    phone.sync()
    after = board(site)
    assert (only(site).state, only(site).confirmed_at) == (Back.CONFIRMED, confirmed)
    assert (after.is_settled, after.confirmed) == (True, (confirmed,))
    assert after.counts == {Back.CONFIRMED: 1}


def test_what_one_keeps_by_another_way_is_not_taken_back(site: Portal) -> None:
    site.phone(site.eva).sync()
    end(site)
    found = board(site)
    assert (found.cards, found.devices) == (0, ())
    assert [person.name for person in found.people] == ["Dana Cizí", "Eva Nováková"]
    assert found.is_settled


def test_what_went_for_another_reason_later_is_not_the_projects(site: Portal) -> None:
    phone = site.phone(site.eva)
    phone.sync()
    end(site)
    with site.sessions.write() as session:
        grants.end(session, OPERATOR, site.grant_id, site.clock.tick(days=1))
    assert phone.sync()
    assert board(site).devices == ()


def test_two_programs_with_one_password_must_both_confirm(site: Portal) -> None:
    phone = site.phone(site.dana)
    other = replace(phone, user_agent="DAVx5/4.4", cards={})
    for one in (phone, other):
        one.sync()
        one.sync()
    end(site)
    phone.sync()
    phone.sync()
    assert (only(site).state, only(site).programs) == (Back.WAITING, 2)
    other.sync()
    assert only(site).state is Back.TOLD
    other.sync()
    assert only(site).state is Back.CONFIRMED


def test_a_phone_that_is_stopped_gives_back_too(site: Portal) -> None:
    phone = site.phone(site.dana)
    phone.sync()
    site.clock.tick(hours=1)
    act(phone, site, "stop")
    end(site)
    assert only(site).state is Back.WAITING
    phone.sync()
    phone.sync()
    assert only(site).state is Back.CONFIRMED


def test_a_phone_that_was_cut_off_is_not_confirmed(site: Portal) -> None:
    phone = site.phone(site.dana)
    phone.sync()
    end(site)
    act(phone, site, "give_up")
    assert only(site).state is Back.GIVEN_UP
    assert board(site).is_settled


def test_nine_days_of_silence_are_called_so(site: Portal) -> None:
    phone = site.phone(site.dana)
    phone.sync()
    heard = site.clock.now()
    end(site)
    site.clock.tick(days=9)
    assert (only(site).state, only(site).silent_since) == (Back.UNREACHABLE, heard)
    assert not board(site).is_settled
    phone.sync()
    assert (only(site).state, only(site).silent_since) == (Back.TOLD, None)


def test_a_program_that_only_lists_never_confirms(site: Portal) -> None:
    phone = replace(site.phone(site.dana), user_agent="Evolution/3.46")

    def lists() -> None:
        found = phone.propfind("D:getetag", depth="1").members
        cards = [href for href in found if href.endswith(".vcf")]
        phone.request("REPORT", phone.book, multiget_body(cards), depth="1")

    lists()
    end(site)
    assert only(site).state is Back.WAITING
    listed = site.clock.tick(hours=1)
    lists()
    assert (only(site).state, only(site).listed_at) == (Back.LISTED, listed)
    assert board(site).is_settled


def test_who_left_before_the_end_counts_and_who_never_came_does_not(site: Portal) -> None:
    site.phone(site.dana).sync()
    with site.sessions.write() as session:
        row = session.query(ProjectMember).filter_by(user_id=site.dana.id).one()
        row.valid_until = site.clock.tick(hours=1)
        jan = session.get_one(User, site.jan.id)
        project = session.query(Project).one()
        start = site.clock.now() + timedelta(days=1)
        make.member(session, project, jan, start, start + timedelta(days=9))
    end(site)
    assert only(site).state is Back.WAITING
    assert [person.name for person in board(site).people] == ["Dana Cizí", "Eva Nováková"]


def test_a_card_that_is_given_again_is_not_to_come_back(site: Portal) -> None:
    phone = site.phone(site.dana)
    phone.sync()
    end(site)
    phone.sync()
    with site.sessions.write() as session:
        dana, now = session.get_one(User, site.dana.id), site.clock.tick(hours=1)
        make.grant(session, site.directory, dana, start=now)
    assert board(site).devices == ()


def test_the_weakest_phone_stands_first(site: Portal) -> None:
    quick, slow = site.phone(site.dana, "Quick"), site.phone(site.dana, "Slow")
    for phone in (quick, slow):
        phone.sync()
    end(site)
    quick.sync()
    quick.sync()
    found = board(site)
    assert [(d.name, d.state) for d in found.devices] == [
        ("Slow", Back.WAITING),
        ("Quick", Back.CONFIRMED),
    ]
    assert not found.people[0].is_done


def test_more_projects_and_phones_take_no_more_statements(site: Portal) -> None:
    def statements(*ids: int) -> tuple[int, int]:
        """How many statements, and how many devices were found by them."""
        seen: list[str] = []

        def note(_c: object, _k: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        event.listen(site.sessions.engine, "before_cursor_execute", note)
        with site.sessions.read() as session:
            found = take_backs.of_projects(session, ids, site.clock.now())
        event.remove(site.sessions.engine, "before_cursor_execute", note)
        return len(seen), sum(len(one.devices) for one in found.values())

    site.phone(site.dana).sync()
    end(site)
    with site.sessions.write() as session:
        first = session.query(Project).one().id
        other = make.project(session)
        make.member(session, other, session.get_one(User, site.dana.id))
        make.participation(session, other, site.contacts[2])
        second = other.id
    once, devices = statements(first)
    for number in range(3):
        site.phone(site.dana, f"Phone {number}").sync()
    with site.sessions.write() as session:
        projects.end(session, OPERATOR, second, site.clock.tick(hours=1))
    assert devices == 1
    assert statements(first, second) == (once, 4)
