"""Contacts: the list, narrowed and not."""

from app.models import Favourite
from tests.factories import NOON
from tests.rooms.room import EVERYBODY, Deed, Room, answers
from tests.rooms.world import World


def narrowed(world: World) -> str:
    """A list with a favourite in it, narrowed by three filters at once."""
    kept = Favourite(user_id=world.olga.id, contact_id=world.contact.id, kept_at=NOON)
    world.portal.add(kept)
    return f"/contacts?q=o&directory={world.directory.slug}&kind=person"


ROOMS = [
    Room("contacts.index", lambda _: "/contacts", answers(EVERYBODY)),
    Room("contacts.index", lambda _: "/contacts?q=novot", answers(EVERYBODY), "search"),
    Room("contacts.index", lambda _: "/contacts?q=nikdo", answers(EVERYBODY), "nothing fits"),
    Room("contacts.index", narrowed, answers(EVERYBODY), "narrowed"),
]
DEEDS = [
    Deed(
        "contacts.favourite",
        lambda _: "/contacts/favourites",
        lambda world: {"keep": world.contact.public_id},
        answers("olga eva jan", done=303),
    )
]
