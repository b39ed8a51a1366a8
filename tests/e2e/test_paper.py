"""Lists on paper: every column, nothing to press, black on white in either theme."""

from pathlib import Path

import pytest

from tests.e2e.conftest import Place
from tests.rooms import ROOMS
from tests.rooms.room import Room
from tests.rooms.world import people

pytestmark = pytest.mark.e2e

A4 = {"width": 718, "height": 1032}
"""What is left of a sheet between margins of 12 mm, in CSS pixels."""
NOTHING, BLACK = "rgba(0, 0, 0, 0)", "rgb(0, 0, 0)"
PRINTED = {
    "contacts.index narrowed",
    "contacts.index page chosen",
    "contact.show with everything",
    "access.index",
    "projects.show full",
    "projects.take_back half",
    "devices.show",
}
_SEEN = """selector => [...document.querySelectorAll(selector)]
  .filter(element => element.checkVisibility() && element.getBoundingClientRect().width > 1)
  .map(element => element.outerHTML.slice(0, 80))"""
_SPLIT = """() => [...document.querySelectorAll(".k-table")]
  .filter(table => table.checkVisibility())
  .flatMap(table => [...table.querySelectorAll("thead, tbody > tr > *:not(.k-narrow, .k-star)")])
  .filter(element => !getComputedStyle(element).display.startsWith("table-"))
  .map(element => element.outerHTML.slice(0, 80))"""
_COLOURS = """() => ["backgroundColor", "color"].map(name => getComputedStyle(document.body)[name])
  .concat(getComputedStyle(document.querySelector("h1")).color)"""


@pytest.mark.parametrize("room", [r for r in ROOMS if str(r) in PRINTED], ids=str)
def test_a_list_on_paper_has_every_column_and_nothing_to_press(
    place: Place, room: Room, request: pytest.FixtureRequest
) -> None:
    world = people(place.portal)
    page = place.page_of(world.one(room.guest()), viewport=A4, color_scheme="dark")
    page.goto(room.address(world))
    page.emulate_media(media="print", color_scheme="dark")
    folder = request.config.getoption("--shots", default=None)
    if folder:
        name = str(room).replace(".", "-").replace(" ", "-")
        page.screenshot(path=Path(folder) / f"paper-{name}.png", full_page=True)
    assert page.evaluate(_SEEN, "nav, header, button, .btn, input, select") == []
    assert page.evaluate(_SPLIT) == []
    assert page.evaluate(_COLOURS) == [NOTHING, BLACK, BLACK]
    assert page.evaluate("document.documentElement.scrollWidth") <= A4["width"]
    assert place.portal.clock.now().strftime("%Y") in page.inner_text(".k-on-paper")
