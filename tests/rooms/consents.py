"""The consents of one contact, and what colleagues record of them."""

from datetime import timedelta

from app.keys import KeyName
from app.models import LegalBasis
from app.models.consent_kinds import ConsentType, Expression
from app.models.kinds import PointKind
from app.queries import notices as told
from app.services import consent_closings, consent_entries, consent_subjects, consents
from app.services.consent_acts import Act
from app.services.consent_closings import Closing
from app.services.consent_entries import NewEntry
from app.services.public_asks import HIMSELF
from tests.rooms.public import EMAIL, WORDS, agreed
from tests.rooms.room import Deed, Room, answers
from tests.rooms.world import World
from tests.services.scene import acting

READERS = "olga eva jan dora"
"""Who sees the contact, and the data protection officer."""


def of(world: World, rest: str = "") -> str:
    return f"/contacts/{world.contact.public_id}/consents{rest}"


def with_story(world: World) -> str:
    """Karel agreed himself, then on paper; took text messages back; an old list knew him, too."""
    news = agreed(world)
    with world.portal.sessions.write() as session:
        olga, who = acting(world.olga), world.contact.id
        notice = told.named(session, "news/en/1").row_id
        day = world.at - timedelta(hours=1)
        paper = NewEntry(
            "paper", news, notice, occurred_at=day, precision="day",
            original_place="pořadač 3, list 41",
        )  # fmt: skip
        consent_entries.enter(session, olga, who, paper, world.at)
        old = NewEntry("import", news, occurred_at=day - timedelta(days=900), precision="month")
        consent_entries.enter(session, olga, who, old, world.at)
        world.portal.clock.tick(minutes=5)
        no = Closing(news, media=("sms",))
        consent_closings.close(session, olga, who, no, world.at)
    return of(world)


def withdrawn(world: World) -> str:
    """He took back and objected, and no reason is left: only owner and officer find him."""
    news = agreed(world)
    with world.portal.sessions.write() as session:
        for is_objection in (False, True):
            no = Closing(news, is_objection=is_objection)
            consent_closings.close(session, acting(world.olga), world.contact.id, no, world.at)
        for basis in session.query(LegalBasis).filter_by(contact_id=world.contact.id):
            basis.valid_until = min(basis.valid_until, world.at)
    return of(world)


def from_a_form(world: World) -> str:
    """Karel asked for the newsletter from his own address; his mailbox has not said yes."""
    news = agreed(world)
    with world.portal.sessions.write() as session:
        subject = consent_subjects.of_contact(session, world.contact.id, world.at)
        key = world.portal.ring.current(KeyName.EVIDENCE)
        act = Act(
            ConsentType.REQUESTED, news, expression=Expression.CHECKBOX, statement=WORDS,
            point=consent_subjects.marked(key, PointKind.EMAIL, EMAIL), ip="192.0.2.0",
            page="https://www.example.org/novinky",
        )  # fmt: skip
        consents.record(session, HIMSELF, subject, act, world.at)
    return of(world)


def ready(world: World) -> str:
    """A notice is there, so that a consent can be recorded."""
    agreed(world)
    return of(world, "/new")


def paper(world: World) -> dict[str, str]:
    with world.portal.sessions.read() as session:
        notice = told.named(session, "news/en/1").id
    return {"purpose": "news", "how": "paper", "notice": notice, "day": "2026-05-03"}


MAY_RECORD = answers("olga", "eva jan dora")
ROOMS = [
    Room("consents.show", of, answers(READERS), "none"),
    Room("consents.show", with_story, answers(READERS)),
    Room("consents.show", withdrawn, answers("olga dora"), "withdrawn", looker="dora"),
    Room(
        "contact.show",
        lambda w: with_story(w).removesuffix("/consents"),
        answers("olga eva jan"),
        "with consents",
    ),
    Room("consents.ask_no", lambda w: with_story(w) + "/no?purpose=news", answers(READERS)),
    Room("consents.ask_yes", lambda w: of(w, "/new"), MAY_RECORD, "no notice"),
    Room("consents.ask_yes", ready, MAY_RECORD),
]
DEEDS = [
    Deed(
        "consents.say_no",
        lambda w: with_story(w) + "/no",
        lambda _: {"purpose": "news", "media": "email"},
        answers(READERS, done=303),
    ),
    Deed(
        "consents.say_yes",
        ready,
        lambda w: paper(w) | {"place": "binder 3"},
        answers("olga", "eva jan dora", done=303),
    ),
    Deed("consents.say_yes", ready, paper, answers("olga", "eva jan dora", done=422), "unproved"),
]
