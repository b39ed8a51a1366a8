"""Every day: find, call, edit, upload; without a script, and without a pointer."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page

from tests.e2e.conftest import DESK, SMALLEST, Place
from tests.e2e.keyboard import Keyboard, has_focus
from tests.rooms import imports as rooms
from tests.rooms.world import World, people

pytestmark = pytest.mark.e2e

NAME, NEW_NUMBER = "Žák Ondřej", "+420 605 203 938"


@pytest.fixture
def world(place: Place) -> World:
    return people(place.portal)


@pytest.fixture
def cards(tmp_path: Path) -> Path:
    """A file with one contact that is known, one that is new, and one that is none."""
    file = tmp_path / "old-phone.vcf"
    file.write_text(rooms.CARDS, encoding="utf-8")
    return file


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def link(page: Page, name: str) -> Locator:
    return page.get_by_role("link", name=name, exact=True)


def field(page: Page, name: str) -> Locator:
    return page.get_by_label(name, exact=True)


def test_find_call_and_edit_without_a_script(place: Place, world: World) -> None:
    page = place.page_of(world.olga, java_script_enabled=False)
    page.goto("/overview")
    field(page, "Search contacts").fill("zak")
    button(page, "Search").click()
    assert page.locator("tbody tr").count() == 1
    link(page, NAME).click()
    assert link(page, "Call").get_attribute("href") == "tel:+420777123456"
    link(page, "Edit").click()
    field(page, "Phones, line 1").fill(NEW_NUMBER)
    button(page, "Save").click()
    assert page.inner_text(".k-notice p") == "Saved."
    assert link(page, "Call").get_attribute("href") == "tel:+420605203938"
    assert link(page, NEW_NUMBER).get_attribute("href") == "tel:+420605203938"


def test_upload_without_a_script(place: Place, world: World, cards: Path) -> None:
    page = place.page_of(world.olga, java_script_enabled=False)
    page.goto("/contacts")
    link(page, "Upload a file").click()
    field(page, "File").set_input_files(cards)
    field(page, "Where do these contacts come from?").fill("old phone")
    button(page, "Look at the file").click()
    assert page.inner_text(".k-outcomes a[href$=created]").split() == ["1", "new"]
    button(page, "Import").click()
    page.get_by_text("waits for its turn").wait_for()
    rooms.worked(world, "")
    # The page comes again by itself.
    link(page, "Žofie Žlutá").click()
    assert page.inner_text("h1") == "Ing. Žofie Žlutá"


FORMS = pytest.mark.parametrize("size", [DESK, SMALLEST], ids=["desk", "smallest"])


def opened(place: Place, world: World, size: dict[str, int], address: str) -> Page:
    # Where motion is reduced the ring around the focus is there at once.
    page = place.page_of(world.olga, viewport=size, reduced_motion="reduce")
    page.goto(address)
    return page


@FORMS
def test_find_call_and_edit_by_keyboard(place: Place, world: World, size: dict[str, int]) -> None:
    page = opened(place, world, size, "/overview")
    keys = Keyboard(page)
    keys.write(field(page, "Search contacts"), "zak")
    page.keyboard.press("Enter")
    page.wait_for_url("**/contacts?q=zak")
    keys.skip()
    keys.enter(link(page, NAME))
    page.wait_for_url("**/contacts/*")
    keys.skip()
    keys.tab_to(link(page, "Call"))
    assert link(page, "Call").get_attribute("href") == "tel:+420777123456"
    keys.enter(link(page, "Edit"))
    page.wait_for_url("**/edit")
    keys.skip()
    keys.write(field(page, "Phones, line 1"), NEW_NUMBER)
    keys.enter(button(page, "Save"))
    page.get_by_text("Saved.").first.wait_for()
    keys.skip()
    keys.tab_to(link(page, NEW_NUMBER))


@FORMS
def test_the_list_narrows_under_who_types(place: Place, world: World, size: dict[str, int]) -> None:
    page = opened(place, world, size, "/contacts")
    search = field(page, "Search contacts")
    keys = Keyboard(page)
    keys.write(search, "zak")
    page.locator(".k-chip", has_text="zak").wait_for()
    assert has_focus(search)
    assert page.inner_text("#status") == "1 contact"
    keys.tab_to(link(page, NAME))


@pytest.mark.parametrize(
    ("size", "key"), [(DESK, "Enter"), (SMALLEST, "Space")], ids=["desk", "smallest"]
)
def test_upload_by_keyboard(
    place: Place, world: World, cards: Path, size: dict[str, int], key: str
) -> None:
    page = opened(place, world, size, "/contacts")
    keys = Keyboard(page)
    keys.skip()
    keys.enter(link(page, "Upload a file"))
    page.wait_for_url("**/import")
    keys.skip()
    # A key that comes before the browser knows of the wait opens its own window, and no event.
    with page.expect_file_chooser() as chooser:
        keys.tab_to(field(page, "File"))
        page.keyboard.press(key)
    chooser.value.set_files(cards)
    keys.write(field(page, "Where do these contacts come from?"), "old phone")
    keys.enter(button(page, "Look at the file"))
    page.wait_for_url("**/check")
    keys.skip()
    keys.enter(button(page, "Import"))
    page.wait_for_url("**/imports/*")
    wait_for_the_import(world, keys)
    keys.enter(link(page, "Žofie Žlutá"))
    page.wait_for_url("**/contacts/*")


def test_the_focus_stays_while_a_phone_is_waited_for(place: Place, world: World) -> None:
    phone = place.portal.phone(place.portal.eva)
    page = place.page_of(place.portal.eva, reduced_motion="reduce")
    page.goto(f"/devices/{phone.device}/waiting")
    keys = Keyboard(page)
    keys.skip()
    keys.tab_to(link(page, "Look again"))
    asked_again(page, "#progress")
    assert has_focus(link(page, "Look again"))
    phone.sync()
    place.portal.door.sightings.flush()
    page.get_by_text("It has everything").wait_for()
    assert has_focus(link(page, "Go on"))


def wait_for_the_import(world: World, keys: Keyboard) -> None:
    """While the page asks again and again, and when it is over, the focus stays."""
    page = keys.page
    keys.skip()
    keys.tab_to(button(page, "Cancel"))
    asked_again(page, "#import")
    assert has_focus(button(page, "Cancel"))
    rooms.worked(world, "")
    page.get_by_text("done", exact=True).wait_for()
    assert has_focus(button(page, "Undo this import"))


def asked_again(page: Page, part: str) -> None:
    """Wait until this part of the page has been replaced."""
    page.evaluate("part => { document.querySelector(part).dataset.old = 1 }", part)
    page.wait_for_function("part => !document.querySelector(part).dataset.old", arg=part)
