"""Receipts of consent records, for colleagues and for the person himself."""

from app.queries import consents as found
from tests.rooms.consents import READERS, with_story
from tests.rooms.public import mine
from tests.rooms.room import Deed, Outside, Room, answers
from tests.rooms.world import World


def first(world: World) -> str:
    """The record of the oldest consent of Karel."""
    with world.portal.sessions.read() as session:
        return found.history(session, world.contact.id)[-1].id


def for_staff(world: World) -> str:
    address = with_story(world)
    return f"{address}/receipts/{first(world)}"


def for_person(world: World) -> str:
    address = mine(world)
    return f"{address}/receipts/{first(world)}"


def of_a_stranger(world: World) -> str:
    """His link, and a record that is not there."""
    return f"{mine(world)}/receipts/nothing"


ROOMS = [
    Room("receipts.show", for_staff, answers(READERS)),
    Room("receipts.file", lambda w: f"{for_staff(w)}.json", answers(READERS), is_page=False),
]
DEEDS: list[Deed] = []
OUTSIDE = [
    Outside("receipts.mine", for_person),
    Outside("receipts.mine", of_a_stranger, 404, "of nothing"),
    Outside("receipts.mine_file", lambda w: f"{for_person(w)}.json", is_page=False),
]
