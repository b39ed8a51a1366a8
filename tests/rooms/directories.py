"""Directories: the list, one of them, a new one."""

from app.models import Grant
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


ROOMS = [
    Room("directories.index", lambda _: "/directories", answers(EVERYBODY)),
    Room("directories.index", nobodys, answers(EVERYBODY), "none yet"),
    Room("directories.new", lambda _: "/directories/new", answers("olga")),
    Room("directories.show", of, answers(KNOWS)),
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
