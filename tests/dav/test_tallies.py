"""Counting in the database says what reading card by card says, in as many statements for all."""

import threading
from collections import Counter
from datetime import datetime

from sqlalchemy import event, select

from app.db import FOREVER
from app.models import Book, Contact, Grant, Holding
from app.queries import ledger, proofs
from app.queries.ledger import DeviceView, HoldingState
from app.services import devices, draining
from app.services.audit import OPERATOR
from tests import factories as make
from tests.dav.conftest import World
from tests.davclient import Phone


def agree(world: World) -> DeviceView:
    """The first device as it is counted, once every one was read card by card as well."""
    at = world.clock.now()
    with world.sessions.read() as session:
        views = ledger.devices(session, at)
        for view in views:
            row = devices.find(session, view.public_id)
            held = ledger.on_device(session, row.id, at)
            states = Counter(holder.state for holder in held)
            assert view.cards == states[HoldingState.HELD]
            owed = states[HoldingState.DUE] + states[HoldingState.TOLD]
            assert view.removals_waiting == owed
            instants = [h.confirmed_at for h in held if h.confirmed_at]
            assert view.confirmed_at == max(instants, default=None)
            assert view.fetched_at == last_told(world, view, at)
    return views[-1]


def last_told(world: World, view: DeviceView, at: datetime) -> datetime | None:
    with world.sessions.read() as session:
        row = devices.find(session, view.public_id)
        books = session.scalars(select(Book.id).where(Book.device_id == row.id)).all()
        found = [p for book in books for p in proofs.programs(session, book, at) if p.has_read]
        told = [program.last_told_at for program in found]
    return max((instant for instant in told if instant), default=None)


def end_grant(world: World) -> None:
    with world.sessions.write() as session:
        session.get_one(Grant, world.grant_id).valid_until = world.clock.now()


def steps(world: World, phone: Phone, count: int = 2) -> None:
    for _ in range(count):
        world.clock.tick(minutes=1)
        phone.sync()
        world.door.sightings.flush()
        agree(world)


def test_counting_is_reading(world: World) -> None:
    phone, silent = world.phone(), world.phone()
    assert agree(world).cards == 0
    steps(world, phone)
    assert agree(world).cards == 3
    silent.report()
    world.set(world.contacts[0], given="Karla")
    assert agree(world).cards == 3
    steps(world, phone)
    world.set(world.contacts[1], erased_at=world.clock.now())
    assert (agree(world).cards, agree(world).removals_waiting) == (2, 1)
    steps(world, phone)
    again = world.again(phone)
    steps(world, again)
    steps(world, phone, 1)
    end_grant(world)
    assert (agree(world).cards, agree(world).removals_waiting) == (0, 2)
    steps(world, phone)
    assert agree(world).removals_waiting == 2
    steps(world, again)
    assert agree(world).removals_waiting == 0
    assert agree(world).confirmed_at == world.clock.now()


def test_a_card_that_came_back_is_there(world: World) -> None:
    phone = world.phone()
    steps(world, phone)
    world.set(world.contacts[1], merged_at=world.clock.now())
    steps(world, phone)
    world.clock.tick(minutes=1)
    with world.sessions.write() as session:
        contact = session.get_one(Contact, world.contacts[1].id)
        contact.merged_at = FOREVER
    steps(world, phone)
    assert agree(world).cards == 3


def test_time_alone_takes_a_card_from_the_count(world: World) -> None:
    phone = world.phone()
    ends = world.clock.tick(hours=1)
    world.clock.tick(hours=-1)
    with world.sessions.write() as session:
        session.get_one(Grant, world.grant_id).valid_until = ends
    steps(world, phone)
    assert agree(world).cards == 3
    world.clock.tick(hours=1)
    assert (agree(world).cards, agree(world).removals_waiting) == (0, 3)


def test_what_was_fetched_without_a_list_counts(world: World) -> None:
    phone = world.phone()
    phone.multiget([world.href(phone)])
    world.door.sightings.flush()
    assert agree(world).cards == 1
    end_grant(world)
    assert agree(world).removals_waiting == 1
    phone.propfind("D:sync-token")
    assert agree(world).removals_waiting == 1


def test_a_card_closed_before_anybody_saw_it_counts_nowhere(world: World) -> None:
    phone = world.phone()
    phone.propfind("D:sync-token")
    end_grant(world)
    phone.propfind("D:sync-token")
    assert (agree(world).cards, agree(world).removals_waiting) == (0, 0)


def test_stopping_and_giving_up_are_counted_alike(world: World) -> None:
    phone = world.phone()
    steps(world, phone)
    with world.sessions.write() as session:
        row = devices.find(session, phone.device)
        devices.stop(session, OPERATOR, row.id, world.clock.now())
    assert agree(world).removals_waiting == 3
    world.clock.tick(minutes=1)
    phone.sync()
    with world.sessions.write() as session:
        devices.give_up(session, OPERATOR, row.id, world.clock.now())
    assert agree(world).removals_waiting == 0
    assert agree(world).is_given_up


def test_a_program_set_up_again_is_one(world: World) -> None:
    phone = world.phone()
    steps(world, phone)
    again = world.again(phone)
    world.clock.tick(minutes=1)
    steps(world, again)
    assert agree(world).readers == 2
    with world.sessions.write() as session:
        row = devices.find(session, phone.device)
        draining.set_up_again(session, OPERATOR, row.id, world.clock.now())
    end_grant(world)
    steps(world, again)
    assert (agree(world).readers, agree(world).removals_waiting) == (1, 0)


def test_a_program_that_never_read_tells_nothing(world: World) -> None:
    phone = world.phone()
    phone.propfind("D:getetag", depth="1")
    assert (agree(world).readers, agree(world).fetched_at) == (0, None)


def test_a_card_without_its_contact_is_due(world: World) -> None:
    phone = world.phone()
    steps(world, phone)
    with world.sessions.write() as session:
        held = session.query(Holding).filter_by(contact_id=world.contacts[2].id).one()
        held.contact_id = 987_654
        make.team(session, world.eva)
    assert (agree(world).cards, agree(world).removals_waiting) == (2, 1)


def test_many_devices_cost_as_many_statements_as_one(world: World) -> None:
    def cost() -> int:
        said: list[str] = []
        here = threading.get_ident()

        def listen(*args: object) -> None:
            # A thread of its own writes now and then who was heard from.
            if threading.get_ident() == here:
                said.append(str(args[2]))

        event.listen(world.sessions.engine, "before_cursor_execute", listen)
        with world.sessions.read() as session:
            ledger.devices(session, world.clock.now())
        event.remove(world.sessions.engine, "before_cursor_execute", listen)
        return len(said)

    steps(world, world.phone())
    one = cost()
    for _ in range(4):
        steps(world, world.phone())
    world.set(world.contacts[0], given="Karla")
    assert cost() == one
