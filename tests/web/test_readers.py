"""Several programs with one password, and phones that come back: the books, the pages, the board.

Cards go over CardDAV, as programs ask for them; what people read is the answer of the pages.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from app.db import Sessions
from app.models import Contact, RoleName, User, UserRole
from app.queries import backs, ledger, take_backs
from app.services import devices, projects
from app.services.audit import OPERATOR
from tests import factories as make
from tests.davclient import Phone
from tests.portal import Portal, add_user, open_portal
from tests.web.browser import words
from tests.web.conftest import signed_in

CONFIRMED, TOLD = "confirmed", "told"


@dataclass
class Site:
    """Dana has Karel on her phone through a project that ends; Dora watches."""

    portal: Portal
    dora: User
    project_id: int = 0
    slug: str = ""
    phone: Phone = field(default_factory=lambda: Phone(lambda _e, _s: ()))

    @property
    def karel(self) -> Contact:
        return self.portal.contacts[0]

    def visit(self, *phones: Phone) -> None:
        """A sync of each, five minutes after the last."""
        for phone in phones:
            self.portal.clock.tick(minutes=5)
            phone.sync()
            self.portal.door.sightings.flush()

    def end(self) -> None:
        with self.portal.sessions.write() as session:
            projects.end(session, OPERATOR, self.project_id, self.portal.clock.tick(minutes=5))

    def held(self) -> ledger.Holder:
        """What the books say of Karel's card."""
        with self.portal.sessions.read() as session:
            (holder,) = ledger.holders(session, self.karel.id, self.portal.clock.now())
        return holder

    def board(self) -> backs.DeviceBack:
        with self.portal.sessions.read() as session:
            at = self.portal.clock.now()
            (device,) = take_backs.of_project(session, self.project_id, at).devices
        return device

    def says(self, who: User, path: str) -> str:
        return signed_in(self.portal, who).get(path).text

    def pages(self) -> dict[str, str]:
        """What every page that speaks of the phone says of it."""
        dana, device = self.portal.dana, f"/devices/{self.phone.device}"
        return {
            "my devices": self.says(dana, "/devices"),
            "the device": self.says(dana, device),
            "the board": self.says(self.dora, f"/projects/{self.slug}/take-back"),
            "the contact": self.says(self.dora, f"/contacts/{self.karel.public_id}/who?by=phone"),
        }

    def press_same(self) -> None:
        """Dana says that it is the same phone, set up again."""
        dana, address = signed_in(self.portal, self.portal.dana), f"/devices/{self.phone.device}"
        dana.submit(dana.get(address), f"{address}/same")


@pytest.fixture
def site(sessions: Sessions, tmp_path: Path) -> Iterator[Site]:
    portal = open_portal(sessions, tmp_path)
    with sessions.write() as session:
        dora = add_user(session, "Dora Hlídková")
        session.add(UserRole(user_id=dora.id, role=RoleName.DPO))
        project = make.project(session)
        make.member(session, project, session.get_one(User, portal.dana.id))
        make.participation(session, project, portal.contacts[0])
        found = Site(portal, dora, project.id, project.slug)
    found.phone = portal.phone(portal.dana)
    yield found
    portal.gatherer.close()


def second(phone: Phone) -> Phone:
    """Another phone of the same kind with the same password, still empty."""
    return replace(phone, token="", cards={}, last=None)


def backup(phone: Phone) -> Callable[[], Phone]:
    """The phone as it is now, to come back later."""
    cards = dict(phone.cards)
    kept = replace(phone, cards=cards)
    return lambda: replace(kept, cards=dict(cards))


def test_two_programs_with_one_password_confirm_only_together(site: Site) -> None:
    one, other = site.phone, second(site.phone)
    site.visit(one, one, other, other)
    assert "2 programs use its password" in site.says(site.portal.dana, "/devices")
    site.end()
    site.visit(one, one)

    held = site.held()
    assert (held.state, held.readers, held.readers_confirmed) == ("due", 2, 1)
    assert (site.board().state, site.board().programs, site.board().confirmed_by) == (
        *("waiting", 2, 1),
    )
    for page, text in site.pages().items():
        if page != "the device":
            assert "confirmed by 1 of 2 programs with its password" in text, page
    board = site.pages()["the board"]
    assert "not every program has connected since" in board
    assert "None has confirmed so far." in board
    assert "has not confirmed everything yet" in site.pages()["the device"]
    assert "set up again?" not in site.pages()["the device"]

    site.visit(other)
    assert (site.held().state, site.board().state) == (TOLD, TOLD)
    assert "None has confirmed so far." in site.pages()["the board"]
    site.visit(other)
    assert (site.held().state, site.board().state) == (CONFIRMED, CONFIRMED)
    assert "Everything has been taken back" in site.pages()["the board"]
    assert "removal confirmed" in site.pages()["the contact"]
    assert "has not confirmed everything yet" not in site.pages()["the device"]


