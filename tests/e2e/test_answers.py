"""Pages that no address alone leads to: forms sent back, what is shown once, refusals, two who
change the same at a time. They are as fit for everybody as the rooms are."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from app import clock
from app.db import Sessions
from app.services import contacts
from tests.davclient import FakeClock
from tests.e2e.gallery import Gallery, gallery, photograph, wear
from tests.e2e.test_rooms import FORMS, PICTURES, accessible, too_small, too_wide
from tests.portal import Portal, open_portal
from tests.rooms import DEEDS
from tests.rooms.contact import of, with_everything
from tests.rooms.enrolment import FORM
from tests.rooms.world import World, people
from tests.services.scene import acting
from tests.web.test_errors import raising

pytestmark = pytest.mark.e2e

EMPTY = [
    *("access.submit check", "contact.charge", "contact.put_in half"),
    *("devices.give_up", "devices.rename", "enrolment.enrol", "import_steps.match"),
    *("imports.upload", "incidents.advise", "incidents.decide", "incidents.hand_over paper"),
    *("organisation.change", "own_account.change_password", "participants.let_in"),
    *("people.change", "seen.ask", "teams.add", "teams.join"),
]
"""Forms that come back when nothing was filled in."""
FILLED = [
    *("access.submit check", "access.submit half", "chosen.put_in_charge nobody"),
    *("directories.add half", "directories.change a stricter rule", "incidents.hand_over paper"),
    *("leaving.disable of the last owner", "people.add", "people.password"),
    *("project_phones.let_on no reason", "projects.add half"),
]
"""Forms whose answer, filled in so, is a page of its own."""
_SEND = """([action, values]) => {
  const form = document.createElement("form");
  form.method = "post";
  form.action = action;
  const csrf_token = document.querySelector("input[name=csrf_token]").value;
  for (const [name, value] of Object.entries({csrf_token, ...values})) {
    const input = document.createElement("input");
    [input.type, input.name, input.value] = ["hidden", name, value];
    form.append(input);
  }
  document.body.append(form);
  form.requestSubmit();
}"""


@dataclass(frozen=True)
class Answer:
    """A name, who looks, and the way there in a window."""

    name: str
    looker: str
    prepare: Callable[[World], Callable[[Page], None]]


def sent(name: str, *, is_empty: bool) -> Answer:
    """What a form answers, sent by who may send it."""
    deed = next(deed for deed in DEEDS if str(deed) == name)
    looker = next(who for who, status in deed.answers.items() if status < 400 or status == 422)

    def prepare(world: World) -> Callable[[Page], None]:
        address, form = deed.address(world), deed.form(world)
        return lambda page: send(page, address, {} if is_empty else form)

    return Answer(f"{name} {'empty' if is_empty else 'answer'}", looker, prepare)


def send(page: Page, address: str, form: dict[str, str]) -> None:
    """Send a form as a browser does; `address` is in the portal."""
    page.goto("/account")
    with page.expect_navigation():
        page.evaluate(_SEND, [address, form])


def connected(kind: str) -> Answer:
    """A fresh device with its password, shown this once."""

    def go(page: Page) -> None:
        language = page.evaluate("navigator.language")
        send(page, f"/devices/new/{kind}", FORM | {"name": f"{kind} {language}"})

    return Answer(f"enrolment.connect {kind}", "eva", lambda _: go)


def two_at_a_time(world: World) -> Callable[[Page], None]:
    """Olga writes a name and a number while somebody else changes the name."""
    address = with_everything(world) + "/edit"

    def go(page: Page) -> None:
        page.goto(address)
        page.locator("[name=family]").fill("Novotný-Dlouhý")
        page.locator("[name=phones-0-value]").fill("+420 777 000 111")
        language, now = page.evaluate("navigator.language"), world.portal.clock.now()
        family = {"family": f"Novotný {language}"}
        with world.portal.sessions.write() as session:
            contacts.edit(session, acting(world.olga), world.contact.id, family, now, source="x")
        with page.expect_navigation():
            page.locator("main form button[type=submit]").first.click()

    return go


def refused(address: Callable[[World], str]) -> Callable[[World], Callable[[Page], None]]:
    def prepare(world: World) -> Callable[[Page], None]:
        where = address(world)
        return lambda page: leave_to(page, where)

    return prepare


def leave_to(page: Page, address: str) -> None:
    page.goto(address)


def accident(world: World) -> str:
    raising(world.portal, ZeroDivisionError("secret"), "/accident")
    return "/accident"


def saved(world: World) -> Callable[[Page], None]:
    """A change that is said above the page that comes next."""
    address = of(world, "/edit")
    form = {"given": "Karla", "family": "Novotná"}
    return lambda page: send(page, address, form)


def nothing_typed(world: World) -> Callable[[Page], None]:
    """A new contact of which nothing was written; its two rows come back."""
    address = f"/contacts/new?directory={world.directory.slug}"
    rows = dict.fromkeys(["phones-0-value", "phones-0-label", "emails-0-value"], "")
    return lambda page: send(page, address, rows | {"emails-0-label": ""})


ANSWERS = [
    *(sent(name, is_empty=True) for name in EMPTY),
    *(sent(name, is_empty=False) for name in FILLED),
    *(connected(kind) for kind in ("iphone", "mac", "android", "thunderbird", "outlook", "other")),
    Answer("contact.enter empty", "olga", nothing_typed),
    Answer("contact.save two at a time", "olga", two_at_a_time),
    Answer("contact.save done", "olga", saved),
    Answer("errors 404", "olga", refused(lambda _: "/nowhere")),
    Answer("errors 403", "eva", refused(lambda w: of(w, "/edit"))),
    Answer("errors 405", "eva", refused(lambda _: "/sign-out")),
    Answer("errors 500", "eva", refused(accident)),
    Answer("errors 404 signed out", "", refused(lambda _: "/nowhere")),
    Answer("auth.sign_in", "", refused(lambda _: "/sign-in")),
    Answer("auth.signed_out", "", refused(lambda _: "/signed-out")),
]


@pytest.fixture(scope="module")
def seen(chromium: Chromium) -> Iterator[Gallery]:
    with gallery(chromium) as opened:
        yield opened


@pytest.fixture
def portal(sqlite: Sessions, tmp_path: Path) -> Iterator[Portal]:
    opened = open_portal(sqlite, tmp_path, FakeClock(clock.now()))
    with closing(opened.gatherer):
        yield opened


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.name)
def test_an_answer_is_fit_for_everybody(
    seen: Gallery, portal: Portal, answer: Answer, request: pytest.FixtureRequest
) -> None:
    world = people(portal)
    go, folder = answer.prepare(world), request.config.getoption("--shots", default=None)
    guest = world.one(answer.looker) if answer.looker else None
    with seen.showing(portal, guest, refusals=True):
        for language, forms in groupby(PICTURES if folder else FORMS, itemgetter(2)):
            page = seen.windows[language]
            go(page)
            for size, scheme, _ in forms:
                wear(page, size, scheme)
                form = f"{answer.name} {size['width']} {scheme} {language[:2]}"
                assert page.locator("html").get_attribute("lang") == language[:2]
                assert (too_wide(page), too_small(page)) == ([], []), form
                if folder:
                    photograph(page, Path(folder), form)
                else:
                    assert accessible(page) == [], form
