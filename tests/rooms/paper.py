"""The desk of papers: blanks, the inbox, and one paper in front of who reads it."""

from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.models import Directory, PaperPad
from app.policy import Viewer
from app.queries import forms
from app.queries import paper as readers
from app.services import (
    collecting,
    evidence,
    notices,
    paper_readings,
    papers,
    proof_files,
    purposes,
)
from app.services.audit import OPERATOR, Actor
from app.services.collecting import NewPoint
from app.services.notices import NewNotice
from app.services.paper_readings import Person, Read
from app.services.papers import Brought
from app.services.purposes import Terms
from app.services.sessions import actor_of
from tests.rooms.room import Deed, Room, answers
from tests.rooms.world import World
from tests.services.papering import code, scan, serials

ZONE = ZoneInfo("Europe/Prague")
NOTICE = (
    "Stavby Morava s.r.o. posílá novinky o svých domech a bytech.\n\n"
    "Údaje uchováváme dva roky. Máte právo na přístup, opravu, výmaz a námitku; "
    "stížnost přijímá Úřad pro ochranu osobních údajů."
)
CLERKS = "olga"
"""Who may edit the directory."""


def desk(world: World) -> str:
    """The address of a place where nobody has signed yet."""
    with world.portal.sessions.write() as session:
        terms = Terms(media=("email", "sms"), is_marketing=True)
        news = purposes.add(session, OPERATOR, "paper-news", "Novinky", world.at, terms=terms)
        new = NewNotice(news.id, "cs", NOTICE)
        draft = notices.draft(session, OPERATOR, new, world.at)
        notices.publish(session, OPERATOR, draft.id, world.at)
        home = session.get_one(Directory, world.directory.id)
        kind = "branch-paper"
        counter = NewPoint("counter", "Prodejna Brno", "paper-news", [], home.id, kind=kind)
        collecting.add(session, OPERATOR, counter, world.at)
    return "/paper/counter"


def printed(world: World, count: int = 6) -> str:
    """The public id of a new pad at that place."""
    desk(world)
    with world.portal.sessions.write() as session:
        point = forms.get(session, "counter").id
        return papers.print_pad(session, _olga(world), point, count, "cs", world.at).public_id


def bring(world: World, pad: str, place: int | None, *, is_card: bool = False) -> str:
    """The public id of a scan of the blank at this place of the pad; None: nobody can tell."""
    with world.portal.sessions.write() as session:
        row = session.scalars(select(PaperPad).where(PaperPad.public_id == pad)).one()
        said = None
        if place is not None:
            said = code(session, row, serials(session, row)[place])
        data = scan(said)
        new = Brought(proof_files.sealed(world.portal.ring, data), "", said, "", is_card)
        point = forms.get(session, "counter").id
        return papers.bring_in(session, _olga(world), point, new, world.at).public_id


def busy(world: World) -> str:
    """A day's batch: two numbers missing, two papers wait, two were read."""
    pad = printed(world)
    with world.portal.sessions.write() as session:
        row = session.scalars(select(PaperPad).where(PaperPad.public_id == pad)).one()
        papers.spoil(session, _olga(world), serials(session, row)[1], world.at)
    bring(world, pad, 3)
    bring(world, pad, None)
    first, last = bring(world, pad, 0), bring(world, pad, 5)
    with world.portal.sessions.write() as session:
        who = Person("Jana", "Malá", "", "jana@example.org")
        sheet = readers.sheet(session, pad)
        assert sheet is not None
        read = Read(who, list(sheet.boxes)[:1], world.at)
        paper_readings.give(session, world.portal.ring, _olga(world), first, read, world.at)
        papers.put_aside(session, _olga(world), last, "refused", world.at)
    return "/paper/counter"


def waiting(world: World, place: int | None = 0, *, is_card: bool = False) -> str:
    """The address of a paper that waits."""
    return f"/scans/{bring(world, printed(world), place, is_card=is_card)}"


