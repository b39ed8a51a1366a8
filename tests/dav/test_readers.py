"""Who reads with one password: each program once, on the requests that real programs make."""

from datetime import timedelta

import pytest

from app.models import AuditEvent, Grant
from app.queries import ledger, programs
from app.queries.programs import ProgramView, Way
from app.services import devices, draining, listings
from app.services.audit import OPERATOR
from app.services.listings import Fetch
from tests import factories as make
from tests.dav.conftest import World
from tests.dav.replay import PROGRAMS, Program, log
from tests.davclient import Phone, sync_body

BY_TOKEN = ("thunderbird", "davx5")
BY_LISTING = ("vdirsyncer", "evolution")
LOSSES = [
    (name, section, number)
    for name in PROGRAMS
    for section, requests in log(name).sections.items()
    for number in range(len(requests))
]


def program(world: World, name: str, phone: Phone | None = None) -> Program:
    """A program on a device of its own, or with the password of another."""
    return Program(name, world.again(phone) if phone else world.phone())


def views(world: World, one: Program) -> list[ProgramView]:
    world.door.sightings.flush()
    with world.sessions.read() as session:
        row = devices.find(session, one.phone.device)
        return programs.of_device(session, row.id, world.clock.now())


def count(world: World, one: Program) -> int:
    return len(views(world, one))


def end_grant(world: World) -> None:
    world.clock.tick(minutes=1)
    with world.sessions.write() as session:
        session.get_one(Grant, world.grant_id).valid_until = world.clock.now()


def visit(world: World, *found: Program) -> None:
    """One sync of each, a quarter of an hour after the last."""
    for one in found:
        world.clock.tick(minutes=15)
        one.sync()


def say_set_up_again(world: World, one: Program) -> int:
    world.door.sightings.flush()
    with world.sessions.write() as session:
        row = devices.find(session, one.phone.device)
        return draining.set_up_again(session, OPERATOR, row.id, world.clock.now())


@pytest.mark.parametrize("name", PROGRAMS)
def test_one_program_is_one_reader_for_as_long_as_it_syncs(world: World, name: str) -> None:
    one = program(world, name)
    one.set_up()
    visit(world, one, one)
    end_grant(world)
    visit(world, one, one, one)

    assert count(world, one) == 1
    assert set(one.cards) == {f"{one.phone.book}kustod-help.vcf"}
    assert world.state() == ("confirmed" if name in BY_TOKEN else "listed")


@pytest.mark.parametrize(("name", "section", "number"), LOSSES)
def test_a_lost_answer_makes_no_second_reader(
    world: World, name: str, section: str, number: int
) -> None:
    one = program(world, name)
    one.lose = number if section == "set up" else -1
    one.set_up()
    visit(world, one)
    end_grant(world)
    one.lose = number if section == "sync" else -1
    visit(world, one, one, one)

    assert count(world, one) == 1
    assert set(one.cards) == {f"{one.phone.book}kustod-help.vcf"}
    assert world.state() == ("confirmed" if name in BY_TOKEN else "listed")


@pytest.mark.parametrize("name", BY_TOKEN)
def test_a_shared_password_is_confirmed_only_by_both(world: World, name: str) -> None:
    one = program(world, name)
    one.set_up()
    world.clock.tick(minutes=1)
    other = program(world, name, one.phone)
    other.set_up()
    visit(world, one, other)
    end_grant(world)

    visit(world, one, one, one)
    assert world.state() == "due"
    visit(world, other)
    assert world.state() == "told"
    visit(world, other)
    assert world.state() == "confirmed"
    assert count(world, one) == 2


@pytest.mark.parametrize("name", BY_LISTING)
def test_listing_programs_count_by_their_family(world: World, name: str) -> None:
    one = program(world, name)
    one.set_up()
    world.clock.tick(minutes=1)
    other = program(world, name, one.phone)
    other.set_up()
    visit(world, one, other)

    (view,) = views(world, one)
    assert (view.program, view.way) == (name, Way.LISTING)


def test_different_programs_with_one_password_are_told_apart(world: World) -> None:
    first = program(world, "davx5")
    rest = [program(world, name, first.phone) for name in ("thunderbird", *BY_LISTING)]
    for one in (first, *rest):
        one.set_up()
    end_grant(world)
    visit(world, first, first, *rest[:-1], *rest[:-1])

    assert world.state() == "due"
    visit(world, rest[-1])
    assert world.state() == "listed"
    found = {view.program: (view.way, view.is_up_to_date) for view in views(world, first)}
    assert found == {
        "davx": (Way.TOKEN, True),
        "thunderbird": (Way.TOKEN, True),
        "vdirsyncer": (Way.LISTING, True),
        "evolution": (Way.LISTING, True),
    }


