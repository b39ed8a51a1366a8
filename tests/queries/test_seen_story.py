"""Who saw Karel's number in May? A story of a spring, and every row of the answer by hand.

Nothing here is computed from the code under test: the instants, values and names of the answer
are written down beside the story, and each of the four answers must be exactly that.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from app.cards.card import Point
from app.db import FOREVER, Sessions
from app.models import (
    Contact,
    Directory,
    LoginName,
    Project,
    RoleName,
    Team,
    TeamMember,
    User,
    UserRole,
)
from app.models.kinds import ActorKind
from app.policy import Viewer
from app.queries import seen, seen_for_person
from app.queries.seen import Seen
from app.services import contacts, exports, moments, projects
from app.services.audit import OPERATOR, Actor
from app.services.exports import Errand
from tests import factories as make
from tests.davclient import Phone
from tests.factories import LONG_AGO
from tests.portal import Portal, open_portal
from tests.web.browser import Browser, Page, words
from tests.web.conftest import signed_in

PRAGUE = ZoneInfo("Europe/Prague")
MAY = (
    moments.moment("2026-05-01", PRAGUE, is_end=False),
    moments.moment("2026-05-31", PRAGUE, is_end=True),
)
START = datetime(2026, 4, 30, 22, tzinfo=UTC)
"""Midnight in Prague: the first of May begins two hours before that of UTC."""

NAMES = ("olga", "eva", "jan", "petr", "vera", "ivan", "dora")
OLD, NEW = "+420777123456", "+420 605 111 222"


def at(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


ASKED = at(6, 2, 9)
OBJECTION = at(5, 28)
JOINED, EVAS_END, PROJECT_END = at(5, 18, 12), at(5, 20, 10), at(5, 24, 16)


@dataclass
class Story:
    """The cast by first name; what happens has happened."""

    portal: Portal
    home: Directory
    karel: Contact
    other: Contact
    cast: dict[str, User]
    grants: dict[str, int] = field(default_factory=dict)
    devices: dict[str, str] = field(default_factory=dict)

    def when(self, instant: datetime) -> datetime:
        self.portal.clock.instant = instant
        return instant

    def looks(self, who: str, path: str, instant: datetime, status: int = 200) -> None:
        """Somebody opens a page of the portal."""
        self.when(instant)
        signed_in(self.portal, self.cast[who]).get(path, status)

    def phone(self, who: str, instant: datetime) -> Phone:
        self.when(instant)
        phone = self.portal.phone(self.cast[who], f"{who}'s phone")
        self.devices[who] = phone.device
        return phone

    def exports(self, recipient: str, instant: datetime) -> None:
        """Olga hands out all that she may."""
        olga = self.cast["olga"]
        with self.portal.sessions.write() as session:
            exports.hand_over(
                session,
                Actor(ActorKind.USER, olga.id),
                Viewer(olga.id),
                self.home.id,
                Errand(recipient, "účetnictví"),
                self.when(instant),
            )


def found(portal: Portal) -> Story:
    """Who has what from when to when: every fact with a period is known from the beginning."""
    with portal.sessions.write() as session:
        cast = {name: colleague(session, name) for name in NAMES}
        session.add(UserRole(user_id=cast["dora"].id, role=RoleName.DPO))
        home = make.directory(session)
        karel = make.contact(session, home, phone=OLD)
        other = make.contact(session, home, "Šárka Chalupová")
        story = Story(portal, home, karel, other, cast)

        def grant(
            name: str, to: User | Team, can: str, start: datetime, end: datetime = FOREVER
        ) -> None:
            row = make.grant(session, home, to, can=can, start=start, end=end)
            story.grants[name] = row.id

        grant("olga", cast["olga"], "read,edit,export,manage", LONG_AGO)
        grant("eva", cast["eva"], "read,sync", at(5, 5, 10), EVAS_END)
        grant("vera", cast["vera"], "read,sync", at(3, 1), at(4, 10))
        grant("ivan", cast["ivan"], "read,sync", at(3, 1), at(4, 20))
        team = make.team(session)
        grant("team", team, "read", LONG_AGO)
        since, until = at(5, 10), at(5, 12)
        jan = cast["jan"].id
        session.add(TeamMember(team_id=team.id, user_id=jan, valid_from=since, valid_until=until))
        bridge = make.project(session, start=at(5, 2))
        bridge.slug = "most"
        make.member(session, bridge, cast["petr"], at(5, 15))
        make.member(session, bridge, cast["eva"], JOINED)
        make.participation(session, bridge, karel, at(5, 16, 9))
    return story


def colleague(session: Session, name: str) -> User:
    row = make.user(session, name.title())
    row.email = f"{name}@example.org"
    session.add(LoginName(user_id=row.id, name=row.email))
    session.flush()
    return row


def told(story: Story) -> None:
    """What happens, in the order in which it does."""
    karel = f"/contacts/{story.karel.public_id}"
    _before(story, karel)
    _ends(story, karel, *_may(story, karel))
    story.portal.gatherer.flush()
    story.portal.door.sightings.flush()
    story.when(ASKED)


def _before(story: Story, karel: str) -> None:
    vera = story.phone("vera", at(3, 2))
    vera.sync()
    ivan = story.phone("ivan", at(4, 1))
    ivan.sync()
    story.when(at(4, 10, 12))
    vera.sync()
    story.when(at(4, 10, 13))
    vera.sync()
    story.when(at(4, 20, 12))
    ivan.sync()
    story.exports("Too early", at(4, 30, 21))
    story.looks("olga", karel, at(4, 30, 21, 59))
    story.looks("olga", karel, START)
    story.when(at(5, 3, 8))
    ivan.sync()


def _may(story: Story, karel: str) -> tuple[Phone, Phone]:
    eva = story.phone("eva", at(5, 6, 8))
    eva.sync()
    story.when(at(5, 6, 9))
    eva.sync()
    story.looks("jan", "/contacts", at(5, 11, 7))
    story.looks("jan", f"/contacts/{story.other.public_id}", at(5, 11, 8))
    story.phone("jan", at(5, 11, 9)).sync()
    _number_changes(story, at(5, 13, 9))
    story.when(at(5, 13, 10))
    eva.sync()
    story.when(at(5, 13, 11))
    eva.sync()
    story.exports("Daňová kancelář", at(5, 14, 12))
    petr = story.phone("petr", at(5, 17, 7))
    petr.sync()
    story.looks("eva", karel, at(5, 19, 6))
    story.looks("eva", "/contacts", at(5, 21, 6))
    return eva, petr


def _ends(story: Story, karel: str, eva: Phone, petr: Phone) -> None:
    _project_ends(story)
    story.when(at(5, 24, 17))
    petr.sync()
    story.when(at(5, 25, 8))
    eva.sync()
    story.when(at(5, 25, 9))
    eva.sync()
    story.looks("eva", karel, at(5, 25, 10), 404)
    with story.portal.sessions.write() as session:
        make.restriction(session, story.karel, start=story.when(OBJECTION))
    story.looks("olga", karel, at(5, 28, 1), 404)
    story.looks("dora", f"{karel}/who", at(5, 29, 6))
    story.exports("Without him", at(5, 30))
    story.looks("dora", f"{karel}/who", at(5, 31, 22))


def _number_changes(story: Story, instant: datetime) -> None:
    with story.portal.sessions.write() as session:
        changed = {"phones": (Point(NEW),)}
        contacts.edit(session, OPERATOR, story.karel.id, changed, story.when(instant))


def _project_ends(story: Story) -> None:
    with story.portal.sessions.write() as session:
        row = session.query(Project).filter_by(slug="most").one()
        projects.end(session, OPERATOR, row.id, story.when(PROJECT_END))


@pytest.fixture
def story(sessions: Sessions, tmp_path: Path) -> Iterator[Story]:
    portal = open_portal(sessions, tmp_path)
    began = found(portal)
    told(began)
    yield began
    portal.gatherer.close()


def answer(story: Story) -> Seen:
    with story.portal.sessions.read() as session:
        return seen.of_contact(session, story.karel.public_id, *MAY, ASKED)


def could_see(story: Story) -> list[tuple[object, ...]]:
    """Every row of the first answer, as it must be."""
    mine, eva, team = (story.grants[name] for name in ("olga", "eva", "team"))
    return [
        ("eva", "portal", "", at(5, 5, 10), JOINED, "full", (eva,), ()),
        ("eva", "portal", "", JOINED, EVAS_END, "full", (eva,), ("most",)),
        ("eva", "portal", "", EVAS_END, PROJECT_END, "caller", (), ("most",)),
        ("eva", "carddav", "eva's phone", at(5, 6, 8), JOINED, "caller", (eva,), ()),
        ("eva", "carddav", "eva's phone", JOINED, EVAS_END, "caller", (eva,), ("most",)),
        ("eva", "carddav", "eva's phone", EVAS_END, PROJECT_END, "caller", (), ("most",)),
        ("jan", "portal", "", at(5, 10), at(5, 12), "full", (team,), ()),
        ("olga", "portal", "", START, OBJECTION, "full", (mine,), ()),
        ("olga", "export", "", START, OBJECTION, "full", (mine,), ()),
        ("petr", "portal", "", at(5, 16, 9), PROJECT_END, "caller", (), ("most",)),
        ("petr", "carddav", "petr's phone", at(5, 17, 7), PROJECT_END, "caller", (), ("most",)),
    ]


WAS_SHOWN = [
    (START, "olga", "contact"),
    (at(5, 11, 7), "jan", "contacts"),
    (at(5, 19, 6), "eva", "contact"),
    (at(5, 21, 6), "eva", "contacts"),
    (at(5, 29, 6), "dora", "sight"),
]
WAS_HELD = [
    ("ivan", OLD, at(4, 1), "confirmed", False, at(4, 20, 12), at(5, 3, 8), None),
    ("eva", OLD, at(5, 6, 8), "confirmed", True, at(5, 13, 10), at(5, 13, 11), None),
    ("eva", NEW, at(5, 13, 10), "confirmed", False, at(5, 25, 8), at(5, 25, 9), None),
    ("petr", NEW, at(5, 17, 7), "told", False, at(5, 24, 17), None, at(5, 24, 17)),
]
WENT_OUT = [(at(5, 14, 12), "export", "Daňová kancelář", "účetnictví", "full", "olga@example.org")]


def name_of(email: str | None) -> str:
    return (email or "").removesuffix("@example.org")


def test_the_month_is_that_of_the_people_who_ask() -> None:
    assert list(MAY) == [START, at(5, 31, 22)]


def test_everybody_who_could_see_him_and_nobody_else(story: Story) -> None:
    assert [
        (
            *(name_of(row.email), row.channel, row.device or "", row.start, row.end),
            *(row.fields, row.grants, row.projects),
        )
        for row in answer(story).could_see
    ] == could_see(story)


def test_every_page_that_showed_him_and_no_other(story: Story) -> None:
    shown = [(row.at, name_of(row.email), row.page) for row in answer(story).was_shown]
    assert shown == WAS_SHOWN


def test_every_phone_that_held_his_number_with_the_number_it_held(story: Story) -> None:
    held = answer(story).was_held
    assert [
        (
            *(name_of(row.holder.email), _number(row.values), row.holder.offered_at),
            *(row.holder.state.value, row.is_replaced, row.holder.told_at),
            *(row.holder.confirmed_at, row.holder.unreachable_since),
        )
        for row in held
    ] == WAS_HELD
    named = {"kind": "person", "full_name": "Karel Novotný", "given": "Karel"}
    for row in held:
        assert row.fields == "caller"
        rest = {name: said for name, said in row.values.items() if name != "phones"}
        assert rest == named | {"family": "Novotný", "has_photo": False}
        assert row.holder.device_id == story.devices[name_of(row.holder.email)]


def _number(values: dict[str, Any]) -> str:
    (said,) = [point["value"] for point in values["phones"]]
    return str(said)


def test_every_file_in_which_he_went_out_and_no_other(story: Story) -> None:
    left = answer(story).went_out
    assert [
        (row.at, row.channel, row.recipient, row.reason, row.fields, row.email) for row in left
    ] == WENT_OUT


def test_he_himself_is_told_the_same_without_names(story: Story) -> None:
    whole = answer(story)
    with story.portal.sessions.read() as session:
        own = seen_for_person.of_answer(session, whole)
    assert own.purposes == ("Orders",)
    both = ("Orders", "Most")
    assert [
        (one.channel, one.start, one.end, one.fields, one.purposes, one.people)
        for one in own.could_see
    ] == [
        ("export", START, OBJECTION, "full", ("Orders",), 1),
        ("portal", START, OBJECTION, "full", ("Orders",), 1),
        ("portal", at(5, 5, 10), JOINED, "full", ("Orders",), 1),
        ("carddav", at(5, 6, 8), JOINED, "caller", ("Orders",), 1),
        ("portal", at(5, 10), at(5, 12), "full", ("Orders",), 1),
        ("portal", at(5, 16, 9), PROJECT_END, "caller", ("Most",), 1),
        ("carddav", at(5, 17, 7), PROJECT_END, "caller", ("Most",), 1),
        ("carddav", JOINED, EVAS_END, "caller", both, 1),
        ("portal", JOINED, EVAS_END, "full", both, 1),
        ("carddav", EVAS_END, PROJECT_END, "caller", ("Most",), 1),
        ("portal", EVAS_END, PROJECT_END, "caller", ("Most",), 1),
    ]
    purposes = [("Orders",), ("Orders",), both, ("Most",), ()]
    expected = [(row[0], row[2], said) for row, said in zip(WAS_SHOWN, purposes, strict=True)]
    assert [(one.at, one.page, one.purposes) for one in own.was_shown] == expected
    held = [(one.device, _number(one.values), one.offered_at, one.state) for one in own.was_held]
    numbered = zip((1, 2, 2, 3), WAS_HELD, strict=True)
    assert held == [(number, row[1], row[2], row[3]) for number, row in numbered]
    assert [(one.at, one.recipient, one.reason) for one in own.went_out] == [
        (at(5, 14, 12), "Daňová kancelář", "účetnictví")
    ]
    staff = [name for who in story.cast for name in (f"{who}@", who.title())]
    assert not [name for name in staff if name in str(own)]


def ask(story: Story, audience: str) -> Page:
    """Dora asks on the page."""
    dora: Browser = signed_in(story.portal, story.cast["dora"])
    address = f"/contacts/{story.karel.public_id}/seen"
    period = {"first": "1. 5. 2026", "last": "2026-05-31", "audience": audience}
    sent = dora.post(address, dora.get(address).form(address) | period)
    return dora.get(sent.response.headers["Location"].partition("#")[0])


def parts(page: Page) -> dict[str, list[str]]:
    """The rows of each of the four answers, as words."""
    return {
        section.attrib["aria-labelledby"]: [words(row) for row in section.findall(".//tbody/tr")]
        for section in page.root.iter("section")
        if "aria-labelledby" in section.attrib
    }


def test_the_page_says_to_an_authority_just_that(story: Story) -> None:
    page = ask(story, "authority")
    rows = parts(page)
    assert "From 1 May 2026 to 31 May 2026, for an authority" in page.text
    assert [len(rows[one]) for one in ("could-see", "was-shown", "was-held", "went-out")] == [
        *(11, 5, 4, 1),
    ]
    assert rows["could-see"][6] == (
        "Jan jan@example.org in the portal 10 May 2026, 02:00 \u2013 12 May 2026, 02:00"
        " everything Directory: Customers"
    )
    assert rows["was-shown"][2] == ("19 May 2026, 08:00 Eva eva@example.org on its own page")
    assert rows["was-held"][3].startswith("Petr petr's phone 17 May 2026, 09:00 Shown as")
    assert NEW in rows["was-held"][3]
    assert OLD not in rows["was-held"][3]
    assert rows["was-held"][3].endswith(
        "told, not confirmed 24 May 2026, 19:00 not heard from since 24 May 2026, 19:00"
    )
    assert rows["went-out"] == [
        "14 May 2026, 14:00 in a file Daňová kancelář účetnictví everything Olga olga@example.org"
    ]


def test_the_page_names_no_colleague_to_the_person_himself(story: Story) -> None:
    page = ask(story, "person")
    rows = parts(page)
    assert [len(rows[one]) for one in ("could-see", "was-shown", "was-held", "went-out")] == [
        *(11, 5, 4, 1),
    ]
    assert rows["was-shown"][2] == "19 May 2026, 08:00 on its own page Orders, Most"
    assert rows["was-held"][3].startswith("Device 3 17 May 2026, 09:00")
    everything = " ".join(row for answers in rows.values() for row in answers)
    staff = [name for who in story.cast for name in (f"{who}@", who.title())]
    assert not [name for name in staff if name in everything]
