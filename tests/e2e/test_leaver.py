"""A colleague leaves: one press, two programs confirm, one is silent for sixty days.

The portal with its CardDAV door in this process, so that the clock can be moved; an owner who
only clicks; Thunderbird, vdirsyncer and a client that speaks as DAVx5 does, each with a password
of its own.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pypdfium2
import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from app import clock
from app.db import Sessions
from app.guard import Guard
from tests.chain.conftest import DavX5OverHttp
from tests.chain.mirror import Mirror
from tests.davclient import FakeClock, Phone
from tests.e2e.conftest import Place
from tests.e2e.serving import serving
from tests.e2e.thunderbird import SENTINEL, Thunderbird
from tests.portal import open_portal
from tests.rooms.world import World, people
from wsgi import dispatch

pytestmark = pytest.mark.e2e

LAPTOP, FILES, PHONE = "Laptop: Thunderbird", "Server: vdirsyncer", "Pixel 8"


@dataclass
class Office(Place):
    """A portal with both doors, its people, and the three programs of one of them."""

    world: World

    def enrol(self, name: str) -> Phone:
        return self.portal.phone(self.portal.eva, name)

    def after(self, **passed: float) -> None:
        """Let time pass; what was heard until then is written down."""
        self.portal.door.sightings.flush()
        self.portal.clock.tick(**passed)

    def opened(self, address: str, **options: Any) -> Page:
        """A page as the owner sees it now; a session does not last for sixty days."""
        self.portal.door.sightings.flush()
        page = self.page_of(self.world.olga, **options)
        page.goto(f"/people/{self.portal.eva.id}/{address}")
        return page


@pytest.fixture
def office(sqlite: Sessions, tmp_path: Path, chromium: Chromium) -> Iterator[Office]:
    portal = open_portal(sqlite, tmp_path, FakeClock(clock.now()))
    doors = dispatch(portal.app, portal.door)
    guard = Guard(doors, portal.app.extensions["kustod"].settings)
    with closing(portal.gatherer), serving(guard) as url:
        found = Office(url, chromium, portal, people(portal))
        with found.watched():
            yield found


def names_in(thunderbird: Thunderbird) -> list[str]:
    return sorted(name for uid, name in thunderbird.cards() if uid != SENTINEL)


def davx5(office: Office) -> DavX5OverHttp:
    made = office.enrol(PHONE)
    phone = DavX5OverHttp(lambda *_: (), made.login, made.password, device=made.device)
    phone.port = urlsplit(office.url).port or 0
    return phone


def mirror(office: Office, folder: Path) -> Mirror:
    folder.mkdir()
    made = office.enrol(FILES)
    return Mirror(folder, f"{office.url}/dav/", made.login, made.password)


def record(office: Office) -> dict[str, str]:
    """What the record says of each device."""
    page = office.opened("record")
    return {
        " ".join(row.locator("td").first.inner_text().split()): " ".join(row.inner_text().split())
        for row in page.locator("tbody tr").all()
    }


def paper(office: Office) -> str:
    """The words of the PDF, in one line."""
    page = office.opened("record")
    link = page.locator("a[href$='record.pdf']").get_attribute("href")
    answer = page.request.get(f"{office.url}{link}")
    assert answer.headers["content-type"] == "application/pdf"
    with closing(pypdfium2.PdfDocument(answer.body())) as document:
        texts = [sheet.get_textpage().get_text_range() for sheet in document]
    return " ".join(" ".join(texts).split())


def shoot(page: Page, request: pytest.FixtureRequest, name: str) -> None:
    folder = request.config.getoption("--shots", default=None)
    if folder:
        page.screenshot(path=Path(folder) / f"leaver-{name}.png", full_page=True)


def press(office: Office, request: pytest.FixtureRequest) -> None:
    page = office.opened("leave")
    page.get_by_text("3 phones and programs are told at their next connection").wait_for()
    page.get_by_text("Contacts on them now: 9.").wait_for()
    shoot(page, request, "1-look")
    page.get_by_label("Why (not required)").fill("end of the contract")
    page.get_by_role("button", name="Disable now", exact=True).click()
    page.get_by_text("None has confirmed so far.").first.wait_for()
    assert page.locator("tbody tr", has_text="has not connected since").count() == 3
    shoot(page, request, "2-board")


def test_two_confirm_one_is_silent_and_comes_back_after_sixty_days(
    office: Office, thunderbird: Thunderbird, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    laptop = office.enrol(LAPTOP)
    thunderbird.add_books(laptop.login, laptop.password, f"{office.url}/dav/")
    thunderbird.sync()
    phone, files = davx5(office), mirror(office, tmp_path / "mirror")
    for _ in range(3):
        phone.visit()
    files.discover()
    files.sync()
    assert len(names_in(thunderbird)) == len(phone.names()) == len(files.uids()) - 1 == 3
    office.after(minutes=5)

    press(office, request)
    for _ in range(2):
        office.after(minutes=5)
        thunderbird.sync()
        phone.visit()
    assert names_in(thunderbird) == []
    assert phone.names() == set()

    office.after(days=8)
    said = record(office)
    assert "confirmed by 1 of 1 program" in said[LAPTOP]
    assert "confirmed by 1 of 1 program" in said[PHONE]
    assert "unreachable since" in said[FILES]
    assert "confirmed by 0 of 1 program" in said[FILES]
    assert "deleted" not in "".join(said.values())
    page = office.opened("record")
    page.get_by_text("2 of them have confirmed.").wait_for()
    page.get_by_text("end of the contract").wait_for()
    shoot(page, request, "3-record")
    printed = paper(office)
    assert "2 of them have confirmed." in printed
    assert printed.count("unreachable since") == 1
    assert "Olga Králová" in printed
    assert len(files.uids()) == 4

    office.after(days=52)
    files.sync()
    assert files.uids() == {SENTINEL}
    said = record(office)
    assert "got a list without them" in said[FILES]
    assert "programs of this kind never confirm" in said[FILES]
    assert "unreachable" not in said[FILES]
    assert "unreachable since" not in paper(office)
    shoot(office.opened("take-back"), request, "4-board-after-60-days")
    thunderbird.quit()