@pytest.mark.parametrize("name", BY_TOKEN)
def test_a_phone_set_up_again_counts_twice_for_thirty_days(world: World, name: str) -> None:
    old = program(world, name)
    old.set_up()
    visit(world, old, old)
    world.clock.tick(hours=1)
    new = program(world, name, old.phone)
    new.set_up()
    began = world.clock.now()
    visit(world, new, new)
    end_grant(world)
    visit(world, new, new)
    assert world.state() == "due"

    world.clock.instant = began + timedelta(days=30, microseconds=-1)
    assert (count(world, new), world.state()) == (2, "due")
    world.clock.tick(microseconds=1)
    assert (count(world, new), world.state()) == (1, "confirmed")
    (view,) = views(world, new)
    assert view.set_ups == 2


@pytest.mark.parametrize("name", BY_TOKEN)
def test_its_owner_says_that_a_phone_was_set_up_again(world: World, name: str) -> None:
    old = program(world, name)
    old.set_up()
    visit(world, old)
    world.clock.tick(hours=1)
    new = program(world, name, old.phone)
    new.set_up()
    end_grant(world)
    visit(world, new, new)
    world.clock.tick(minutes=1)

    assert say_set_up_again(world, new) == 1
    assert (count(world, new), world.state()) == (1, "confirmed")
    assert say_set_up_again(world, new) == 0
    with world.sessions.read() as session:
        actions = [row.action for row in session.query(AuditEvent)]
    assert actions.count("device.set-up-again") == 1


@pytest.mark.parametrize("name", BY_TOKEN)
def test_a_phone_heard_from_again_counts_for_itself_again(world: World, name: str) -> None:
    old = program(world, name)
    old.set_up()
    visit(world, old)
    world.clock.tick(hours=1)
    new = program(world, name, old.phone)
    new.set_up()
    world.clock.tick(minutes=1)
    say_set_up_again(world, new)
    end_grant(world)
    visit(world, new, new)
    assert world.state() == "confirmed"

    visit(world, old)
    assert (count(world, new), world.state()) == (2, "told")
    world.clock.tick(days=40)
    assert world.state() == "told"
    assert say_set_up_again(world, new) == 0
    visit(world, old)
    assert world.state() == "confirmed"


def test_a_word_is_about_the_past_alone(world: World) -> None:
    """Heard from after its owner's word, a phone is another one than the next that begins."""
    old = program(world, "davx5")
    old.set_up()
    world.clock.tick(hours=1)
    new = program(world, "davx5", old.phone)
    new.set_up()
    world.clock.tick(minutes=1)
    assert say_set_up_again(world, new) == 1
    visit(world, old)
    world.clock.tick(hours=1)
    newest = program(world, "davx5", old.phone)
    newest.set_up()

    assert count(world, old) == 3


def test_another_program_never_takes_the_place_of_a_silent_one(world: World) -> None:
    old = program(world, "davx5")
    old.set_up()
    world.clock.tick(hours=1)
    new = program(world, "thunderbird", old.phone)
    new.set_up()
    end_grant(world)
    visit(world, new, new)
    assert say_set_up_again(world, new) == 0
    world.clock.tick(days=60)

    assert (count(world, new), world.state()) == (2, "due")


@pytest.mark.parametrize("is_quiet", [True, False])
@pytest.mark.parametrize("name", BY_TOKEN)
def test_a_second_phone_that_only_polls_stays_a_second_phone(
    world: World, name: str, *, is_quiet: bool
) -> None:
    """A poll without news writes no revision; when it came is gathered and still counts."""
    one = program(world, name)
    one.set_up()
    visit(world, one, one)
    world.clock.tick(hours=1)
    other = program(world, name, one.phone)
    other.set_up()
    for _ in range(4):
        world.clock.tick(days=10)
        if not is_quiet:
            with world.sessions.write() as session:
                make.contact(session, make.directory(session), "Nobody of Eva's")
        visit(world, one, other)
    end_grant(world)
    visit(world, other, other)

    assert (count(world, one), world.state()) == (2, "due")
    assert say_set_up_again(world, one) == 0


@pytest.mark.parametrize("name", BY_TOKEN)
def test_a_phone_restored_over_the_old_one_is_one_after_thirty_days(
    world: World, name: str
) -> None:
    old = program(world, name)
    old.set_up()
    visit(world, old)
    backup = (old.token, old.kept, dict(old.cards))
    with world.sessions.write() as session:
        session.get_one(type(world.contacts[0]), world.contacts[0].id).given = "Nový"
    visit(world, old, old)
    world.clock.tick(hours=1)
    restored = program(world, name, old.phone)
    restored.token, restored.kept, restored.cards = backup
    visit(world, restored, restored)
    end_grant(world)
    visit(world, restored, restored)
    assert (count(world, old), world.state()) == (2, "due")

    world.clock.tick(days=30)
    assert (count(world, old), world.state()) == (1, "confirmed")


