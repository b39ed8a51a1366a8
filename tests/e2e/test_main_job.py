"""The main job through the portal: from an uploaded file to the sentence that all is back.

A real server with its worker; people who only click, each in a browser of his own; Thunderbird
as the phone.
"""

from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Page

from tests.chain.conftest import CARDS
from tests.e2e.conftest import EVA, OLGA, Front
from tests.e2e.thunderbird import SENTINEL, Thunderbird

pytestmark = pytest.mark.e2e

NAMES = ["Karel Dvořák", "Stavby Morava", "Šárka Chalupová"]
GREEN = "rgb(26, 127, 55)"
"""The light theme's colour for what is in order, --k-ok."""


class Login(NamedTuple):
    """What a page says once, to be typed into a phone."""

    user: str
    password: str
    server: str


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).first.click()


def read(page: Page, text: str) -> None:
    """Wait until the page says so by itself."""
    page.get_by_text(text, exact=True).first.wait_for()


def rows(page: Page) -> list[str]:
    """The first cell of each row of the page's table."""
    return sorted(" ".join(row.split()) for row in page.locator("tbody th").all_inner_texts())


def make_directory(olga: Page) -> None:
    follow(olga, "Make the first directory")
    olga.get_by_label("Customers: firms").check()
    olga.get_by_label("Name of the directory").fill("Firmy")
    press(olga, "Add the directory")
    read(olga, "The directory is ready: Firmy")


def upload(olga: Page, file: Path) -> None:
    follow(olga, "Upload a file")
    olga.get_by_label("File", exact=True).set_input_files(file)
    olga.get_by_label("Where do these contacts come from?").fill("old phone")
    press(olga, "Look at the file")
    read(olga, "What this file would do")
    assert rows(olga) == NAMES
    press(olga, "Import")
    read(olga, "done")
    assert rows(olga) == NAMES


def begin_project(olga: Page) -> None:
    follow(olga, "Projects")
    follow(olga, "Begin a project")
    olga.get_by_label("Name of the project").fill("Most v Lhotě")
    olga.get_by_label("In the portal and on phones").check()
    press(olga, "Begin the project")
    read(olga, "The project is ready: Most v Lhotě")


def put_in(olga: Page, name: str) -> None:
    olga.get_by_label("Put a contact in").fill(name)
    press(olga, "Look for it")
    olga.locator(".k-found button").click()
    read(olga, f"Takes part in the project now: {name}")


def let_in(olga: Page, name: str) -> None:
    colleague = olga.get_by_label("Let a colleague in")
    colleague.select_option(colleague.get_by_role("option", name=name).inner_text())
    press(olga, "Let in")
    read(olga, f"Works in the project now: {name}")


def set_up_a_phone(eva: Page) -> Login:
    """As far as the page that waits for it."""
    follow(eva, "My devices")
    follow(eva, "Add a phone or program")
    eva.get_by_role("link", name="Thunderbird").click()
    read(eva, "3 contacts: name, firm, phones")
    eva.get_by_label("What do you call it?").fill("Laptop")
    eva.get_by_label("I have read the rules and will keep them").check()
    press(eva, "Make its password")
    login = Login(*(eva.inner_text(f"#{part}") for part in ("login", "password", "server")))
    follow(eva, "Done, see whether it works")
    read(eva, "Waiting for the phone or program")
    return login


def go_on_to_what_is_on_it(eva: Page) -> None:
    """From the page that waits, which has seen the phone by itself."""
    read(eva, "3 of 3 contacts fetched")
    follow(eva, "Go on")
    read(eva, "3 contacts are on it")
    follow(eva, "What is on it")
    read(eva, "up to date")
    assert eva.locator("tbody tr", has_text="on the device").count() == len(NAMES)


def end_project(olga: Page) -> None:
    follow(olga, "The end")
    loss = olga.locator("tbody tr", has_text="Eva Nováková")
    loss.get_by_text("loses 3 contacts").wait_for()
    loss.get_by_text("Laptop").wait_for()
    press(olga, "End the project now")
    said = olga.locator("p", has_text="None has confirmed so far.")
    said.and_(olga.locator("p", has_text="3 contacts went out.")).wait_for()
    read(olga, "has not connected since")


def names_in(thunderbird: Thunderbird) -> list[str]:
    """Who is in its address book, without the card that helps."""
    return sorted(name for uid, name in thunderbird.cards() if uid != SENTINEL)


def test_what_a_project_gave_to_a_phone_comes_back(
    firm: Front, thunderbird: Thunderbird, tmp_path: Path
) -> None:
    file = tmp_path / "old-phone.vcf"
    file.write_text(CARDS, encoding="utf-8", newline="")
    olga, eva = firm.sign_in(OLGA), firm.sign_in(EVA)

    make_directory(olga)
    upload(olga, file)
    begin_project(olga)
    for name in NAMES:
        put_in(olga, name)
    let_in(olga, "Eva Nováková")

    login = set_up_a_phone(eva)
    thunderbird.add_books(*login)
    assert names_in(thunderbird) == NAMES
    go_on_to_what_is_on_it(eva)

    end_project(olga)
    follow(eva, "Contacts")
    read(eva, "No contacts yet")
    thunderbird.sync()
    assert names_in(thunderbird) == []
    read(olga, "1 told, not confirmed")
    thunderbird.sync()
    said = olga.locator("p", has_text="Everything has been taken back, confirmed ")
    said.wait_for()
    assert said.evaluate("element => getComputedStyle(element).color") == GREEN
    follow(eva, "My devices")
    follow(eva, "Laptop")
    read(eva, "3 contacts: removal confirmed")
