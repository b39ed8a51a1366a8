"""Who saw a contact in a period: asked by owners and the data protection officer."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from app.cards.card import Point
from app.models import HandOver
from app.models.kinds import ActorKind
from app.queries.inquiries import Audience, Question
from app.services import contacts, inquiries, moments
from app.services.audit import OPERATOR, Actor
from tests.rooms.room import Deed, Room, answers
from tests.rooms.world import World
from tests.web.conftest import signed_in

ASKERS = "olga dora"
FOR = answers(ASKERS, refused="eva jan")
MAY = {"first": "2026-05-01", "last": "2026-05-03"}


def form(world: World) -> str:
    """Karel Novotný, of whom nothing has been asked yet."""
    return f"/contacts/{world.contact.public_id}/seen"


def asked(world: World, audience: str) -> str:
    """Everything happened to him, and both who may have asked about it."""
    _story(world)
    zone = ZoneInfo("Europe/Prague")
    last = world.at.astimezone(zone).date()
    first = last - timedelta(days=2)
    start = moments.moment(first.isoformat(), zone, is_end=False)
    question = Question(
        start, moments.moment(last.isoformat(), zone, is_end=True), Audience(audience)
    )
    with world.portal.sessions.write() as session:
        for who in (world.olga, world.dora):
            actor = Actor(ActorKind.USER, who.id)
            inquiries.ask(session, actor, world.contact.public_id, question, world.at)
    return f"{form(world)}?from={first}&to={last}&for={audience}"


def _story(world: World) -> None:
    """Eva and Jan look at him, his number changes between two visits of her phone, a file."""
    portal = world.portal
    world.phone.sync()
    for who in (portal.eva, portal.jan):
        signed_in(portal, who).get("/contacts")
        signed_in(portal, who).get(f"/contacts/{world.contact.public_id}")
    with portal.sessions.write() as session:
        changed = {"phones": (Point("+420 605 111 222", "cell"),)}
        contacts.edit(session, OPERATOR, world.contact.id, changed, portal.clock.tick(minutes=1))
    world.phone.sync()
    portal.add(
        HandOver(
            at=portal.clock.now(),
            contact_id=world.contact.id,
            channel="export",
            fields=4,
            recipient="Daňová kancelář Nováček",
            reason="účetnictví za duben",
            user_id=world.olga.id,
        )
    )
    portal.gatherer.flush()
    portal.door.sightings.flush()


def erased(world: World) -> str:
    with world.portal.sessions.write() as session:
        session.merge(world.contact).erased_at = world.at
    return form(world)


def found(world: World) -> str:
    return "/seen?q=karel+novotny"


ROOMS = [
    Room("seen.find", lambda _: "/seen", answers(ASKERS)),
    Room("seen.find", found, answers(ASKERS), "found"),
    Room("seen.find", lambda _: "/seen?q=novotny", answers(ASKERS), "nobody"),
    Room("seen.show", form, FOR),
    Room("seen.show", lambda w: asked(w, "authority"), FOR, "for an authority"),
    Room("seen.show", lambda w: asked(w, "person"), FOR, "for the person"),
    Room("seen.show", erased, answers(ASKERS), "erased"),
]
DEEDS = [
    Deed(
        "seen.ask",
        form,
        lambda _: MAY | {"audience": "person"},
        answers("", refused="eva jan") | dict.fromkeys(ASKERS.split(), 303),
    ),
    Deed(
        "seen.ask",
        form,
        lambda _: {"first": "2026-05-04", "last": "x", "audience": "person"},
        answers("", refused="eva jan") | dict.fromkeys(ASKERS.split(), 422),
        "nonsense",
    ),
    Deed(
        "seen.ask",
        form,
        lambda _: {"first": "0001-01-01", "last": "2026-05-04", "audience": "person"},
        answers("", refused="eva jan") | dict.fromkeys(ASKERS.split(), 422),
        "before all calendars",
    ),
]
