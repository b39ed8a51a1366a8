"""Directories: the list, one of them, a new one."""

from app.models import Grant
from app.services import devices
from app.services.audit import OPERATOR
from tests.davclient import Phone
from tests.portal import Portal
from tests.rooms.room import EVERYBODY, Deed, Room, answers
from tests.rooms.world import World

NEW = {"preset": "suppliers", "name": "Dodavatelé dřeva", "sync": "", "country": "CZ"}
KNOWS = "olga eva jan dora"


def of(world: World) -> str:
    return f"/directories/{world.directory.slug}"


def changing(world: World) -> str:
    return f"{of(world)}/change"


def nobodys(world: World) -> str:
    """Where nothing has been given to anybody, as on the first day."""
    with world.portal.sessions.write() as session:
        for grant in session.query(Grant):
            grant.valid_until = grant.valid_from
    return "/directories"


def on_phones(world: World) -> str:
    """Phones in every state: one has everything, one is silent, one was told, one cut off."""
    portal, clock = world.portal, world.portal.clock
    silent, told, cut_off = (portal.phone(portal.eva, name) for name in ("Silent", "Told", "Cut"))
    for phone in (silent, told, cut_off):
        phone.sync()
        phone.sync()
    clock.tick(days=9)
    give_up(portal, cut_off)
    portal.set(world.contact, family="Nový")
    for contact in portal.contacts[1:]:
        portal.set(contact, erased_at=clock.now())
    told.report()
    world.phone.sync()
    world.phone.sync()
    portal.door.sightings.flush()
    return f"{of(world)}/phones"


def give_up(portal: Portal, phone: Phone) -> None:
    with portal.sessions.write() as session:
        row = devices.find(session, phone.device)
        devices.give_up(session, OPERATOR, row.id, portal.clock.now())


ROOMS = [
    Room("directories.index", lambda _: "/directories", answers(EVERYBODY)),
    Room("directories.index", nobodys, answers(EVERYBODY), "none yet", looker="dana"),
    Room("directories.new", lambda _: "/directories/new", answers("olga")),
    Room("directories.show", of, answers(KNOWS)),
    Room("directories.phones", lambda w: f"{of(w)}/phones", answers("olga dora", "eva jan")),
    Room("directories.phones", on_phones, answers("olga dora", "eva jan"), "every state"),
    Room("directories.ask_change", changing, answers("olga", "eva jan dora")),
]
DEEDS = [
    Deed(
        "directories.change",
        changing,
        lambda _: {"name": "Zákazníci", "sync": "any"},
        answers("olga", "eva jan dora", done=303),
    ),
    Deed(
        "directories.change",
        changing,
        lambda _: {"name": "Zákazníci", "sync": "never"},
        answers("olga", "eva jan dora"),
        "a stricter rule",
    ),
    Deed("directories.add", lambda _: "/directories/new", lambda _: NEW, answers("olga", done=303)),
    Deed(
        "directories.add",
        lambda _: "/directories/new",
        lambda _: NEW | {"name": " "},
        answers("olga", done=422),
        "half",
    ),
]
