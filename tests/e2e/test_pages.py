"""The pages in a real browser, against a real server: no script errors, no policy violations."""

import threading
from collections.abc import Callable, Iterator
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
from tests.davclient import FakeClock
from tests.portal import PASSWORD, Portal, open_portal

pytestmark = pytest.mark.e2e

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
SMALLEST = {"width": 320, "height": 640}

_TOO_SMALL = """() => [...document.querySelectorAll("button, summary, nav a, a.btn, input")]
  .map(element => [element.outerHTML.slice(0, 80), element.getBoundingClientRect()])
  .filter(([, box]) => box.width && (box.width < 24 || box.height < 24))
  .map(([text]) => text)"""
_COVERED = """() => {
  const box = document.activeElement.getBoundingClientRect();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return !(document.activeElement.contains(top) || top.contains(document.activeElement));
}"""


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
        page.wait_for_url("**/contacts")
        return page


@pytest.fixture(scope="module")
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


def addresses(place: Place) -> list[str]:
    phone = place.portal.phone(place.portal.eva)
    phone.sync()
    device = f"/devices/{phone.device}"
    return ["/contacts", "/contacts?q=novot", "/devices", device, f"{device}/stop", "/account"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [SMALLEST, PHONE, DESK])
def test_pages_fit_and_complain_about_nothing(
    place: Place, size: dict[str, int], scheme: str
) -> None:
    page = place.signed_in(viewport=size, color_scheme=scheme)
    for address in addresses(place):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        assert page.evaluate("document.documentElement.dataset.bsTheme") == scheme
        assert page.evaluate(_TOO_SMALL) == [], address


def test_the_keyboard_reaches_everything_and_nothing_covers_it(place: Place) -> None:
    page = place.signed_in(viewport=PHONE)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    for _ in range(12):
        page.keyboard.press("Tab")
        assert not page.evaluate(_COVERED), page.evaluate("document.activeElement.outerHTML")


def test_a_phone_shows_one_large_call_button_for_each(place: Place) -> None:
    page = place.signed_in(viewport=PHONE)
    buttons = page.get_by_role("link", name="Call: ")
    assert buttons.count() == 3
    for button in buttons.all():
        box = button.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44
    assert page.get_by_role("link", name="Call: Karel Novotný").get_attribute("href") == (
        "tel:+420777123456"
    )


def test_the_system_may_change_its_mind(place: Place) -> None:
    page = place.signed_in(color_scheme="light")
    page.emulate_media(color_scheme="dark")
    page.locator("html[data-bs-theme=dark]").wait_for()


def find(page: Page) -> None:
    page.get_by_label("Search contacts").fill("zak")
    page.get_by_role("button", name="Search", exact=True).click()
    page.get_by_text("Searched for: zak").wait_for()
    assert page.locator("tbody tr").count() == 1


def stop(page: Page) -> None:
    page.get_by_role("link", name="My devices").click()
    page.get_by_role("link", name="Stop Phone").click()
    page.get_by_role("button", name="Stop this device").click()
    page.get_by_text("being emptied, not confirmed yet").wait_for()


def leave(page: Page) -> None:
    page.get_by_role("link", name="My account").click()
    page.get_by_role("button", name="Čeština").click()
    page.get_by_role("button", name="Tmavý").click()
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"
    page.get_by_role("button", name="Odhlásit v tomto prohlížeči").click()
    page.wait_for_url("**/signed-out")
    page.go_back()
    page.wait_for_url("**/sign-in**")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_visit_works_with_and_without_scripts(place: Place, scripts: bool) -> None:
    place.portal.phone(place.portal.eva).sync()
    page = place.signed_in(java_script_enabled=scripts)
    steps: tuple[Callable[[Page], None], ...] = (find, stop, leave)
    for step in steps:
        step(page)
