"""Several contacts at once: ticks in the list, and the pages and forms of what is done to them."""

from datetime import timedelta
from urllib.parse import urlencode

from app.models import Contact, Favourite, User
from app.policy import Viewer
from app.queries import selections
from app.queries.filters import Asked
from app.queries.selections import Choice
from tests import factories as make
from tests.rooms.room import EVERYBODY, Deed, Room, answers
from tests.rooms.world import World

SEEN_BY = "olga eva jan"
FILE = "/contacts/chosen/file"


def ticked(world: World) -> list[tuple[str, str]]:
    return [("contact", one.public_id) for one in world.portal.contacts]


def page(rest: str, world: World, **said: str) -> str:
    return f"/contacts/chosen/{rest}?" + urlencode([*ticked(world), *said.items()])


def many(world: World, choose: str = "1") -> str:
    """A longer list, with firms and long names, some of it not Olga's to hand over."""
    with world.portal.sessions.write() as session:
        olga = session.get_one(User, world.olga.id)
        for number in range(60):
            one = make.contact(session, world.directory, f"Anežka Adamová-Přibyslavská {number:02}")
            one.organisation = "Mosty a tunely Moravskoslezské a. s."
        received = make.directory(session)
        make.grant(session, received, olga, can="read")
        for name in ("Petr Půjčený", "Pavla Půjčená"):
            make.contact(session, received, name)
    return f"/contacts?choose={choose}"


def mixed(world: World) -> str:
    """All that match, some of whom are done and some not to be handed over, or gone by now."""
    many(world)
    with world.portal.sessions.write() as session:
        for contact in world.portal.contacts[:2]:
            found = session.get_one(Contact, contact.id)
            make.assignment(session, found, session.get_one(User, world.portal.eva.id))
            session.add(Favourite(user_id=world.olga.id, contact_id=found.id, kept_at=world.at))
    return urlencode({"all": "1", "count": "70"})


def too_many(world: World) -> str:
    with world.portal.sessions.write() as session:
        for number in range(1_000):
            make.contact(session, world.directory, f"Adam Aba{number:04}")
    return "/contacts/chosen/charge?all=1"


def agreed(world: World, act: selections.Act, who: Viewer) -> dict[str, str]:
    """The numbers of the page, for the contact that is ticked."""
    choice = Choice(Asked(), (world.contact.public_id,))
    with world.portal.sessions.read() as session:
        outlook = selections.outlook(session, who, choice, act, world.at)
    return {"contact": world.contact.public_id, "counts": outlook.counts}


def charged(world: World) -> dict[str, str]:
    until = world.at + timedelta(days=1)
    act = selections.charge(world.portal.eva.id, (world.at, until))
    return agreed(world, act, Viewer(world.olga.id)) | {"who": world.portal.eva.email}


def put(world: World) -> dict[str, str]:
    with world.portal.sessions.write() as session:
        other = make.project(session)
        make.member(session, other, session.get_one(User, world.olga.id))
        slug = other.slug
    return agreed(world, selections.into(None, world.at), Viewer(world.olga.id)) | {"into": slug}


def kept(world: World) -> dict[str, str]:
    return agreed(world, selections.Act(), Viewer(world.olga.id))


def stale(world: World) -> dict[str, str]:
    return kept(world) | {"counts": "3.2.0123456789abcdef"}


def may_export(world: World) -> None:
    with world.portal.sessions.write() as session:
        eva = session.get_one(User, world.portal.eva.id)
        make.grant(session, world.directory, eva, can="export")


def to_file(world: World) -> str:
    may_export(world)
    return page("file", world)


def leaving(world: World) -> dict[str, str]:
    may_export(world)
    said = {"to": "Karel Novák, účetní", "reason": "Pozvánky", "form": "csv"}
    return agreed(world, selections.leaving(), Viewer(world.portal.eva.id)) | said


ROOMS = [
    Room("contacts.index", lambda _: "/contacts?choose=1", answers(EVERYBODY), "choosing"),
    Room("contacts.index", lambda _: "/contacts?choose=none", answers(EVERYBODY), "none ticked"),
    Room(
        "contacts.index",
        lambda w: many(w, "page"),
        answers(EVERYBODY),
        "page chosen",
    ),
    Room(
        "contacts.index",
        lambda w: many(w, "all&kind=person"),
        answers(EVERYBODY),
        "all chosen",
    ),
    Room("chosen.charge", lambda w: page("charge", w), answers("olga")),
    Room(
        "chosen.charge",
        lambda w: f"/contacts/chosen/charge?{mixed(w)}&who={w.portal.eva.email}&until=2099-12-31",
        answers("olga"),
        "check",
    ),
    Room("chosen.charge", too_many, answers("olga"), "too many"),
    Room("chosen.project", lambda w: page("project", w), answers("olga")),
    Room(
        "chosen.project",
        lambda w: f"/contacts/chosen/project?{mixed(w)}&into={w.project.slug}&role=jeřáb",
        answers("olga"),
        "check",
    ),
    Room("chosen_file.ask", to_file, answers("olga eva")),
    Room("chosen.favourites", lambda w: page("favourites", w), answers(SEEN_BY)),
    Room(
        "chosen.favourites",
        lambda w: f"/contacts/chosen/favourites?{mixed(w)}",
        answers(SEEN_BY),
        "all",
    ),
]
DEEDS = [
    Deed(
        "chosen.put_in_charge",
        lambda _: "/contacts/chosen/charge",
        charged,
        answers("olga", done=303),
    ),
    Deed(
        "chosen.put_in_charge",
        lambda _: "/contacts/chosen/charge",
        lambda w: charged(w) | {"who": "nobody@example.org"},
        answers("olga", done=422),
        "nobody",
    ),
    Deed(
        "chosen.put_into_project",
        lambda _: "/contacts/chosen/project",
        put,
        answers("olga", done=303),
    ),
    Deed(
        "chosen.put_into_project",
        lambda _: "/contacts/chosen/project",
        lambda w: put(w) | {"into": "nothing"},
        answers("olga", done=422),
        "nothing",
    ),
    Deed("chosen_file.hand_over", lambda _: FILE, leaving, answers("olga eva", done=200)),
    Deed(
        "chosen_file.hand_over",
        lambda _: FILE,
        lambda w: leaving(w) | {"to": ""},
        answers("olga eva", done=422),
        "to nobody",
    ),
    Deed("chosen.keep", lambda _: "/contacts/chosen/favourites", kept, answers(SEEN_BY, done=303)),
    Deed(
        "chosen.keep",
        lambda _: "/contacts/chosen/favourites",
        stale,
        answers(SEEN_BY, done=409),
        "too late",
    ),
]
