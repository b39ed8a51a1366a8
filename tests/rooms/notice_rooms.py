"""Notices and purposes, for owners and the data protection officer."""

from app.queries import notices as found
from app.services import notice_texts, notices
from app.services.audit import OPERATOR
from app.services.notices import NewNotice
from tests.rooms.public import agreed
from tests.rooms.room import Deed, Room, answers
from tests.rooms.world import World

KEEPERS = "olga dora"
WHOLE = "\n\n".join(f"## {name} {{#{name}}}\nWhat is said of it." for name in notice_texts.BLOCKS)


def draft(world: World, body: str = WHOLE) -> str:
    """A second version of a notice that Karel was told."""
    news = agreed(world)
    with world.portal.sessions.write() as session:
        new = NewNotice(news, "en", body, change_class="processing")
        row = notices.draft(session, OPERATOR, new, world.at)
        return f"/notices/{row.public_id}"


def half(world: World) -> str:
    return draft(world, "## Who we are {#controller}\nStavby Morava\n\n## Rights {#rights}\n")


def published(world: World) -> str:
    agreed(world)
    with world.portal.sessions.read() as session:
        return f"/notices/{found.named(session, 'news/en/1').id}"


def compared(world: World) -> str:
    address = draft(world)
    with world.portal.sessions.read() as session:
        return f"{address}/compare/{found.named(session, 'news/en/1').id}"


def with_tree(world: World) -> str:
    agreed(world)
    return "/purposes"


TEXT = {"body": WHOLE, "change": "material"}
OPEN = answers(KEEPERS)
DONE = answers(KEEPERS, done=303)
ROOMS = [
    Room("notice_rooms.index", lambda _: "/notices", OPEN, "none"),
    Room("notice_rooms.index", lambda w: f"/notices?{draft(w)}", OPEN),
    Room("notice_rooms.new", lambda _: "/notices/new", OPEN),
    Room("notice_rooms.show", half, OPEN, "half"),
    Room("notice_rooms.show", published, OPEN),
    Room("notice_rooms.edit", lambda w: f"{half(w)}/edit", OPEN),
    Room("notice_rooms.check", lambda w: f"{half(w)}/publish", OPEN, "half"),
    Room("notice_rooms.check", lambda w: f"{draft(w)}/publish", OPEN),
    Room("notice_rooms.compare", compared, OPEN),
    Room("purpose_rooms.index", with_tree, OPEN),
    Room("purpose_rooms.new", lambda _: "/purposes/new", OPEN),
    Room("purpose_rooms.edit", lambda w: f"{with_tree(w)}/news/edit", OPEN),
]
DEEDS = [
    Deed(
        "notice_rooms.add",
        lambda w: f"/notices/new?{agreed(w)}",
        lambda _: {"purpose": "news", "language": "cs"},
        DONE,
    ),
    Deed("notice_rooms.save", lambda w: f"{half(w)}/edit", lambda _: TEXT, DONE),
    Deed(
        "notice_rooms.publish",
        lambda w: f"{half(w)}/publish",
        lambda _: {},
        answers(KEEPERS, done=422),
        "half",
    ),
    Deed("purpose_rooms.add", lambda _: "/purposes/new", lambda _: {"name": "Novinky"}, DONE),
    Deed(
        "purpose_rooms.save",
        lambda w: f"{with_tree(w)}/news/edit",
        lambda _: {"media": "email", "validity": "P1Y"},
        DONE,
    ),
]