@pytest.mark.parametrize("by_word", [True, False])
@pytest.mark.parametrize("name", BY_TOKEN)
def test_what_a_phone_confirmed_never_counts_for_its_older_state(
    world: World, name: str, *, by_word: bool
) -> None:
    """Restored from a backup that was older than the removal, it has the cards again."""
    old = program(world, name)
    old.set_up()
    visit(world, old)
    backup = (old.token, old.kept, dict(old.cards))
    end_grant(world)
    visit(world, old, old)
    assert world.state() == "confirmed"

    restored = program(world, name, old.phone)
    restored.token, restored.kept, restored.cards = backup
    visit(world, restored)
    assert world.state() == "told"
    world.clock.tick(days=0 if by_word else 40)
    if by_word:
        assert say_set_up_again(world, restored) == 1
    assert (count(world, restored), world.state()) == (1, "told")
    visit(world, restored)
    assert world.state() == "confirmed"


def test_a_stopped_phone_set_up_again_is_empty_by_its_owners_word(world: World) -> None:
    old = program(world, "davx5")
    old.set_up()
    world.clock.tick(hours=1)
    new = program(world, "davx5", old.phone)
    new.set_up()
    world.clock.tick(minutes=1)
    with world.sessions.write() as session:
        row = devices.find(session, old.phone.device)
        devices.stop(session, OPERATOR, row.id, world.clock.now())
    visit(world, new, new)
    assert new.phone.propfind("D:sync-token").status == 207

    assert say_set_up_again(world, new) == 1
    assert new.phone.propfind("D:sync-token").status == 401


def test_two_phones_set_up_at_the_same_time_are_two(world: World) -> None:
    one = program(world, "davx5")
    other = program(world, "davx5", one.phone)
    for phone in (one.phone, other.phone):
        phone.user_agent = log("davx5").user_agent
        phone.token = phone.report().token
    for phone in (one.phone, other.phone):
        phone.multiget([f"{phone.book}kustod-help.vcf", world.href(phone)])
        phone.multiget([world.href(phone, 1), world.href(phone, 2)])

    end_grant(world)
    for _ in range(3):
        other.phone.token = other.phone.report().token
    assert world.state() == "due"
    for _ in range(2):
        one.phone.token = one.phone.report().token
    assert world.state() == "confirmed"


def test_a_first_read_that_fetched_nothing_counts_while_nobody_else_did(world: World) -> None:
    phone = world.phone()
    other = world.again(phone)
    phone.token, other.token = phone.report().token, other.report().token
    end_grant(world)
    for _ in range(2):
        phone.token = phone.report().token

    assert world.state() == "due"


def test_nothing_is_noted_of_a_family_never_seen(world: World) -> None:
    phone = world.phone()
    phone.sync()
    with world.sessions.write() as session:
        fetch = Fetch(1, has_sentinel=True)
        listings.note_fetch(session, 1, "nobody", fetch, world.clock.now())
        listings.take_token(session, 1, "nobody")

    assert count(world, Program("davx5", phone)) == 1


def test_a_device_that_nobody_read_has_no_programs(world: World) -> None:
    assert views(world, program(world, "davx5")) == []


def test_what_a_phone_never_saw_or_has_newer_keeps_no_door_open(world: World) -> None:
    phone = world.phone()
    phone.propfind("D:sync-token")
    contact = type(world.contacts[0])
    with world.sessions.write() as session:
        session.get_one(contact, world.contacts[0].id).erased_at = world.clock.now()
    phone.sync()
    with world.sessions.write() as session:
        session.get_one(contact, world.contacts[1].id).given = "Nová"
    phone.sync()
    with world.sessions.write() as session:
        row = devices.find(session, phone.device)
        devices.stop(session, OPERATOR, row.id, world.clock.now())

    phone.sync()
    assert phone.propfind("D:sync-token").status == 207
    phone.sync()
    assert phone.propfind("D:sync-token").status == 401


def test_only_who_was_shown_a_card_owes_its_removal(world: World) -> None:
    """Neither who began after it was gone, nor who has not asked since it came."""
    early = program(world, "thunderbird")
    early.set_up()
    visit(world, early)
    one = program(world, "davx5", early.phone)
    with world.sessions.write() as session:
        added = make.contact(session, world.directory, "Nová Tvář")
    one.set_up()
    visit(world, one)
    with world.sessions.write() as session:
        session.get_one(type(added), added.id).erased_at = world.clock.now()
    visit(world, one, one)
    late = program(world, "evolution", early.phone)
    late.set_up()

    with world.sessions.read() as session:
        (holder,) = ledger.holders(session, added.id, world.clock.now())
    assert (holder.state, holder.readers, holder.readers_confirmed) == ("confirmed", 1, 1)


def test_cards_inside_the_first_answer_are_cards_fetched(world: World) -> None:
    phone = world.phone()
    body = sync_body("", "<D:getetag/><C:address-data/>")
    phone.token = phone.request("REPORT", phone.book, body, depth="0").token
    world.clock.tick(minutes=1)
    other = world.again(phone)
    other.sync()
    end_grant(world)
    for _ in range(2):
        other.sync()

    assert world.state() == "due"
