"""What `kustod seen` says of phones: which held the card in a period, and what stood on it."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.cards.card import Address, Card, Point
from app.models import Grant
from app.models.kinds import Profile
from app.policy import Channel, Viewer
from app.queries import contacts, seen
from app.queries.seen import Held
from app.services import contacts as commands
from app.services import devices
from app.services.audit import OPERATOR
from tests.dav.conftest import World
from tests.davclient import Phone

HOUR = timedelta(hours=1)
WORDS = st.text("ab ř", max_size=3)
EDITS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"nickname": WORDS},
    optional={
        **dict.fromkeys(("title", "given", "note"), WORDS),
        "categories": st.sampled_from(["", "vip", "vip\ntesař"]),
        "phones": st.lists(st.builds(Point, st.sampled_from("123"), WORDS), max_size=2).map(tuple),
        "addresses": st.lists(st.builds(Address, street=WORDS), max_size=2).map(tuple),
        "kind": st.sampled_from(["person", "organisation"]),
    },
)


def edit(world: World, changes: dict[str, Any]) -> None:
    with world.sessions.write() as session:
        commands.edit(session, OPERATOR, world.contacts[0].id, changes, world.clock.now())


def end_grant(world: World) -> None:
    with world.sessions.write() as session:
        session.get_one(Grant, world.grant_id).valid_until = world.clock.now()


def held(world: World, start: datetime, end: datetime) -> list[Held]:
    with world.sessions.read() as session:
        uid = world.contacts[0].public_id
        return seen.of_contact(session, uid, start, end, world.clock.now()).was_held


def card_on(world: World, phone: Phone) -> Card | None:
    with world.sessions.read() as session:
        device = devices.find(session, phone.device)
        viewer = Viewer(world.eva.id, device.id)
        uid = world.contacts[0].public_id
        return contacts.find(session, viewer, Channel.CARDDAV, uid, world.clock.now())


def on_card(card: Card) -> dict[str, Any]:
    """What a card says, with nothing where it is silent."""
    said = {name: value for name, value in asdict(card).items() if value}
    for name in ("public_id", "version", "profile"):
        said.pop(name, None)
    return said


def plain(values: dict[str, Any]) -> dict[str, Any]:
    found = {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}
    assert found.pop("has_photo") is False
    return found


@settings(max_examples=10)
@given(edits=st.lists(EDITS, min_size=1, max_size=3))
def test_the_values_of_each_holding_are_those_of_the_card_it_was(
    world: World, edits: list[dict[str, Any]]
) -> None:
    start = world.clock.now()
    phone = world.phone()
    with world.sessions.write() as session:
        session.get_one(Grant, world.grant_id).fields = int(Profile.FULL)
    then = {}
    for changes in ({"nickname": "Kája"}, *edits):
        edit(world, changes)
        phone.sync()
        card = card_on(world, phone)
        assert card is not None
        then[world.clock.now()] = card
        world.clock.tick(seconds=1)
    rows = held(world, start, world.clock.now())
    mine = [row for row in rows if row.holder.device_id == phone.device]
    assert mine
    for row in mine:
        assert plain(row.values) == on_card(then[row.holder.offered_at])


def test_a_value_counts_until_the_phone_proved_that_it_dropped_it(world: World) -> None:
    phone = world.phone()
    offered = world.clock.now()
    phone.sync()
    end_grant(world)
    (due,) = held(world, offered, offered + HOUR)
    assert (due.holder.state.value, due.is_replaced, due.fields) == ("due", False, "caller")
    assert due.values["full_name"] == "Karel Novotný"
    world.clock.tick(hours=1)
    phone.sync()
    world.clock.tick(hours=1)
    (told,) = held(world, offered + 9 * HOUR, offered + 10 * HOUR)
    assert (told.holder.state.value, told.holder.told_at) == ("told", offered + HOUR)
    phone.sync()
    confirmed = world.clock.now()
    (row,) = held(world, confirmed - HOUR, confirmed)
    assert (row.holder.state.value, row.holder.confirmed_at) == ("confirmed", confirmed)
    assert held(world, confirmed, confirmed + HOUR) == []
    assert held(world, offered - HOUR, offered) == []


def test_a_value_that_was_replaced_is_one_of_its_own(world: World) -> None:
    phone = world.phone()
    start = world.clock.now()
    phone.sync()
    world.clock.tick(minutes=1)
    edit(world, {"phones": (Point("605 203 938", "cell"),)})
    phone.sync()
    phone.sync()
    old, new = held(world, start, start + HOUR)
    assert (old.is_replaced, new.is_replaced) == (True, False)
    assert old.values["phones"][0]["value"] == "+420777123456"
    assert new.values["phones"][0]["value"] == "605 203 938"
    assert (old.holder.state.value, new.holder.state.value) == ("confirmed", "held")


def test_each_device_answers_for_itself(world: World) -> None:
    first, second = world.phone(), world.phone()
    first.sync()
    second.sync()
    world.phone()
    start = world.clock.now()
    rows = held(world, start, start + HOUR)
    assert {row.holder.device_id for row in rows} == {first.device, second.device}


def test_what_kind_of_contact_it_was_is_told_with_the_value(world: World) -> None:
    with world.sessions.write() as session:
        session.get_one(Grant, world.grant_id).fields = int(Profile.FULL)
    phone = world.phone()
    start = world.clock.now()
    phone.sync()
    world.clock.tick(minutes=1)
    edit(world, {"kind": "organisation", "note": "x"})
    (row,) = held(world, start, start + HOUR)
    assert row.values["kind"] == "person"
    phone.sync()
    assert [value.values["kind"] for value in held(world, start, start + HOUR)] == [
        *("person", "organisation"),
    ]