def opened(world: World) -> str:
    """The address of a paper that Olga has opened."""
    address = waiting(world)
    with world.portal.sessions.write() as session:
        found = readers.find(session, Viewer(world.olga.id), address[7:], world.at)
        assert found is not None
        said = "To read a paper of the inbox."
        row = evidence.unlock(session, _olga(world), found[0].evidence, said, world.at)
        return f"{address}?opening={row.public_id}"


def done(world: World) -> str:
    """The address of a paper on which nothing was agreed to."""
    address = waiting(world)
    with world.portal.sessions.write() as session:
        papers.put_aside(session, _olga(world), address[7:], "refused", world.at)
    return address


def _olga(world: World) -> Actor:
    return actor_of(world.olga.id)


def _number(world: World) -> dict[str, str]:
    """The number of the blank at the beginning of the only pad."""
    with world.portal.sessions.read() as session:
        row = session.scalars(select(PaperPad)).one()
        return {"serial": serials(session, row)[0]}


def _signed(world: World) -> dict[str, str]:
    with world.portal.sessions.read() as session:
        row = session.scalars(select(PaperPad)).one()
        sheet = readers.sheet(session, row.public_id)
        assert sheet is not None
        who = {"given": "Jana", "family": "Malá", "email": "jana@example.org"}
        day = world.at.astimezone(ZONE).date().isoformat()
        return who | {"boxes": next(iter(sheet.boxes)), "day": day, "is_signed": "y"}


def _blanks(world: World) -> str:
    return f"{desk(world)}/blanks"


ROOMS = [
    Room("paper.index", lambda _: "/paper", answers(CLERKS), "none"),
    Room("paper.index", lambda w: f"/paper?{busy(w)}", answers(CLERKS)),
    Room("paper.show", desk, answers(CLERKS), "new"),
    Room("paper.show", busy, answers(CLERKS), "busy"),
    Room("paper.ask_print", _blanks, answers(CLERKS)),
    Room("paper.pad", lambda w: f"/pads/{printed(w, 2)}", answers(CLERKS)),
    Room("paper.ask_bring", lambda w: f"{desk(w)}/scans", answers(CLERKS)),
    Room("paper_reading.show", waiting, answers(CLERKS), "closed"),
    Room("paper_reading.show", opened, answers(CLERKS), "opened"),
    Room("paper_reading.show", lambda w: waiting(w, None), answers(CLERKS), "number"),
    Room("paper_reading.show", lambda w: waiting(w, None, is_card=True), answers(CLERKS), "card"),
    Room("paper_reading.show", done, answers(CLERKS), "done"),
]
_DONE = answers(CLERKS, done=303)
_PERSON = {"given": "Jana", "family": "Malá", "email": "jana@example.org"}
DEEDS = [
    Deed("paper.print_blanks", _blanks, lambda _: {"count": "2", "language": "cs"}, _DONE),
    Deed("paper.spoil", lambda w: f"/paper/counter/spoiled?{printed(w)}", _number, _DONE),
    Deed(
        "paper.bring",
        lambda w: f"/paper/counter/scans?{printed(w)}",
        lambda w: _number(w) | {"kind": "form", "place": "office, binder 3"},
        _DONE,
    ),
    Deed("paper_reading.look", lambda w: f"{waiting(w)}/look", lambda _: {}, _DONE),
    Deed("paper_reading.match", lambda w: f"{waiting(w, None)}/number", _number, _DONE),
    Deed("paper_reading.record", waiting, _signed, _DONE),
    Deed(
        "paper_reading.take_card",
        lambda w: f"{waiting(w, None, is_card=True)}/card",
        lambda _: _PERSON,
        _DONE,
    ),
    Deed(
        "paper_reading.put_aside",
        lambda w: f"{waiting(w)}/aside",
        lambda _: {"outcome": "refused"},
        _DONE,
    ),
]
