"""A colleague leaves: the look, the press, the board of what comes back."""

from app.models import HandOver, User
from app.models.kinds import ActorKind, Profile
from app.services import accounts, devices
from app.services.audit import OPERATOR, Actor
from tests import factories as make
from tests.davclient import Phone
from tests.rooms.people import dora, eva, eva_at_work
from tests.rooms.room import Deed, Room, answers
from tests.rooms.world import World

RUN, KNOW = "olga adam", "olga adam dora"
GONE = answers(KNOW) | {"eva": 303}
"""Once Eva's account is disabled she is sent to sign in."""


def olga(world: World, rest: str = "/leave") -> str:
    return f"/people/{world.olga.id}{rest}"


def busy(world: World) -> str:
    """Somebody with several phones, contacts in her charge, and a past."""
    portal = world.portal
    portal.clock.tick(days=-9)
    for name in ("starý telefon", "iPad na stavbě"):
        portal.phone(portal.eva, name).sync()
    with portal.sessions.write() as session:
        heir = session.get_one(User, portal.eva.id)
        make.team(session, heir).name = "Stavbyvedoucí"
        for contact in portal.contacts[:2]:
            make.assignment(session, session.merge(contact, load=False), heir)
    portal.clock.tick(days=9)
    at = portal.clock.now()
    for contact in portal.contacts[:2]:
        portal.gatherer.shown(portal.eva.id, "contact", [contact.public_id], at)
    portal.gatherer.shown(portal.eva.id, "contacts", [c.public_id for c in portal.contacts], at)
    portal.gatherer.flush()
    make_errand(world)
    assert world.phone.cards
    portal.door.sightings.flush()
    return eva(world) + "/leave"


def make_errand(world: World) -> None:
    """Three contacts went out in a file."""
    said = {"channel": "export", "recipient": "Účetní kancelář", "reason": "faktury za říjen"}
    by = {"user_id": world.portal.eva.id, "fields": int(Profile.FULL), "at": world.at}
    world.portal.add(*(HandOver(contact_id=c.id, **said, **by) for c in world.portal.contacts))


def leaves(world: World, who: User, by: User | None = None) -> None:
    actor = Actor(ActorKind.USER, by.id) if by else OPERATOR
    with world.portal.sessions.write() as session:
        at, why = world.portal.clock.now(), "konec pracovního poměru"
        accounts.disable_user(session, actor, who.id, at, reason=why)


def phones(world: World, *names: str) -> list[Phone]:
    found = [world.portal.phone(world.portal.eva, name) for name in names]
    for phone in found:
        phone.sync()
        phone.sync()
    return found


def half_back(world: World) -> str:
    """One of each state, in the eleven days since she left."""
    portal, clock = world.portal, world.portal.clock
    clock.tick(days=-12)
    quick, slow, _old, lost = phones(world, "Pixel 8", "iPad", "starý telefon", "Galaxy A54")
    clock.tick(days=1)
    leaves(world, portal.eva, world.adam)
    clock.tick(hours=1)
    for _ in range(2):
        clock.tick(minutes=10)
        quick.sync()
    clock.tick(days=10)
    slow.sync()
    with portal.sessions.write() as session:
        row = devices.find(session, lost.device)
        devices.give_up(session, OPERATOR, row.id, clock.now())
    clock.tick(hours=22, minutes=40)
    portal.door.sightings.flush()
    return eva(world) + "/take-back"


def all_back(world: World) -> str:
    found = phones(world, "Pixel 8", "iPad")
    world.portal.clock.tick(hours=1)
    leaves(world, world.portal.eva, world.olga)
    for phone in found:
        world.portal.clock.tick(minutes=25)
        phone.sync()
        phone.sync()
    world.portal.door.sightings.flush()
    return eva(world) + "/take-back"


def nothing(world: World) -> str:
    leaves(world, world.portal.eva)
    return eva(world) + "/take-back"


def orphaned(world: World) -> str:
    """She is gone, and contacts are in her charge still."""
    with world.portal.sessions.write() as session:
        user = session.get_one(User, world.portal.eva.id)
        for contact in world.portal.contacts[:2]:
            make.assignment(session, session.merge(contact, load=False), user)
    return all_back(world)


ROOMS = [
    Room("leaving.look", busy, answers(KNOW), "busy"),
    Room("leaving.look", lambda w: eva_at_work(w) + "/leave", answers(KNOW)),
    Room("leaving.look", lambda w: dora(w) + "/leave", answers(KNOW), "with nothing"),
    Room("leaving.look", olga, answers(KNOW), "of the last owner"),
    Room("leaving.take_back", half_back, GONE, "half"),
    Room("leaving.take_back", all_back, GONE, "all"),
    Room("leaving.take_back", nothing, GONE, "nothing"),
    Room("leaving.take_back", orphaned, GONE, "orphaned"),
    Room("records.of_person", lambda w: half_back(w).replace("take-back", "record"), GONE, "half"),
    Room("records.of_person", lambda w: nothing(w).replace("take-back", "record"), GONE, "nothing"),
    Room(
        "records.person_paper",
        lambda w: half_back(w).replace("take-back", "record.pdf"),
        GONE,
        is_page=False,
    ),
]
DEEDS = [
    Deed(
        "leaving.disable",
        lambda w: eva(w) + "/leave",
        lambda w: {"heir": str(w.portal.jan.id), "reason": "odchod"},
        answers(RUN, "dora", done=303),
    ),
    Deed(
        "leaving.disable",
        olga,
        lambda _: {"heir": ""},
        answers(RUN, "dora", done=422),
        "of the last owner",
    ),
]
