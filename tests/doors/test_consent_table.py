"""The truth table of consents through every door: portal, phone, export and reading agree.

Four directories, one a purpose: P, C1 and C2 below it, which P's notice names, and C3, which
came later. In each stands a card of the same person; who has a consent is shown everywhere,
who has none is shown nowhere.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.db import Sessions
from app.errors import Refused
from app.models import User
from app.models.consent_kinds import ConsentType, EvidenceKind, Expression, Medium
from app.models.kinds import ActorKind, BasisKind
from app.policy import Channel, Viewer
from app.queries import consents as found
from app.queries import contacts
from app.services import consent_subjects, consents, evidence, notices, purposes
from app.services.audit import OPERATOR, Actor
from app.services.consent_acts import Act
from app.services.evidence import NewEvidence
from app.services.notices import NewNotice
from app.services.purposes import Terms
from tests import factories as make
from tests.davclient import Phone
from tests.portal import PASSWORD, Portal, add_user, open_portal

HIMSELF = Actor(ActorKind.SUBJECT)
NAMES = ("P", "C1", "C2", "C3")
MEDIA = Terms(media=("email", "sms"), is_marketing=True)
"""All of it is marketing, so that row 14 is about direct marketing."""
_ROW = re.compile(r"Karel (?:P|C\d)\b")


@dataclass
class World:
    """The doors, and four cards whose consents are one person's story told four times."""

    portal: Portal
    eva: User
    phone: Phone
    purposes: dict[str, int]
    cards: dict[str, int]
    notice_id: int

    @property
    def now(self) -> datetime:
        return self.portal.clock.now()

    def record(self, kind: ConsentType, purpose: str, **more: Any) -> dict[str, int]:
        """The same act of the same person on each of his cards; the events by card."""
        refers, actor = more.pop("refers", {}), more.pop("actor", HIMSELF)
        ids = {}
        with self.portal.sessions.write() as session:
            for name, contact_id in self.cards.items():
                subject = consent_subjects.of_contact(session, contact_id, self.now)
                act = Act(kind, self.purposes[purpose], refers_to_id=refers.get(name), **more)
                ids[name] = consents.record(session, actor, subject, act, self.now).event.id
        return ids

    def later(self, kind: ConsentType, purpose: str, **more: Any) -> dict[str, int]:
        """The same an hour later."""
        self.portal.clock.tick(hours=1)
        return self.record(kind, purpose, **more)

    def give(self, purpose: str, **more: Any) -> None:
        self.later(ConsentType.GIVEN, purpose, **{**self.told, **more})

    def withdraw(self, purpose: str, *media: Medium) -> None:
        self.later(ConsentType.WITHDRAWN, purpose, media=media)

    def confirm(self, asked: dict[str, int], **more: Any) -> None:
        self.later(ConsentType.CONFIRMED, "P", refers=asked, expression=Expression.BUTTON, **more)

    @property
    def told(self) -> dict[str, Any]:
        return {"notice_id": self.notice_id, "expression": Expression.BUTTON}

    def proof(self) -> dict[str, Any]:
        """What staff show for a person: a signed paper."""
        with self.portal.sessions.write() as session:
            paper = NewEvidence(EvidenceKind.PAPER, original_place="binder")
            row = evidence.keep(session, OPERATOR, paper, self.now)
        return {"notice_id": self.notice_id, "evidence_ids": (row.id,), "actor": OPERATOR}

    def reading(self, medium: Medium) -> str:
        with self.portal.sessions.read() as session:
            found_ = (
                found.state(session, self.cards[name], self.purposes[name], medium, self.now)
                for name in NAMES
            )
            return "".join("+" if one.holds else "-" for one in found_)

    def doors(self) -> dict[str, str]:
        """Which of the four cards each door shows."""
        with self.portal.sessions.read() as session:
            viewer = Viewer(self.eva.id)
            asked = {
                channel.value: {
                    card.full_name
                    for card in contacts.everything(session, viewer, channel, self.now)
                }
                for channel in (Channel.PORTAL, Channel.EXPORT)
            }
        self.phone.sync()
        asked |= {"page": page(self.portal, self.eva), "phone": self.phone.names()}
        return {
            door: "".join("+" if f"Karel {name}" in names else "-" for name in NAMES)
            for door, names in asked.items()
        }

    def shows(self, wanted: str, over: Medium = Medium.EMAIL) -> None:
        """Reading and doors agree on it, now."""
        doors = self.doors()
        assert (self.reading(over), doors) == (wanted, dict.fromkeys(doors, wanted))


def page(portal: Portal, eva: User) -> set[str]:
    client = portal.app.test_client()
    text = client.get("/sign-in").get_data(as_text=True)
    proof = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', text)
    assert proof is not None
    data = {"email": eva.email, "password": PASSWORD, "csrf_token": proof[1]}
    assert client.post("/sign-in", data=data).status_code in {302, 303}
    return set(_ROW.findall(client.get("/contacts").get_data(as_text=True)))


