"""What people stopped, and the two colleagues that it takes for an error."""

from app.keys import KeyName
from app.models import Authority, StopGround
from app.models.kinds import PointKind
from app.services import accounts, consent_subjects, stop_doubts, suppressions
from app.services.accounts import NewUser
from app.services.audit import OPERATOR
from app.services.public_asks import HIMSELF
from app.services.sessions import actor_of
from tests.rooms.room import Deed, Room, answers
from tests.rooms.world import World

WATCHING = "olga dora"
"""The owner and the data protection officer."""


def stopped(world: World) -> str:
    """What is stopped for an address that was typed; its name."""
    key = world.portal.ring.current(KeyName.EVIDENCE)
    mark = consent_subjects.marked(key, PointKind.EMAIL, "karel.novotny@example.org")
    said = (mark, suppressions.ALL_MARKETING, StopGround.OFF_LIST, world.at)
    with world.portal.sessions.write() as session:
        suppressions.suppress(session, HIMSELF, *said)
        word = Authority.TYPED
        return suppressions.suppress(session, HIMSELF, *said, authority=word).public_id


def doubted(world: World) -> str:
    """The same, after somebody who is gone from the cast said that it was an error."""
    name = stopped(world)
    with world.portal.sessions.write() as session:
        new = NewUser("otto@example.org", "Otto Owner", ["owner"])
        asker = actor_of(accounts.add_user(session, OPERATOR, new, world.at).id)
        made = stop_doubts.doubt(session, asker, name, "Two lines were mixed up.", world.at)
        return made.public_id


def _list(world: World) -> str:
    doubted(world)
    stopped(world)
    return "/stopped"


ROOMS = [
    Room("stops.index", lambda _: "/stopped", answers(WATCHING)),
    Room("stops.index", _list, answers(WATCHING), "one in doubt"),
    Room("stops.show", lambda world: f"/stopped/{stopped(world)}", answers(WATCHING)),
]
DEEDS = [
    Deed(
        "stops.doubt",
        lambda world: f"/stopped/{stopped(world)}",
        lambda _: {"reason": "Two lines were mixed up."},
        answers(WATCHING, done=303),
    ),
    Deed(
        "stops.answer",
        lambda world: f"/stopped/doubts/{doubted(world)}",
        lambda _: {"answer": "yes"},
        answers(WATCHING, done=303),
    ),
]
