"""Visits in a real browser: the keyboard, large buttons, with and without scripts."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import PHONE, Place

pytestmark = pytest.mark.e2e

_COVERED = """() => {
  const box = document.activeElement.getBoundingClientRect();
  const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return !(document.activeElement.contains(top) || top.contains(document.activeElement));
}"""


def test_the_keyboard_reaches_everything_and_nothing_covers_it(place: Place) -> None:
    page = place.signed_in(viewport=PHONE)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    for _ in range(12):
        page.keyboard.press("Tab")
        assert not page.evaluate(_COVERED), page.evaluate("document.activeElement.outerHTML")


def test_the_bar_of_a_phone_covers_nothing_at_the_end_of_a_page(place: Place) -> None:
    page = place.signed_in(viewport=PHONE)
    page.goto("/devices/new")
    page.evaluate("scrollTo({top: document.body.scrollHeight, behavior: 'instant'})")
    last, bar = (page.locator(name).bounding_box() for name in (".k-help", ".k-nav"))
    assert last is not None
    assert bar is not None
    assert last["y"] + last["height"] <= bar["y"]


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
    page.locator(".k-chip", has_text="zak").wait_for()
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
