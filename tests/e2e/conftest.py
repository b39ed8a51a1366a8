"""A running portal with a real browser in front of it; what the browser complains about fails."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import ConsoleMessage, Page, Request, sync_playwright
from typing_extensions import override
from werkzeug.serving import WSGIRequestHandler, make_server

from app import clock
from app.db import Sessions
from app.guard import Guard
from app.models import User
from app.services import sessions
from tests.davclient import FakeClock
from tests.portal import PASSWORD, Portal, open_portal

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
SMALLEST = {"width": 320, "height": 640}


class Quiet(WSGIRequestHandler):
    """The development server's handler without its lines on stderr."""

    @override
    def log(self, type: str, message: str, *args: Any) -> None:
        pass


@dataclass
class Place:
    """A running portal and a browser in front of it."""

    portal: Portal
    url: str
    chromium: Chromium
    complaints: list[str] = field(default_factory=list)

    def page(self, **options: Any) -> Page:
        """A fresh browser window whose complaints are kept."""
        options = {"viewport": DESK, "locale": "en-GB"} | options
        page = self.chromium.new_context(base_url=self.url, **options).new_page()
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("requestfailed", self._request_failed)
        return page

    def _request_failed(self, request: Request) -> None:
        # A page that is left takes its unfinished requests (the icon, mostly) with it.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"{request.url}: {request.failure}")

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def signed_in(self, **options: Any) -> Page:
        """A window in which Eva has signed in, with nothing but the keyboard."""
        page = self.page(**options)
        page.goto("/sign-in")
        page.keyboard.type(self.portal.eva.email)
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/overview")
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
    server = make_server("127.0.0.1", 0, guard, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    found = Place(portal, f"http://127.0.0.1:{server.port}", chromium)
    yield found
    for context in chromium.contexts:
        context.close()
    server.shutdown()
    thread.join()
    server.server_close()
    portal.gatherer.close()
    assert found.complaints == []
