"""Every page as browsers and assistive technology see it: it fits, nothing is too small to press,
axe finds nothing, the console is silent; small and large, light and dark, English and Czech."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import DESK, PHONE, SMALLEST, Place
from tests.rooms import ROOMS
from tests.rooms.room import Room
from tests.rooms.world import people

pytestmark = pytest.mark.e2e

AXE = (Path(__file__).parent / "vendor" / "axe" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FORMS = [
    (SMALLEST, "light", "en-GB"),
    (PHONE, "dark", "cs-CZ"),
    (DESK, "light", "cs-CZ"),
    (DESK, "dark", "en-GB"),
]
PICTURES = [
    (size, scheme, language)
    for size in (PHONE, DESK)
    for scheme in ("light", "dark")
    for language in ("cs-CZ", "en-GB")
]
_TOO_SMALL = """() => [...document.querySelectorAll("button, summary, nav a, a.btn, input, select")]
  .filter(element => !(element.matches("input") && element.closest("label")))
  .map(element => [element.outerHTML.slice(0, 80), element.getBoundingClientRect()])
  .filter(([, box]) => box.width && (box.width < 24 || box.height < 24))
  .map(([text]) => text)"""
_TOO_WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll("main *")]
  .filter(element => element.getBoundingClientRect().right > innerWidth + 1)
  .map(element => element.outerHTML.slice(0, 80)).slice(0, 5)"""
_AXE = """async rules => (await axe.run({runOnly: rules})).violations
  .map(found => [found.id, found.nodes.map(node => node.html.slice(0, 120)).slice(0, 3)])"""

PAGES = [room for room in ROOMS if room.is_page]


@pytest.mark.parametrize("room", PAGES, ids=str)
def test_a_page_is_fit_for_everybody(
    place: Place, room: Room, request: pytest.FixtureRequest
) -> None:
    """With --shots FOLDER, `pytest -m e2e tests/e2e/test_rooms.py` leaves pictures to look at."""
    world = people(place.portal)
    address, guest = room.address(world), world.one(room.guest())
    folder = request.config.getoption("--shots", default=None)
    for size, scheme, language in PICTURES if folder else FORMS:
        page = place.page_of(guest, viewport=size, color_scheme=scheme, locale=language)
        page.goto(address)
        form = f"{room} {size['width']} {scheme} {language[:2]}"
        if folder:
            picture = Path(folder) / f"{form.replace('.', '-').replace(' ', '-')}.png"
            page.screenshot(path=picture, full_page=True)
        assert page.evaluate("document.documentElement.dataset.bsTheme") == scheme
        assert page.evaluate("document.documentElement.lang") == language[:2]
        assert too_wide(page) == [], form
        assert too_small(page) == [], form
        assert accessible(page) == [], form
        page.context.close()


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
    page.evaluate(AXE)
    found: list[str] = page.evaluate(_AXE, RULES)
    return found
