"""Every page as browsers and assistive technology see it: it fits, nothing is too small to press,
axe finds nothing, the console is silent; small and large, light and dark, English and Czech."""

from collections.abc import Iterator
from contextlib import closing
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from app import clock
from app.db import Sessions
from tests.davclient import FakeClock
from tests.e2e.conftest import DESK, PHONE, SMALLEST
from tests.e2e.gallery import CZECH, ENGLISH, Gallery, gallery, photograph, wear
from tests.portal import Portal, open_portal
from tests.rooms import ROOMS
from tests.rooms.room import Room
from tests.rooms.world import people

pytestmark = pytest.mark.e2e

AXE = (Path(__file__).parent / "vendor" / "axe" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FORMS = [
    (SMALLEST, "light", ENGLISH),
    (DESK, "dark", ENGLISH),
    (PHONE, "dark", CZECH),
    (DESK, "light", CZECH),
]
"""Each page is loaded once a language, and takes its second form as a screen that is turned."""
PICTURES = [
    (size, scheme, language)
    for language in (CZECH, ENGLISH)
    for size in (PHONE, DESK)
    for scheme in ("light", "dark")
]
_WORN = """() => {
  const root = document.documentElement;
  return [root.dataset.bsTheme, root.lang, innerWidth];
}"""
_TOO_SMALL = """() => [...document.querySelectorAll("button, summary, nav a, a.btn, input, select")]
  .filter(element => !(element.matches("input") && element.closest("label")))
  .map(element => [element.outerHTML.slice(0, 80), element.getBoundingClientRect()])
  .filter(([, box]) => box.width && (box.width < 24 || box.height < 24))
  .map(([text]) => text)"""
_TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll("main *")]
  .filter(element => element.getBoundingClientRect().right > innerWidth + 1)
  .map(element => element.outerHTML.slice(0, 80)).slice(0, 5)"""
_AXE = """async rules => (await axe.run({
    runOnly: rules, resultTypes: ["violations"], selectors: false,
  })).violations
  .map(found => [found.id, found.nodes.map(node => node.html.slice(0, 120)).slice(0, 3)])"""

PAGES = [room for room in ROOMS if room.is_page]


@pytest.fixture(scope="module")
def seen(chromium: Chromium) -> Iterator[Gallery]:
    with gallery(chromium) as opened:
        yield opened


@pytest.fixture
def portal(sqlite: Sessions, tmp_path: Path) -> Iterator[Portal]:
    opened = open_portal(sqlite, tmp_path, FakeClock(clock.now()))
    with closing(opened.gatherer):
        yield opened


@pytest.mark.parametrize("room", PAGES, ids=str)
def test_a_page_is_fit_for_everybody(
    seen: Gallery, portal: Portal, room: Room, request: pytest.FixtureRequest
) -> None:
    """With --shots FOLDER it leaves pictures of twice as many forms, and does not ask axe."""
    world = people(portal)
    address, folder = room.address(world), request.config.getoption("--shots", default=None)
    with seen.showing(portal, world.one(room.guest())):
        for language, forms in groupby(PICTURES if folder else FORMS, itemgetter(2)):
            page = seen.windows[language]
            for place, (size, scheme, _) in enumerate(forms):
                wear(page, size, scheme)
                # A long picture keeps old colours of what stands fast in the window.
                if folder or not place:
                    page.goto(address)
                form = f"{room} {size['width']} {scheme} {language[:2]}"
                assert page.evaluate(_WORN) == [scheme, language[:2], size["width"]]
                assert too_wide(page) == [], form
                assert too_small(page) == [], form
                if folder:
                    photograph(page, Path(folder), form)
                else:
                    assert accessible(page) == [], form


def too_wide(page: Page) -> list[str]:
    """What stands out of a page that has to be scrolled sideways."""
    found: list[str] = page.evaluate(_TOO_WIDE)
    return found


def too_small(page: Page) -> list[str]:
    """What a finger or a mouse would miss."""
    found: list[str] = page.evaluate(_TOO_SMALL)
    return found


def accessible(page: Page) -> list[str]:
    """What axe finds wrong."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found: list[str] = page.evaluate(_AXE, RULES)
    return found
