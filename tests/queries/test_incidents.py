"""A lost phone: its incident, the clock, and what was on it with the values of that day."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from app.cards.card import Point
from app.db import Sessions
from app.models import Device, RoleName, UserRole
from app.models.kinds import Reply, Verdict
from app.queries import carried, incidents
from app.queries.carried import Carried
from app.queries.incidents import TERM, Case
from app.queries.ledger import DeviceState, HoldingState
from app.services import contacts, devices
from app.services import incidents as commands
from app.services.audit import OPERATOR, Actor
from app.services.incidents import Known
from app.services.sessions import actor_of
from tests import factories as make
from tests.davclient import Phone
from tests.portal import NAMES, Portal, open_portal

HOUR = timedelta(hours=1)


@pytest.fixture
def site(sessions: Sessions, tmp_path: Path) -> Iterator[Portal]:
    portal = open_portal(sessions, tmp_path)
    yield portal
    portal.gatherer.close()


def eva(site: Portal) -> Actor:
    return actor_of(site.eva.id)


def device_id(site: Portal, phone: Phone) -> int:
    with site.sessions.read() as session:
        return session.query(Device).filter_by(public_id=phone.device).one().id


def lose(site: Portal, phone: Phone) -> None:
    with site.sessions.write() as session:
        row = devices.find(session, phone.device)
        devices.stop(session, eva(site), row.id, site.clock.now(), is_lost=True)


def synced(site: Portal) -> Phone:
    """A phone that has everything and has proved it."""
    phone = site.phone(site.eva)
    for _ in range(2):
        phone.sync()
        site.clock.tick(minutes=1)
    return phone


def only(site: Portal) -> Case:
    site.door.sightings.flush()
    with site.sessions.read() as session:
        (case,) = incidents.everything(session, site.clock.now())
    return case


def on_it(site: Portal) -> list[Carried]:
    case = only(site)
    with site.sessions.read() as session:
        span = (case.known_at, case.opened_at)
        return carried.of_device(session, case.device_id, *span, site.clock.now())


def edit(site: Portal, number: int, **changes: str | tuple[Point, ...]) -> None:
    with site.sessions.write() as session:
        contact_id = site.contacts[number].id
        contacts.edit(session, OPERATOR, contact_id, changes, site.clock.now())


def phones(one: Carried) -> list[str]:
    return [point.value for point in one.card.phones]


def test_the_report_opens_one_incident_with_its_72_hours(site: Portal) -> None:
    phone = synced(site)
    at = site.clock.now()
    lose(site, phone)
    site.clock.tick(hours=1)
    lose(site, phone)
    case = only(site)
    assert (case.opened_at, case.known_at, case.reporter) == (at, at, "Eva Nováková")
    assert (case.is_open, case.locked, case.encrypted) == (True, Reply.UNKNOWN, Reply.UNKNOWN)
    assert case.device.is_lost
    clock = case.clock(at + HOUR)
    assert (clock.due_at, clock.hours, clock.is_overdue) == (at + TERM, 71, False)
    assert not case.clock(at + TERM - timedelta(microseconds=1)).is_overdue
    assert case.clock(at + TERM).is_overdue
    assert case.clock(at + TERM + HOUR).hours == 0


def test_what_was_on_it_is_told_with_the_values_of_that_day(site: Portal) -> None:
    edit(site, 0, phones=(Point("777 111 111", "cell"),), note="never leaves")
    site.clock.tick(minutes=1)
    phone = synced(site)
    lose(site, phone)
    site.clock.tick(hours=1)
    edit(site, 0, phones=(Point("777 222 222", "cell"),), family="Nový")
    found = on_it(site)
    assert {one.card.shown_name() for one in found} == set(NAMES)
    karel = next(one for one in found if one.card.public_id == site.contacts[0].public_id)
    assert phones(karel) == ["777 111 111"]
    assert (karel.card.family, karel.card.note) == ("Novotný", "")
    assert (karel.state, karel.is_natural) == (HoldingState.DUE, True)
    assert "phones" in karel.fields
    assert "note" not in karel.fields


def test_a_value_that_the_phone_may_still_have_had_is_told_beside_the_newer_one(
    site: Portal,
) -> None:
    edit(site, 0, phones=(Point("777 111 111", "cell"),))
    phone = synced(site)
    edit(site, 0, phones=(Point("777 222 222", "cell"),))
    site.clock.tick(minutes=1)
    phone.report()
    lose(site, phone)
    karel = [one for one in on_it(site) if one.card.public_id == site.contacts[0].public_id]
    assert [(phones(one), one.is_replaced) for one in karel] == [
        (["777 111 111"], True),
        (["777 222 222"], False),
    ]
    assert carried.extent(on_it(site)).total == 3


def test_what_was_confirmed_gone_before_is_not_told(site: Portal) -> None:
    phone = synced(site)
    with site.sessions.write() as session:
        make.restriction(session, session.merge(site.contacts[0]), start=site.clock.now())
    for _ in range(2):
        site.clock.tick(minutes=1)
        phone.sync()
    lose(site, phone)
    assert len(on_it(site)) == 2
    with site.sessions.write() as session:
        known = Known(since_at=site.clock.now() - timedelta(minutes=2, seconds=30))
        commands.learn(session, OPERATOR, only(site).public_id, known, site.clock.now())
    assert len(on_it(site)) == 3, "known earlier, when it was still there"


def test_a_phone_that_comes_back_after_60_days_empties_and_the_incident_says_so(
    site: Portal,
) -> None:
    phone = synced(site)
    lose(site, phone)
    assert {one.state for one in on_it(site)} == {HoldingState.DUE}
    site.clock.tick(days=60)
    case = only(site)
    assert case.device.state is DeviceState.STOPPING
    assert case.device.seen_at is not None
    assert case.device.seen_at < case.opened_at
    assert len(phone.sync()) == 3
    assert {one.state for one in on_it(site)} == {HoldingState.TOLD}
    assert only(site).device.state is DeviceState.STOPPING
    site.clock.tick(minutes=1)
    phone.sync()
    case = only(site)
    assert case.device.state is DeviceState.EMPTIED
    assert case.device.emptied_at == site.clock.now()
    assert {one.state for one in on_it(site)} == {HoldingState.CONFIRMED}
    assert carried.extent(on_it(site)).states == {HoldingState.CONFIRMED: 3}
    assert case.is_open, "that it was emptied decides nothing"


def test_facts_are_added_and_the_last_of_its_kind_holds(site: Portal) -> None:
    phone = synced(site)
    site.clock.tick(hours=2)
    lose(site, phone)
    name, at = only(site).public_id, site.clock.now()
    site.add(UserRole(user_id=site.dana.id, role=RoleName.OWNER))
    with site.sessions.write() as session:
        for known in (Known(locked="no"), Known("yes", "unknown", "left in a train")):
            commands.learn(session, eva(site), name, known, at)
        commands.learn(session, eva(site), name, Known(since_at=at - HOUR), at)
        for verdict, hours in (("nobody", 1), ("people", 99)):
            dana = actor_of(site.dana.id)
            commands.decide(session, dana, name, verdict, f"because {verdict}", at + hours * HOUR)
    case = only(site)
    assert (case.locked, case.encrypted) == (Reply.YES, Reply.UNKNOWN)
    assert case.known_at == at - HOUR
    assert case.verdict is Verdict.PEOPLE
    assert not case.is_open
    assert [(s.kind.value, s.value, s.user) for s in case.steps] == [
        ("locked", "no", "Eva Nováková"),
        ("locked", "yes", "Eva Nováková"),
        ("encrypted", "unknown", "Eva Nováková"),
        ("note", "", "Eva Nováková"),
        ("known", "", "Eva Nováková"),
        ("decision", "nobody", "Dana Cizí"),
        ("decision", "people", "Dana Cizí"),
    ]
    clock = case.clock(at + TERM * 2)
    assert (clock.is_open, clock.is_overdue, clock.hours) == (False, False, 70)


def test_open_ones_come_first_and_the_statements_do_not_grow(site: Portal) -> None:
    counts = []
    for number in range(3):
        lose(site, synced(site))
        if number == 0:
            with site.sessions.write() as session:
                name = incidents.everything(session, site.clock.now())[0].public_id
                commands.decide(session, OPERATOR, name, "nobody", "locked", site.clock.now())
            continue
        with site.sessions.read() as session:
            counts.append(_statements(session, site))
    with site.sessions.read() as session:
        found = incidents.everything(session, site.clock.now())
        assert [one.is_open for one in found] == [True, True, False]
        assert found[0].known_at < found[1].known_at
        waiting = incidents.undecided(session, site.clock.now())
        assert [one.public_id for one in waiting] == [one.public_id for one in found[:2]]
    assert counts[0] == counts[1]


def _statements(session: object, site: Portal) -> int:
    ran: list[str] = []
    engine = site.sessions.engine

    def note(*args: object) -> None:
        ran.append(str(args[2]))

    event.listen(engine, "before_cursor_execute", note)
    found = incidents.everything(session, site.clock.now())  # type: ignore[arg-type]
    for case in found[:1]:
        span = (case.known_at, case.opened_at)
        carried.of_device(session, case.device_id, *span, site.clock.now())  # type: ignore[arg-type]
    event.remove(engine, "before_cursor_execute", note)
    return len(ran)


def test_the_owner_of_a_phone_learns_only_that_it_was_reported(site: Portal) -> None:
    phone = synced(site)
    inner = device_id(site, phone)
    with site.sessions.read() as session:
        assert incidents.of_device(session, inner) is None
        assert incidents.find(session, "nothing", site.clock.now()) is None
        assert incidents.everything(session, site.clock.now()) == []
    lose(site, phone)
    with site.sessions.write() as session:
        report = incidents.of_device(session, inner)
        assert report is not None
        assert (report.opened_at, report.decided_at) == (site.clock.now(), None)
        later = site.clock.tick(hours=1)
        commands.decide(session, OPERATOR, report.public_id, "nobody", "it was locked", later)
        again = incidents.of_device(session, inner)
        assert again is not None
        assert again.decided_at == later
