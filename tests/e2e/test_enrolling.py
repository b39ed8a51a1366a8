"""Setting up each kind of device in a browser: every step fits, and what is to be typed copies."""

from pathlib import Path

import pytest

from app.services.choices import DEVICE_KINDS
from tests.e2e.conftest import DESK, PHONE, Place
from tests.e2e.test_rooms import PICTURES, accessible, too_small, too_wide

pytestmark = pytest.mark.e2e

FORMS = [(PHONE, "light", "cs-CZ"), (DESK, "dark", "en-GB")]


@pytest.mark.parametrize("kind", DEVICE_KINDS)
def test_a_device_is_set_up(place: Place, kind: str, request: pytest.FixtureRequest) -> None:
    folder = request.config.getoption("--shots", default=None)
    for size, scheme, language in PICTURES if folder else FORMS:
        page = place.page_of(place.portal.eva, viewport=size, color_scheme=scheme, locale=language)
        page.goto("/devices/new")
        page.locator(f"a[href$='/new/{kind}']").click()
        if kind == "other":
            page.fill("#name", f"KDE {size['width']} {scheme} {language}")
        page.check("#read")
        page.locator("form[action*='/new/'] button[type=submit]").click()
        page.wait_for_url("**/connect")
        form = f"connect-{kind} {size['width']} {scheme} {language[:2]}"
        if folder:
            page.screenshot(path=Path(folder) / f"{form.replace(' ', '-')}.png", full_page=True)
        assert too_wide(page) == [], form
        assert too_small(page) == [], form
        assert accessible(page) == [], form
        assert page.locator("[data-k-copy]:visible").count() == 3, form
        page.locator(".k-onward").click()
        page.wait_for_url("**/waiting")
        page.context.close()
