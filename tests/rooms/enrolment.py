"""Setting up a phone or a program, step by step."""

from app.models import Organisation
from app.services import devices, enrolment
from tests.rooms.room import EVERYBODY, Deed, Room, answers
from tests.rooms.world import World

FORM = {"name": "Eva's phone", "fields": "full", "read": "y"}


def fresh(world: World) -> str:
    """A device of Eva's that nothing has connected to."""
    return world.portal.phone(world.portal.eva, "Fresh").device


def connected(world: World) -> str:
    """A device of Eva's that has everything, as far as is written."""
    world.phone.sync()
    world.portal.door.sightings.flush()
    return world.phone.device


def with_rules(world: World) -> str:
    with world.portal.sessions.write() as session:
        session.get_one(Organisation, 1).phone_policy = "Telefon je zamčený.\nŽádný komunikátor."
    return "/devices/new/iphone"


def link(world: World) -> str:
    """An address that hands out a profile."""
    at = world.portal.clock.now()
    with world.portal.sessions.write() as session:
        row = devices.find(session, fresh(world))
        enrolment.make_link(session, row.id, "a-link-of-a-profile", at)
    return "/p/profile/a-link-of-a-profile"


ROOMS = [
    Room("enrolment.what", lambda _: "/devices/new", answers(EVERYBODY)),
    Room("enrolment.options", lambda _: "/devices/new/android", answers(EVERYBODY), "android"),
    Room("enrolment.options", lambda _: "/devices/new/outlook", answers(EVERYBODY), "outlook"),
    Room("enrolment.options", with_rules, answers(EVERYBODY), "own rules"),
    Room("enrolment.connect", lambda w: f"/devices/{fresh(w)}/connect", answers("eva"), "later"),
    Room(
        "enrolment.connect", lambda w: f"/devices/{connected(w)}/connect", answers("eva"), "in use"
    ),
    Room("enrolment.waiting", lambda w: f"/devices/{fresh(w)}/waiting", answers("eva")),
    Room(
        "enrolment.waiting",
        lambda w: f"/devices/{connected(w)}/waiting",
        answers("eva"),
        "all there",
    ),
    Room("enrolment.ready", lambda w: f"/devices/{connected(w)}/ready", answers("eva")),
]
DEEDS = [
    Deed(
        "enrolment.enrol",
        lambda _: "/devices/new/android",
        lambda _: FORM,
        answers(EVERYBODY, done=303),
    ),
    Deed(
        "enrolment.again",
        lambda w: f"/devices/{fresh(w)}/again",
        lambda _: {},
        answers("eva", done=303),
    ),
]
