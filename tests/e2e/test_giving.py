"""Giving access in a browser, in two presses; the page between is fit for everybody."""

from pathlib import Path

import pytest

from tests.e2e.conftest import DESK, PHONE, Place
from tests.e2e.test_rooms import accessible
from tests.rooms.world import people

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize(
    ("size", "scheme", "language"),
    [(PHONE, "light", "cs-CZ"), (DESK, "dark", "en-GB")],
    ids=["phone", "desk"],
)
def test_two_presses_give_access(
    place: Place, size: dict[str, int], scheme: str, language: str, request: pytest.FixtureRequest
) -> None:
    world = people(place.portal)
    place.portal.phone(place.portal.dana)
    page = place.page_of(world.olga, viewport=size, color_scheme=scheme, locale=language)
    page.goto(f"/directories/{world.directory.slug}/access")
    page.locator(".k-beside a").click()
    page.select_option("#to", place.portal.dana.email)
    page.check("input[value=phone]")
    page.fill("#reason", "vede stavbu mostu")
    page.locator("button[value=check]").click()
    page.wait_for_selector("button[value=give]")
    assert accessible(page) == []
    folder = request.config.getoption("--shots", default=None)
    if folder:
        page.screenshot(path=Path(folder) / f"check-{size['width']}.png", full_page=True)
    page.locator("button[value=give]").click()
    page.wait_for_url("**/access")
    assert "Dana Cizí" in page.inner_text(".k-notice")
