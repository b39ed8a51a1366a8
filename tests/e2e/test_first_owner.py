"""The first owner in a real browser, with and without scripts; and how these pages look."""

from pathlib import Path

import pytest
from typing_extensions import override

from app.services import first_owner
from tests.e2e.conftest import PHONE, Place
from tests.e2e.test_rooms import FORMS, PICTURES, accessible, too_small, too_wide
from tests.portal import PASSWORD
from tests.web.test_first_owner import without_users

pytestmark = pytest.mark.e2e


def issued(place: Place) -> str:
    """The address that the shell printed."""
    portal = without_users(place.portal)
    with portal.sessions.write() as session:
        link = first_owner.issue(session, portal.clock.now())
    assert link is not None
    return f"/p/first-owner/{link.token}"


@pytest.mark.parametrize("scripts", [True, False])
def test_the_keyboard_alone_makes_the_owner(place: Place, scripts: bool) -> None:
    page = place.page(viewport=PHONE, java_script_enabled=scripts)
    page.goto(issued(place))
    for typed in ("Stavby Haná", "Olga Králová", "olga@example.org", PASSWORD, PASSWORD):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/overview")
    page.locator("#content").get_by_text("You are the first owner.").wait_for()


@pytest.mark.parametrize("name", ["link", "over", "nobody"])
def test_its_pages_are_fit_for_everybody(
    place: Place, name: str, request: pytest.FixtureRequest
) -> None:
    address = {"link": issued(place), "over": "/p/first-owner/no", "nobody": "/sign-in"}[name]
    folder = request.config.getoption("--shots", default=None)
    if name == "over":  # a browser complains about each 404
        place.complaints = _ButNotFound()
    for size, scheme, language in PICTURES if folder else FORMS:
        page = place.page(viewport=size, color_scheme=scheme, locale=language)
        page.goto(address)
        form = f"first-owner-{name}-{size['width']}-{scheme}-{language[:2]}"
        if folder:
            page.screenshot(path=Path(folder) / f"{form}.png", full_page=True)
        assert page.evaluate("document.documentElement.lang") == language[:2]
        assert (too_wide(page), too_small(page), accessible(page)) == ([], [], []), form
        page.context.close()


class _ButNotFound(list[str]):
    """Complaints, but for the one that the address asked for."""

    @override
    def append(self, complaint: str) -> None:
        if "404 (NOT FOUND)" not in complaint:
            super().append(complaint)
