"""Pages for people without an account as their browsers see them, in all their languages: fit for
the smallest phone and the desk, light and dark; axe finds nothing, and no script is needed."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium

from app import clock
from app.catalogues import OF_THE_OUTSIDE
from app.db import Sessions
from tests.davclient import FakeClock
from tests.e2e.conftest import DESK, PHONE, SMALLEST
from tests.e2e.gallery import ENGLISH, Gallery, gallery, wear
from tests.e2e.test_rooms import accessible, too_small, too_wide
from tests.portal import Portal, open_portal
from tests.rooms import OUTSIDE
from tests.rooms.room import Outside
from tests.rooms.world import people

pytestmark = pytest.mark.e2e

FORMS = [(SMALLEST, "light"), (DESK, "dark")]
PICTURES = [(PHONE, "light"), (PHONE, "dark"), (DESK, "light")]


@pytest.fixture(scope="module")
def seen(chromium: Chromium) -> Iterator[Gallery]:
    with gallery(chromium) as opened:
        yield opened


@pytest.fixture
def portal(sqlite: Sessions, tmp_path: Path) -> Iterator[Portal]:
    opened = open_portal(sqlite, tmp_path, FakeClock(clock.now()))
    with closing(opened.gatherer):
        yield opened


@pytest.mark.parametrize(
    "room", [room for room in OUTSIDE if room.status == 200 and room.is_page], ids=str
)
def test_a_page_is_fit_for_everybody(
    seen: Gallery, portal: Portal, room: Outside, request: pytest.FixtureRequest
) -> None:
    """With --shots FOLDER it leaves pictures, and does not ask axe."""
    world = people(portal)
    address, folder = room.address(world), request.config.getoption("--shots", default=None)
    with seen.showing(portal, portal.dana):
        page = seen.windows[ENGLISH]
        for language in OF_THE_OUTSIDE:
            for size, scheme in PICTURES if folder else FORMS:
                wear(page, size, scheme)
                page.goto(f"{address}?lang={language}")
                form = f"{room} {size['width']} {scheme} {language}"
                assert too_wide(page) == [], form
                assert too_small(page) == [], form
                if folder:
                    name = f"{form.replace('.', '-').replace(' ', '-')}.png"
                    page.screenshot(path=Path(folder) / name, full_page=True)
                else:
                    assert accessible(page) == [], form