def test_a_phone_restored_from_its_own_backup_takes_confirmed_back(site: Site) -> None:
    site.visit(site.phone, site.phone)
    restore = backup(site.phone)
    site.end()
    site.visit(site.phone, site.phone)
    assert (site.held().state, site.board().state) == (CONFIRMED, CONFIRMED)
    assert "Everything has been taken back" in site.pages()["the board"]

    restored = restore()
    assert restored.names() == {"Karel Novotný"}
    site.visit(restored)
    came = site.portal.clock.now()
    held = site.held()
    assert (held.state, held.readers, held.readers_confirmed) == (TOLD, 2, 1)
    assert (held.came_back_at, held.confirmed_at) == (came, None)
    assert (site.board().state, site.board().came_back_at) == (TOLD, came)
    said = "an older state of this phone came back 3 May 2026, 14:30: what was confirmed no longer"
    for page, text in site.pages().items():
        assert said in text, page
    assert "None has confirmed so far." in site.pages()["the board"]
    assert "came back 3 May 2026, 14:30 in an older state" in site.pages()["the device"]
    record = site.says(site.dora, f"/projects/{site.slug}/record")
    assert said in record
    assert "told 3 May 2026, 14:30, not confirmed" in record
    assert "None has confirmed so far." in record

    site.visit(restored)
    assert (site.held().state, site.board().state) == (CONFIRMED, CONFIRMED)
    assert site.held().came_back_at is None
    for page, text in site.pages().items():
        assert "what was confirmed no longer" not in text, page
    assert "confirmed 3 May 2026, 14:35" in site.pages()["the board"]
    record = site.says(site.dora, f"/projects/{site.slug}/record")
    assert "what was confirmed no longer" not in record
    assert "Everything has been taken back, confirmed 3 May 2026, 14:35." in record


def test_before_a_restored_phone_came_back_the_past_was_as_it_was(site: Site) -> None:
    site.visit(site.phone, site.phone)
    restore = backup(site.phone)
    site.end()
    site.visit(site.phone, site.phone)
    past = site.portal.clock.now().isoformat().replace("+00:00", "Z")
    site.visit(restore())
    path = f"/contacts/{site.karel.public_id}/who?by=phone&at={past}"
    text = site.says(site.dora, path)
    assert "older state" not in text
    assert "programs with its password" not in text


def test_a_phone_set_up_again_is_asked_about_and_its_owner_says_so(site: Site) -> None:
    old, new = site.phone, second(site.phone)
    site.visit(old, old)
    site.visit(new, new)
    site.end()
    site.visit(new, new)
    page = site.pages()["the device"]
    assert "Is this the same phone or program, set up again?" in page
    assert site.board().state == "waiting"

    site.press_same()
    assert (site.held().state, site.held().readers, site.board().state) == (
        *(CONFIRMED, 1, CONFIRMED),
    )
    page = site.pages()["the device"]
    assert "by your word of 3 May 2026, 14:35 it is the same one, set up again" in page
    assert "set up again?" not in page
    assert "Everything has been taken back" in site.pages()["the board"]

    site.visit(old)
    assert (site.held().state, site.held().readers, site.board().state) == (TOLD, 2, TOLD)
    page = site.pages()["the device"]
    assert (
        "on 3 May 2026, 14:35 you said that it is gone; it was heard from 3 May 2026, 14:40"
        " and counts for itself again"
    ) in page
    assert "set up again?" not in page
    assert "None has confirmed so far." in site.pages()["the board"]
    site.visit(old)
    assert site.held().state == CONFIRMED


def test_a_stopped_phone_with_two_programs_is_empty_when_both_are(site: Site) -> None:
    one, other = site.phone, second(site.phone)
    site.visit(one, one, other, other)
    with site.portal.sessions.write() as session:
        row = devices.find(session, one.device)
        devices.stop(session, OPERATOR, row.id, site.portal.clock.tick(minutes=5))
    assert "confirmed by 0 of 2 programs" in site.says(site.portal.dana, "/devices")
    text = site.says(site.portal.dana, f"/devices/{one.device}")
    assert text.count("has not connected since something is to be taken back") == 2
    assert "up to date" not in text
    site.visit(one, one)
    text = site.says(site.portal.dana, "/devices")
    assert "confirmed by 1 of 2 programs" in text
    assert "being emptied, not confirmed yet" in text
    site.visit(other, other)
    assert "emptied, confirmed" in site.says(site.portal.dana, "/devices")


def test_the_figure_of_the_board_says_it_in_short(site: Site) -> None:
    one, other = site.phone, second(site.phone)
    site.visit(one, one, other, other)
    site.end()
    site.visit(one, one)
    page = signed_in(site.portal, site.dora).get(f"/projects/{site.slug}/take-back")
    drawn = [words(text) for text in page.root.iter("{http://www.w3.org/2000/svg}text")]
    assert "confirmed by 1 of 2" in drawn
