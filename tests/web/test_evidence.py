"""Proofs in the portal: opened with a reason, shown for a while, and never run by a browser."""

import pytest

from app.queries.evidence import LOOKED_AT
from tests.portal import Portal
from tests.rooms.evidence import kept, paper
from tests.rooms.world import World, people
from tests.web.browser import target
from tests.web.conftest import signed_in


@pytest.fixture
def world(portal: Portal) -> World:
    return people(portal)


def test_a_scan_is_opened_with_a_reason_and_shown_for_a_while(world: World) -> None:
    browser, address = signed_in(world.portal, world.dora), f"/evidence/{kept(world)}"
    page = browser.get(address)
    assert browser.submit(page, address, 422, reason=" ").status == 422
    opened = target(browser.submit(page, address, reason="A complaint").response)
    assert "is recorded" in browser.get(opened).text
    picture = browser.open("GET", f"{opened}/file")
    assert (picture.mimetype, picture.data[:2]) == ("image/jpeg", b"\xff\xd8")
    assert picture.data != paper()
    assert "A complaint" in browser.get(address).text
    world.portal.clock.tick(seconds=LOOKED_AT.total_seconds())
    assert browser.open("GET", f"{opened}/file").status_code == 404


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        (b"%PDF-1.7 /OpenAction /JavaScript", "application/pdf"),
        (b"<html><script>alert(1)</script></html>", "text/plain"),
    ],
)
def test_what_could_do_something_is_a_download(world: World, data: bytes, mime: str) -> None:
    browser, address = signed_in(world.portal, world.dora), f"/evidence/{kept(world, data)}"
    opened = target(browser.submit(browser.get(address), address, reason="x").response)
    answer = browser.open("GET", f"{opened}/file")
    assert (answer.mimetype, answer.data) == (mime, data)
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
