"""Real browsers in front of running portals; what a browser complains about fails."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import ConsoleMessage, Page, Request, ViewportSize, sync_playwright

from app import clock
from app.db import Sessions
from app.guard import Guard
from app.models import User
from app.services import sessions
from tests.chain.conftest import Kustod
from tests.davclient import FakeClock
from tests.e2e.serving import serving
from tests.e2e.thunderbird import Thunderbird
from tests.portal import PASSWORD, Portal, open_portal
from tests.serve.running import TIMEOUT, free_port

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 800}
SMALLEST: ViewportSize = {"width": 320, "height": 640}
OLGA, EVA = "olga@example.org", "eva@example.org"


@dataclass
class Front:
    """A browser in front of a portal."""

    url: str
    chromium: Chromium
    complaints: list[str] = field(default_factory=list, kw_only=True)

    def page(self, **options: Any) -> Page:
        """A fresh browser window whose complaints are kept."""
        options = {"viewport": DESK, "locale": "en-GB"} | options
        context = self.chromium.new_context(base_url=self.url, **options)
        context.set_default_timeout(TIMEOUT * 1_000)
        page = context.new_page()
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("requestfailed", self._request_failed)
        return page

    def sign_in(self, email: str, **options: Any) -> Page:
        """A window in which somebody has signed in, with nothing but the keyboard."""
        page = self.page(**options)
        page.goto("/sign-in")
        page.keyboard.type(email)
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/overview")
        return page

    def _request_failed(self, request: Request) -> None:
        # A page that is left takes its unfinished requests (the icon, mostly) with it.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"{request.url}: {request.failure}")

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Close every window at the end, and fail for what was complained about."""
        yield
        for context in self.chromium.contexts:
            context.close()
        assert self.complaints == []


@dataclass
class Place(Front):
    """A portal in this process, whose people and clock a test can reach, and a browser."""

    portal: Portal

    def signed_in(self, **options: Any) -> Page:
        """A window in which Eva has signed in and sees the contacts."""
        page = self.sign_in(self.portal.eva.email, **options)
        page.goto("/contacts")
        return page

    def page_of(self, user: User, **options: Any) -> Page:
        """A window in which somebody is signed in already."""
        page = self.page(**options)
        with self.portal.sessions.write() as session:
            token = sessions.sign_in(session, user.id, "test", self.portal.clock.now())
        page.context.add_cookies([{"name": "kustod-dev", "value": token, "url": self.url}])
        return page


def pytest_addoption(parser: pytest.Parser) -> None:
    """Pictures of the pages for people to look at."""
    parser.addoption("--shots", help="a folder for a picture of every page in every form")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def place(sqlite: Sessions, tmp_path: Path, chromium: Chromium) -> Iterator[Place]:
    portal = open_portal(sqlite, tmp_path, FakeClock(clock.now()))
    guard = Guard(portal.app, portal.app.extensions["kustod"].settings)
    with closing(portal.gatherer), serving(guard) as url:
        found = Place(url, chromium, portal)
        with found.watched():
            yield found


@pytest.fixture
def firm(sqlite_url: str, tmp_path: Path, chromium: Chromium) -> Iterator[Front]:
    """A new instance with an owner and a colleague, served with its worker."""
    kustod = Kustod(tmp_path / "instance", free_port(), sqlite_url)
    kustod("init")
    owner = ("user", "add", OLGA, "--name", "Olga Malá", "--role", "owner")
    for words in (owner, ("user", "add", EVA, "--name", "Eva Nováková")):
        kustod(*words, "--password-stdin", typed=PASSWORD)
    found = Front(f"http://127.0.0.1:{kustod.port}", chromium)
    try:
        kustod.serve()
        with found.watched():
            yield found
    finally:
        kustod.stop()


@pytest.fixture
def thunderbird(tmp_path: Path) -> Iterator[Thunderbird]:
    started = Thunderbird(tmp_path / "thunderbird")
    try:
        started.connect()
        yield started
    finally:
        started.end()
