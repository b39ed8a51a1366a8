"""Access to a directory: everybody who has it, ending it."""

from datetime import timedelta

from app.models import Directory, SuspensionKind, User
from app.models.kinds import Scope, SyncPolicy
from tests import factories as make
from tests.rooms.directories import of
from tests.rooms.room import Deed, Room, answers
from tests.rooms.world import World

SEES, MAY_NOT = "olga dora", "eva jan"


def crowded(world: World) -> str:
    """Access of each kind: endless, ending, beginning later, past; a person, a team, a project."""
    now = world.portal.clock.now()
    day = timedelta(days=1)
    with world.portal.sessions.write() as session:
        home = session.get_one(Directory, world.directory.id)
        eva, dana, olga = (session.get_one(User, world.one(w).id) for w in ("eva", "dana", "olga"))
        for person, can, start, end, scope in (
            (eva, "read,sync,export", now - 9 * day, now + 120 * day, Scope.ALL),
            (dana, "read,edit", now - 3 * day, now + 20 * day, Scope.ASSIGNED),
            (dana, "read", now + 30 * day, now + 800 * day, Scope.ALL),
            (dana, "read", now - 90 * day, now - 30 * day, Scope.ALL),
            (eva, "read,manage", now - 60 * day, now - 10 * day, Scope.ALL),
        ):
            row = make.grant(session, home, person, can=can, start=start, end=end, scope=scope)
            row.reason, row.granted_by_id = "stavba mostu, denní objednávky materiálu", olga.id
        make.grant(session, home, make.team(session, dana, eva), can="read,sync")
        jan = session.get_one(User, world.portal.jan.id)
        make.suspension(session, jan, SuspensionKind.SYNC)
    return f"{of(world)}/access"


def evas(world: World) -> dict[str, str]:
    return {"grant": str(world.portal.grant_id)}


def give(world: World) -> str:
    return f"{of(world)}/access/give"


def off_phones(world: World) -> str:
    world.portal.set(world.directory, sync_policy=SyncPolicy.NEVER)
    return f"{of(world)}/access/give"


def said(world: World, **values: str) -> dict[str, str]:
    """A whole form."""
    dana = {"to": world.portal.dana.email, "what": "look", "scope": "all", "fields": ""}
    return dana | {"until": "2099-12-31", "reason": "vede stavbu", "step": "check"} | values


def agreed(world: World) -> dict[str, str]:
    return said(world, step="give", counts=f"{world.portal.dana.id}:3: 0-0")


def move(world: World) -> str:
    return f"{of(world)}/access/change"


def change(world: World) -> str:
    return f"{move(world)}?grant={world.portal.grant_id}"


ROOMS = [
    Room("ends.ask", change, answers("olga", "dora eva jan")),
    Room("access.index", lambda w: f"{of(w)}/access", answers(SEES, MAY_NOT)),
    Room("access.give", give, answers("olga", "dora " + MAY_NOT)),
    Room("access.give", off_phones, answers("olga", "dora " + MAY_NOT), "phones forbidden"),
    Room("access.index", crowded, answers(SEES, MAY_NOT + " dana"), "everything"),
]
DEEDS = [
    Deed(
        "ends.move",
        move,
        lambda w: evas(w) | {"until": "2099-12-31"},
        answers("olga", "dora eva jan", done=303),
    ),
    Deed("access.submit", give, said, answers("olga", "dora eva jan"), "check"),
    Deed("access.submit", give, agreed, answers("olga", "dora eva jan", done=303), "give"),
    Deed(
        "access.submit",
        give,
        lambda w: said(w, step="give", counts="1"),
        answers("olga", "dora eva jan", done=409),
        "changed meanwhile",
    ),
    Deed(
        "access.submit",
        give,
        lambda w: said(w, to="", until="", reason=" "),
        answers("olga", "dora eva jan", done=422),
        "half",
    ),
    Deed(
        "access.end",
        lambda w: f"{of(w)}/access/end",
        evas,
        answers("olga", "dora eva jan", done=303),
    ),
]
