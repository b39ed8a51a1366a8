"""Enrolling, losing and giving up a device; what is said of it meanwhile."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import event

from app.db import Sessions
from app.errors import Busy, Invalid, NotFound, Refused
from app.models import AuditEvent, Device, Grant, Holding, Organisation
from app.queries import ledger
from app.queries.ledger import DeviceState, DeviceView
from app.services import books, devices
from app.services import ledger as follow
from app.services.audit import OPERATOR
from app.services.sightings import Sightings
from tests import factories as make
from tests.dav.conftest import World
from tests.davclient import Phone


def device_id(world: World, phone: Phone) -> int:
    with world.sessions.read() as session:
        return devices.find(session, phone.device).id


def view(world: World) -> DeviceView:
    with world.sessions.read() as session:
        (found,) = ledger.devices(session, world.clock.now(), world.eva.id)
    return found


def stop(world: World, phone: Phone, *, is_lost: bool = False) -> None:
    with world.sessions.write() as session:
        at = world.clock.now()
        devices.stop(session, OPERATOR, device_id(world, phone), at, is_lost=is_lost)


def give_up(world: World, phone: Phone) -> None:
    with world.sessions.write() as session:
        devices.give_up(session, OPERATOR, device_id(world, phone), world.clock.now())


def end_grant(world: World) -> None:
    with world.sessions.write() as session:
        session.get_one(Grant, world.grant_id).valid_until = world.clock.now()


def test_a_device_needs_a_user_and_a_name(world: World) -> None:
    with world.sessions.write() as session:
        for name in ("", "   ", "x" * 101):
            with pytest.raises(Invalid):
                devices.enrol(session, OPERATOR, world.eva.id, name, world.ring, make.NOON)
        with pytest.raises(NotFound):
            devices.enrol(session, OPERATOR, 999, "Phone", world.ring, make.NOON)
        with pytest.raises(NotFound):
            devices.find(session, "nobody")
        make.suspension(session, world.eva)
        with pytest.raises(Refused):
            devices.enrol(session, OPERATOR, world.eva.id, "Phone", world.ring, make.NOON)


def test_the_states_of_a_device(world: World) -> None:
    phone = world.phone()
    assert view(world).state is DeviceState.NEVER_CONNECTED
    phone.sync()
    phone.sync()
    world.door.sightings.flush()
    assert (view(world).state, view(world).cards) == (DeviceState.UP_TO_DATE, 3)
    assert view(world).seen_at == world.clock.now()
    end_grant(world)
    assert view(world).state is DeviceState.REMOVALS_WAITING
    assert (view(world).cards, view(world).removals_waiting) == (0, 3)
    stop(world, phone)
    assert view(world).state is DeviceState.STOPPING
    phone.sync()
    phone.sync()
    assert view(world).state is DeviceState.EMPTIED
    assert view(world).confirmed_at == world.clock.now()


def test_a_device_that_never_read_anything_is_done_at_once(world: World) -> None:
    phone = world.phone()
    phone.propfind("D:sync-token")
    stop(world, phone)

    assert phone.propfind("D:sync-token").status == 401
    assert view(world).state is DeviceState.EMPTIED


def test_a_card_fetched_without_any_listing_keeps_the_door_open(world: World) -> None:
    """Its program has proved nothing, so nobody may say that the phone is empty."""
    phone = world.phone()
    phone.multiget([world.href(phone)])
    world.door.sightings.flush()
    assert world.state() == "held"

    stop(world, phone)

    assert phone.propfind("D:sync-token").status == 207
    assert world.state() == "due"


def test_a_lost_phone_drains_just_the_same(world: World) -> None:
    phone = world.phone()
    phone.sync()
    stop(world, phone, is_lost=True)
    stop(world, phone, is_lost=True)
    assert view(world).is_lost

    world.clock.tick(days=60)
    assert len(phone.sync()) == 3
    phone.sync()
    assert phone.report().status == 401


def test_giving_up_ends_the_password_and_claims_nothing(world: World) -> None:
    phone = world.phone()
    phone.sync()
    give_up(world, phone)
    give_up(world, phone)

    assert phone.report().status == 401
    assert world.state() == "given_up"
    assert view(world).state is DeviceState.GIVEN_UP


def test_giving_up_an_emptied_device_changes_nothing(world: World) -> None:
    phone = world.phone()
    stop(world, phone)
    give_up(world, phone)

    assert view(world).state is DeviceState.EMPTIED


def test_every_act_on_a_device_is_audited_once(world: World) -> None:
    phone = world.phone()
    for _ in range(2):
        stop(world, phone, is_lost=True)
        give_up(world, phone)
    with world.sessions.read() as session:
        actions = [row.action for row in session.query(AuditEvent).order_by(AuditEvent.id)]

    told = ["device.lost", "incident.open", "device.stop"]
    assert actions == ["device.enrol", *told, "device.emptied"]


def test_a_silent_phone_that_owes_a_removal_is_unreachable_since(world: World) -> None:
    phone = world.phone()
    phone.sync()
    world.door.sightings.flush()
    last = world.clock.now()
    end_grant(world)
    with world.sessions.read() as session:
        (holder,) = ledger.holders(session, world.contacts[0].id, world.clock.now())
        assert holder.unreachable_since is None
        later = last + timedelta(days=8)
        (holder,) = ledger.holders(session, world.contacts[0].id, later)

    assert holder.unreachable_since == last


def test_a_fetched_body_is_noted_once(world: World) -> None:
    phone = world.phone()
    phone.sync()
    first = world.clock.now()
    world.door.sightings.flush()
    world.clock.tick(hours=1)
    phone.multiget([world.href(phone)])
    world.door.sightings.flush()
    world.door.sightings.flush()
    with world.sessions.read() as session:
        rows = session.query(Holding).filter_by(contact_id=world.contacts[0].id).all()

    assert [row.fetched_at for row in rows] == [first]


def test_sightings_are_kept_while_the_database_is_busy(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        row = make.device(session, make.user(session))
    sightings = Sightings(sqlite)
    sightings.seen(row.id, "agent", make.NOON)
    sightings.fetched([1, 2], make.NOON)

    @event.listens_for(sqlite.engine, "before_cursor_execute")
    def locked(*_args: object) -> None:
        raise Busy("locked")

    with pytest.raises(Busy):
        sightings.flush()
    event.remove(sqlite.engine, "before_cursor_execute", locked)
    sightings.flush()
    with sqlite.read() as session:
        assert session.get_one(Device, row.id).seen_at == make.NOON


def test_sightings_are_written_in_the_background(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        row = make.device(session, make.user(session))
    sightings = Sightings(sqlite)
    thread = sightings.start()
    sightings.seen(row.id, "agent", make.NOON)
    sightings.stop()
    thread.join(timeout=30)

    assert not thread.is_alive()
    with sqlite.read() as session:
        assert session.get_one(Device, row.id).user_agent == "agent"


def test_two_requests_at_once_make_one_revision(world: World) -> None:
    phone = world.phone()
    with world.sessions.read() as session:
        (book,) = books.handles(session, device_id(world, phone))
    at = world.clock.now()
    with world.sessions.read() as session:
        plans = [follow.make_plan(session, book, at) for _ in range(2)]
    written = []
    for plan in plans:
        assert plan is not None
        with world.sessions.write() as session:
            written.append(follow.apply(session, book, plan))

    assert written == [True, False]


def test_many_threads_end_in_one_state(world: World) -> None:
    phone = world.phone()
    others = [world.again(phone) for _ in range(6)]
    threads = [threading.Thread(target=other.sync) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    with world.sessions.read() as session:
        (book,) = books.handles(session, device_id(world, phone))

    assert book.seq == 1
    assert all(len(other.names()) == 3 for other in others)


def test_a_book_that_moves_faster_than_it_can_be_followed_is_busy(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = world.phone()
    monkeypatch.setattr(follow, "apply", lambda *_: False)

    response = phone.report()
    assert (response.status, response.headers["Retry-After"]) == (503, "5")
    assert phone.propfind("D:sync-token").status == 503


def test_a_directory_with_more_than_a_thousand_contacts_is_followed_in_full(
    world: World,
) -> None:
    with world.sessions.write() as session:
        session.add_all(
            Holding(
                book_id=9, contact_id=n, kind="card", href=f"{n}", etag="", version=0, profile=0,
                opened_seq=1, offered_at=world.clock.now(), is_gone=False,
            )
            for n in range(3)
        )  # fmt: skip
        for number in range(1_001):
            make.contact(session, world.directory, f"Karel {number}")
    phone = world.phone()
    phone.report()
    phone.sync()
    assert len(phone.cards) == 1_005
    end_grant(world)

    assert len(phone.sync()) == 1_004


def test_facts_of_others_write_nothing_to_a_book(world: World) -> None:
    phone = world.phone()
    phone.sync()
    phone.sync()
    with world.sessions.write() as session:
        elsewhere = make.directory(session)
        for _ in range(70):
            make.contact(session, elsewhere)
    with world.sessions.read() as session:
        (before,) = books.handles(session, device_id(world, phone))
    phone.sync()
    with world.sessions.read() as session:
        (after,) = books.handles(session, device_id(world, phone))

    # Enough rows of the journal were passed over to move the mark; the contents stand.
    assert (after.seq, after.tag) == (before.seq, before.tag)
    assert after.mark > before.mark


def test_the_sentinel_follows_the_organisation(world: World) -> None:
    phone = world.phone()
    phone.sync()
    with world.sessions.write() as session:
        session.get_one(Organisation, 1).help_phone = "+420 800 123 456"

    assert phone.sync() == set()
    assert "800 123 456" in phone.cards[f"{phone.book}kustod-help.vcf"]
