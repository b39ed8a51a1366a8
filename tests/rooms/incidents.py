"""Lost phones, for owners and the data protection officer."""

from app.models import Contact
from app.queries import carried
from app.queries import incidents as readers
from app.services import devices, incidents
from app.services.audit import OPERATOR
from app.services.exports import Errand
from app.services.incidents import Known
from app.services.sessions import actor_of
from tests import factories as make
from tests.rooms.room import EVERYBODY, Deed, Room, answers
from tests.rooms.world import World
from tests.services.scene import acting

OVERSEERS = "olga dora"
"""Who may see an incident: the owner and the data protection officer."""


def lost(world: World) -> str:
    """Eva's phone, which she reported lost a day ago; it was not heard from since."""
    portal = world.portal
    phone = portal.phone(portal.eva, "Lost phone")
    for _ in range(2):
        phone.sync()
        portal.clock.tick(minutes=1)
    portal.door.sightings.flush()
    with portal.sessions.write() as session:
        row, at = devices.find(session, phone.device), portal.clock.now()
        eva = actor_of(portal.eva.id)
        devices.stop(session, eva, row.id, at, is_lost=True)
        known = Known("yes", "unknown", "Left in the train to Brno, switched on.")
        incidents.learn_of_device(session, eva, row.id, known, at)
        report = readers.of_device(session, row.id)
        assert report is not None
        portal.clock.tick(hours=22)
        return f"/incidents/{report.public_id}"


def advised(world: World) -> str:
    address = lost(world)
    with world.portal.sessions.write() as session:
        name, dora = address.rpartition("/")[2], actor_of(world.dora.id)
        words = "It was locked with a code of six digits; tell the authority, not the people."
        incidents.advise(session, dora, name, words, world.at)
    return address


def decided(world: World) -> str:
    address = advised(world)
    with world.portal.sessions.write() as session:
        name, olga = address.rpartition("/")[2], actor_of(world.olga.id)
        words = "Locked, but not known to be encrypted, and private numbers were on it."
        incidents.decide(session, olga, name, "authority", words, world.at)
    return address


def overdue(world: World) -> str:
    address = lost(world)
    world.portal.clock.tick(hours=60)
    return address


def handed_over(world: World) -> str:
    """The list went to the authority, before anything was decided."""
    address = lost(world)
    name = address.rpartition("/")[2]
    with world.portal.sessions.write() as session:
        found = readers.find(session, name, world.at)
        assert found is not None
        span = (found.known_at, found.opened_at)
        on_it = carried.of_device(session, found.device_id, *span, world.at)
        errand = Errand("Úřad pro ochranu osobních údajů", "hlášení podle článku 33")
        incidents.hand_over(session, acting(world.olga), name, errand, on_it, world.at)
    return address


def came_back(world: World) -> str:
    """Cut off for two months, then switched on; it empties itself."""
    portal = world.portal
    phone = portal.phone(portal.eva, "Found phone")
    phone.sync()
    with portal.sessions.write() as session:
        row, at = devices.find(session, phone.device), portal.clock.now()
        devices.stop(session, OPERATOR, row.id, at, is_lost=True)
        report = readers.of_device(session, row.id)
        assert report is not None
    portal.clock.tick(days=60)
    for _ in range(2):
        phone.sync()
        portal.clock.tick(minutes=1)
    return f"/incidents/{report.public_id}"


def given_up(world: World) -> str:
    address = lost(world)
    with world.portal.sessions.write() as session:
        found = readers.find(session, address.rpartition("/")[2], world.at)
        assert found is not None
        reason = "It fell into the river before the eyes of two colleagues."
        devices.give_up(session, OPERATOR, found.device_id, world.at, reason=reason)
    return address


def many(world: World) -> str:
    """More contacts than one page shows."""
    with world.portal.sessions.write() as session:
        home = session.merge(world.directory)
        for number in range(60):
            contact: Contact = make.contact(session, home, f"Adam Aba{number:02}")
            contact.sort_key = f"aba{number:02}"
    return lost(world)


def lost_page(world: World) -> str:
    """What the owner of a lost phone reads about it."""
    address = lost(world)
    with world.portal.sessions.read() as session:
        found = readers.find(session, address.rpartition("/")[2], world.at)
        assert found is not None
        return f"/devices/{found.device.public_id}"


OLGA_FIRST = {"olga": 200} | answers(EVERYBODY)

ROOMS = [
    Room("incidents.index", lambda _: "/incidents", answers(OVERSEERS), "none"),
    Room("incidents.index", lambda w: f"/incidents?{decided(w)}{overdue(w)}", answers(OVERSEERS)),
    Room("incidents.show", advised, answers(OVERSEERS), "open"),
    Room("incidents.show", decided, answers(OVERSEERS), "decided"),
    Room("incidents.show", overdue, answers(OVERSEERS), "overdue"),
    Room("incidents.show", came_back, answers(OVERSEERS), "came back"),
    Room("incidents.show", handed_over, answers(OVERSEERS), "handed over"),
    Room("incidents.show", given_up, answers(OVERSEERS), "given up"),
    Room("incidents.contacts", lambda w: f"{many(w)}/contacts", answers(OVERSEERS)),
    Room("incidents.ask_known", lambda w: f"{lost(w)}/known", answers(OVERSEERS)),
    Room("incidents.ask_advice", lambda w: f"{lost(w)}/advice", answers("dora")),
    Room("incidents.ask_decision", lambda w: f"{advised(w)}/decision", answers("olga", "dora")),
    Room("incidents.ask_hand_over", lambda w: f"{lost(w)}/hand-over", answers(OVERSEERS)),
    Room("devices.show", lost_page, answers("eva"), "lost"),
    Room("overview.index", lambda w: f"/overview?{lost(w)}", OLGA_FIRST, "lost phone"),
]
_ERRAND = {"to": "The authority", "reason": "Article 33"}
DEEDS = [
    Deed(
        "incidents.learn",
        lambda w: f"{lost(w)}/known",
        lambda _: {"locked": "no", "note": "Handed in at the station."},
        answers(OVERSEERS, done=303),
    ),
    Deed(
        "incidents.advise",
        lambda w: f"{lost(w)}/advice",
        lambda _: {"words": "Tell nobody."},
        answers("dora", done=303),
    ),
    Deed(
        "incidents.decide",
        lambda w: f"{lost(w)}/decision",
        lambda _: {"tell": "nobody", "reason": "It was locked and encrypted."},
        answers("olga", "dora", done=303),
    ),
    *(
        Deed(
            "incidents.hand_over",
            lambda w: f"{lost(w)}/hand-over",
            lambda _, form=form: _ERRAND | {"form": form},  # type: ignore[misc]
            answers(OVERSEERS),
            form,
        )
        for form in ("paper", "csv", "json")
    ),
]
