"""Whether the contacts of a project may be on phones."""

from tests.rooms.projects import of
from tests.rooms.room import Deed, Room, answers
from tests.rooms.world import World

STEERS = ("olga", "eva dora")


def closed(world: World) -> str:
    world.portal.set(world.project, allows_sync=False)
    return of(world, "/phones")


def shown(world: World) -> str:
    closed(world)
    return of(world)


ROOMS = [
    Room("project_phones.ask", closed, answers(*STEERS)),
    Room("projects.show", shown, answers("olga eva dora"), "off phones"),
]
DEEDS = [
    Deed(
        "project_phones.let_on",
        closed,
        lambda _: {"reason": "jeřáby se domlouvají ze stavby"},
        answers(*STEERS, done=303),
    ),
    Deed("project_phones.let_on", closed, lambda _: {}, answers(*STEERS, done=422), "no reason"),
    Deed(
        "project_phones.keep_off",
        lambda w: of(w, "/phones/end"),
        lambda _: {},
        answers(*STEERS, done=303),
    ),
]
