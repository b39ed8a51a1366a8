"""Requests of people, contacts that are only stored or erased, and those that are hidden."""

from datetime import timedelta

from sqlalchemy import update

from app.models import LegalBasis
from app.services import consent_subjects, erasures, requests, restrictions
from app.services.audit import OPERATOR
from app.services.erasures import Order
from app.services.requests import NewRequest
from app.services.sessions import actor_of
from tests.rooms.room import Deed, Room, answers
from tests.rooms.world import World

ANSWERING = "olga dora"
"""Who answers requests: the owner and the data protection officer."""


def asked(world: World, kind: str = "access", days: int = 0, **more: object) -> str:
    """Karel asked for something, so many days ago."""
    at = world.at - timedelta(days=days)
    zone = world.portal.app.extensions["kustod"].settings.zone
    with world.portal.sessions.write() as session:
        subject = consent_subjects.of_contact(session, world.contact.id, at)
        said = {"words": "Please be quick.", "email": "karel@example.org", "language": "en"}
        new = NewRequest(kind, "mail", subject.id, at, **{**said, **more})  # type: ignore[arg-type]
        case = requests.enter(session, OPERATOR, new, zone, world.at)
    return f"/requests/{case.number}"


def story(world: World) -> str:
    """One that was taken, noted, extended and answered."""
    address = asked(world, "rectification", wanted={"phone": "+420 601 123 456"})
    number, olga = address.rpartition("/")[2], actor_of(world.olga.id)
    zone = world.portal.app.extensions["kustod"].settings.zone
    with world.portal.sessions.write() as session:
        requests.take(session, olga, number, world.at)
        requests.identify(session, olga, number, "none", "", world.at)
        requests.note(session, olga, number, "Called, nobody picked up.", world.at)
        requests.identify(session, olga, number, "known", "", world.at)
        requests.extend(session, olga, number, "The archive is in Brno.", zone, world.at)
        requests.close(session, olga, number, "partly", "One number is right.", zone, world.at)
    return address


def several(world: World) -> str:
    """The queue with something of each kind."""
    for kind, days in (("access", 40), ("erasure", 25), ("objection", 3)):
        asked(world, kind, days)
    story(world)
    return "/requests"


def keeping(world: World) -> str:
    """A contact in use, which is on a phone."""
    _ = world.phone
    return f"/contacts/{world.contact.public_id}/keeping"


def stored(world: World) -> str:
    """The same, only stored."""
    with world.portal.sessions.write() as session:
        reason = "He doubts that the number is right."
        restrictions.restrict(session, OPERATOR, world.contact.id, reason, world.at)
    return keeping(world)


def leaving(world: World) -> str:
    """The same, whose erasure waits for a phone."""
    address = keeping(world)
    with world.portal.sessions.write() as session:
        order = Order("He asked for it.")
        erasures.begin(session, OPERATOR, world.contact.id, order, world.at)
    return address


def without(world: World) -> str:
    """The same, without a reason."""
    with world.portal.sessions.write() as session:
        mine = LegalBasis.contact_id == world.contact.id
        session.execute(update(LegalBasis).where(mine).values(valid_until=world.at))
    return keeping(world)


def hidden(world: World) -> str:
    """What of the directory nobody sees."""
    stored(world)
    without(world)
    return f"/directories/{world.directory.slug}/hidden"


SEEING = {"olga": 200, "dora": 200, "eva": 403, "jan": 403, "dana": 404, "adam": 404}
HIDDEN = {"olga": 200, "dora": 200, "eva": 404, "jan": 404, "dana": 404, "adam": 404}
LISTED = SEEING
DECIDING = {"olga": 303, "dora": 403, "eva": 403, "jan": 403, "dana": 404, "adam": 404}
SHUT = DECIDING | {"eva": 404, "jan": 404}
ROOMS = [
    Room("requests.index", lambda _: "/requests", answers(ANSWERING), "none"),
    Room("requests.index", several, answers(ANSWERING)),
    Room("requests.new", lambda _: "/requests/new", answers(ANSWERING)),
    Room("requests.show", asked, answers(ANSWERING)),
    Room("requests.show", lambda w: asked(w, "erasure", 40), answers(ANSWERING), "overdue"),
    Room("requests.show", story, answers(ANSWERING), "answered"),
    Room("keeping.show", keeping, SEEING),
    Room("keeping.show", stored, HIDDEN, "only stored"),
    Room("keeping.show", leaving, HIDDEN, "erased when phones agree"),
    Room("keeping.show", without, HIDDEN, "without a reason"),
    Room("keeping.hidden", hidden, LISTED),
]


def _deed(endpoint: str, part: str, form: dict[str, str]) -> Deed:
    done = answers(ANSWERING, done=303)
    return Deed(f"requests.{endpoint}", lambda w: asked(w) + part, lambda _: form, done)


_NEW = {"kind": "access", "way": "mail", "language": "cs"}
_WHY = {"reason": "He asked for it."}
DEEDS = [
    Deed("requests.enter", lambda _: "/requests/new", lambda _: _NEW, answers(ANSWERING, done=303)),
    _deed("take", "/take", {}),
    _deed("note", "/note", {"words": "Called."}),
    _deed("identify", "/identity", {"identity": "known"}),
    _deed("extend", "/longer", {"reason": "Many papers."}),
    _deed("close", "/close", {"outcome": "done", "reason": "Sent."}),
    Deed("keeping.restrict", lambda w: f"{keeping(w)}/restrict", lambda _: _WHY, DECIDING),
    Deed("keeping.release", lambda w: f"{stored(w)}/release", lambda _: _WHY | {"told": "x"}, SHUT),
    Deed("keeping.erase", lambda w: f"{stored(w)}/erase", lambda _: _WHY, SHUT),
    Deed("keeping.give_reason", lambda w: f"{without(w)}/reason", lambda _: {}, SHUT),
]
