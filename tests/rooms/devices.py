"""One's own phones and programs."""

from app.models.kinds import SyncPolicy
from app.services import devices
from app.services.audit import OPERATOR
from tests.davclient import Phone
from tests.rooms.room import EVERYBODY, Deed, Room, answers
from tests.rooms.world import World


def with_a_phone(world: World) -> str:
    world.phone.sync()
    return "/devices"


def in_all(world: World) -> str:
    return f"{with_a_phone(world)}/all"


def stopped(world: World) -> str:
    """A phone of its own: the others go on."""
    phone = world.portal.phone(world.portal.eva, "Old phone")
    phone.sync()
    public_id = phone.device
    with world.portal.sessions.write() as session:
        row = devices.find(session, public_id)
        devices.stop(session, OPERATOR, row.id, world.portal.clock.now())
    return f"/devices/{public_id}"


def with_two_programs(world: World) -> str:
    phone = world.portal.phone(world.portal.eva, "Two programs")
    phone.sync()
    Phone(phone.app, phone.login, phone.password, device=phone.device).sync()
    return f"/devices/{phone.device}"


def set_up_again(world: World) -> str:
    """A second phone began when the first was silent already; perhaps it is the same."""
    phone = world.portal.phone(world.portal.eva, "Set up again")
    phone.sync()
    world.portal.clock.tick(hours=1)
    Phone(phone.app, phone.login, phone.password, device=phone.device).sync()
    return f"/devices/{phone.device}"


def came_back(world: World) -> str:
    """The phone gave everything back; then a backup of it was restored."""
    phone = world.portal.phone(world.portal.eva, "Restored")
    phone.sync()
    phone.sync()
    kept = phone.token
    world.portal.set(world.directory, sync_policy=SyncPolicy.NEVER)
    phone.sync()
    phone.sync()
    world.portal.clock.tick(hours=1)
    phone.report(kept)
    return f"/devices/{phone.device}"


def leaving(world: World) -> str:
    """Nothing may be on phones any more, and this one was told so."""
    phone = world.portal.phone(world.portal.eva, "Told")
    phone.sync()
    phone.sync()
    world.portal.set(world.directory, sync_policy=SyncPolicy.NEVER)
    phone.report()
    return f"/devices/{phone.device}?state=told"


KEEPERS = "eva olga adam"
"""Who may stop Eva's phone: she herself, and owner and administrator."""

ROOMS = [
    Room("devices.index", lambda _: "/devices", answers(EVERYBODY)),
    Room("devices.index", with_a_phone, answers(EVERYBODY), "with a phone", looker="eva"),
    Room("devices.everybody", in_all, answers("olga adam")),
    Room("devices.show", lambda w: f"/devices/{w.phone.device}", answers("eva")),
    Room("devices.show", stopped, answers("eva"), "being emptied"),
    Room("devices.show", with_two_programs, answers("eva"), "two programs"),
    Room("devices.show", set_up_again, answers("eva"), "set up again"),
    Room("devices.show", came_back, answers("eva"), "came back"),
    Room("devices.show", leaving, answers("eva"), "what leaves"),
    Room("devices.ask_name", lambda w: f"/devices/{w.phone.device}/name", answers("eva")),
    Room("devices.ask_stop", lambda w: f"/devices/{w.phone.device}/stop", answers(KEEPERS)),
    Room("devices.ask_lost", lambda w: f"/devices/{w.phone.device}/lost", answers(KEEPERS)),
    Room("devices.ask_give_up", lambda w: f"{stopped(w)}/give-up", answers(KEEPERS)),
]
DEEDS = [
    Deed(
        f"devices.{name}",
        lambda w, end=end: f"/devices/{w.phone.device}/{end}",  # type: ignore[misc]
        lambda _: {"name": "Work phone", "reason": "It was run over."},
        answers(who, done=303),
    )
    for name, end, who in (
        ("stop", "stop", KEEPERS),
        ("lose", "lost", KEEPERS),
        ("rename", "name", "eva"),
        ("same_program", "same", "eva"),
    )
]
DEEDS.append(
    Deed(
        "devices.give_up",
        lambda w: f"{stopped(w)}/give-up",
        lambda _: {"reason": "It was run over."},
        answers(KEEPERS, done=303),
    )
)
