"""One's own phones and programs."""

from tests.rooms.room import EVERYBODY, Deed, Room, answers
from tests.rooms.world import World


def with_a_phone(world: World) -> str:
    world.phone.sync()
    return "/devices"


ROOMS = [
    Room("devices.index", lambda _: "/devices", answers(EVERYBODY)),
    Room("devices.index", with_a_phone, answers(EVERYBODY), "with a phone"),
    Room("devices.show", lambda w: f"/devices/{w.phone.device}", answers("eva")),
    Room("devices.ask_stop", lambda w: f"/devices/{w.phone.device}/stop", answers("eva")),
]
DEEDS = [
    Deed(
        "devices.stop",
        lambda w: f"/devices/{w.phone.device}/stop",
        lambda _: {},
        answers("eva", done=303),
    )
]