def set_out(portal: Portal) -> World:
    now = portal.clock.now()
    with portal.sessions.write() as session:
        eva = add_user(session, "Eva Čtenářka")
        homes = {name: make.directory(session, basis=BasisKind.CONSENT) for name in NAMES}
        root = homes["P"].purpose_id
        purposes.change(session, OPERATOR, root, MEDIA, now)
        ids = {"P": root}

        def add(name: str) -> None:
            row = purposes.add(
                session, OPERATOR, name.lower(), name, now, parent_id=root, terms=MEDIA
            )
            homes[name].purpose_id = ids[name] = row.id

        add("C1")
        add("C2")
        notice = notices.draft(session, OPERATOR, NewNotice(root, "cs", "Píšeme Vám."), now)
        notices.publish(session, OPERATOR, notice.id, now)
        add("C3")
        cards = {}
        for name, home in homes.items():
            make.grant(session, home, eva, can="read,sync,export")
            cards[name] = make.contact(session, home, f"Karel {name}", has_basis=False).id
    return World(portal, eva, portal.phone(eva), ids, cards, notice.id)


@pytest.fixture
def world(sessions: Sessions, tmp_path: Path) -> Iterator[World]:
    opened = open_portal(sessions, tmp_path)
    yield set_out(opened)
    opened.gatherer.close()


# --- The rows -------------------------------------------------------------------------------

T = ConsentType


def row_1(world: World) -> None:
    world.give("P")
    world.shows("+++-")


def row_2(world: World) -> None:
    world.give("C1")
    world.shows("-+--")


def row_3(world: World) -> None:
    world.give("P")
    world.withdraw("C1")
    world.shows("+-+-")


def row_4(world: World) -> None:
    world.give("P")
    world.shows("+++-")
    world.withdraw("P")
    world.shows("----")


def row_5(world: World) -> None:
    world.give("C1")
    world.give("P")
    world.withdraw("P")
    world.shows("----")


def row_6(world: World) -> None:
    world.give("P")
    world.withdraw("C1")
    world.give("P")
    world.shows("+++-")


def row_7(world: World) -> None:
    world.give("P")
    world.withdraw("P")
    world.give("C2")
    world.shows("--+-")


def row_8(world: World) -> None:
    world.give("P", valid_until=world.now + timedelta(hours=3))
    world.shows("+++-")
    world.portal.clock.tick(hours=2)
    world.shows("----")


def row_9(world: World) -> None:
    asked = world.later(T.REQUESTED, "P", **world.told)
    world.shows("----")
    world.confirm(asked)
    world.shows("+++-")


def row_10(world: World) -> None:
    asked = world.later(T.REQUESTED, "P", **world.told)
    world.withdraw("P")
    with pytest.raises(Refused):
        world.confirm(asked)
    world.shows("----")


def row_11(world: World) -> None:
    world.give("P", media=(Medium.EMAIL,))
    world.shows("+++-")
    assert world.reading(Medium.SMS) == "----"


def row_12(world: World) -> None:
    world.give("P")
    world.withdraw("P", Medium.SMS)
    world.shows("+++-")
    assert world.reading(Medium.SMS) == "----"


def row_13(world: World) -> None:
    imported = world.later(T.IMPORTED, "P", actor=OPERATOR)
    world.shows("----")
    world.confirm(imported, **world.proof())
    world.shows("+---")


def row_14(world: World) -> None:
    world.give("P")
    world.later(T.OBJECTED, "P")
    world.shows("----")
    world.give("P")
    world.shows("+++-")


def row_15(world: World) -> None:
    world.give("P")
    world.portal.clock.tick(hours=1)
    with world.portal.sessions.write() as session:
        new = NewNotice(world.purposes["P"], "cs", "Jinak.", "processing", ("c1",))
        row = notices.draft(session, OPERATOR, new, world.now)
        effective = world.now + timedelta(hours=2)
        notices.publish(session, OPERATOR, row.id, world.now, effective_at=effective)
    world.shows("+++-")
    world.portal.clock.tick(hours=2)
    world.shows("+-+-")


def row_16(world: World) -> None:
    world.record(T.GIVEN, "P", **world.told)
    world.record(T.WITHDRAWN, "P")
    world.shows("----")


def row_17(world: World) -> None:
    world.withdraw("P")
    opened = world.now + timedelta(minutes=1)
    world.withdraw("P")
    ticked = {"expression": Expression.CHECKBOX, "statement": "Ano.", "rendered_at": opened}
    with pytest.raises(Refused):
        world.give("P", **ticked)
    world.shows("----")


ROWS: tuple[Callable[[World], None], ...] = (
    *(row_1, row_2, row_3, row_4, row_5, row_6, row_7, row_8, row_9),
    *(row_10, row_11, row_12, row_13, row_14, row_15, row_16, row_17),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.__name__)
def test_every_door_reads_the_table_alike(world: World, row: Callable[[World], None]) -> None:
    row(world)
