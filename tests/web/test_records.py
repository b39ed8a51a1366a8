"""The record of a taking back: the page and the paper say the same, and what is known."""

from contextlib import closing

import pypdfium2
import pytest

from app.services.audit import OPERATOR
from app.services.people import enable_user
from tests.portal import Portal
from tests.rooms import leaving, projects
from tests.rooms.world import World, people
from tests.web.browser import Browser
from tests.web.conftest import signed_in


@pytest.fixture
def world(portal: Portal) -> World:
    return people(portal)


@pytest.fixture
def olga(world: World) -> Browser:
    return signed_in(world.portal, world.olga)


def sheets(data: bytes) -> list[str]:
    """The words of each page."""
    with closing(pypdfium2.PdfDocument(data)) as document:
        return [" ".join(sheet.get_textpage().get_text_range().split()) for sheet in document]


def test_the_page_says_what_each_phone_proved_and_who_pressed(world: World, olga: Browser) -> None:
    page = olga.get(leaving.half_back(world).replace("take-back", "record"))
    assert page.heading == "Record of taking back: Eva Nováková"
    assert "Account disabled 22 Apr 2026, 14:00" in page.text
    assert "By Adam Správný" in page.text
    assert "Why konec pracovního poměru" in page.text
    old, cut, told, confirmed = page.rows()
    assert old == (
        "Eva Nováková starý telefon 3 contacts unreachable since 21 Apr 2026, 14:00"
        "last heard from 21 Apr 2026, 14:00"
        "confirmed by 0 of 1 program that reads with its password"
    )
    assert "cut off 2 May 2026, 15:20, not confirmed" in cut
    assert "told 2 May 2026, 15:20, not confirmed" in told
    assert "confirmed 22 Apr 2026, 15:20told 22 Apr 2026, 15:10" in confirmed
    assert "confirmed by 1 of 1 program" in confirmed
    assert "deleted" not in page.text
    assert "Novotný" not in page.text


def test_the_paper_says_the_same_and_is_always_the_same(world: World, olga: Browser) -> None:
    address = leaving.half_back(world).replace("take-back", "record")
    answer = olga.open("GET", f"{address}.pdf")
    assert answer.headers["Content-Disposition"] == (
        f'attachment; filename="record-person-{world.portal.eva.id}.pdf"'
    )
    assert answer.headers["Cache-Control"] == "no-store"
    (words,) = sheets(answer.data)
    for said in ("starý telefon", "unreachable since 21 Apr 2026, 14:00", "page 1 of 1"):
        assert said in words
    assert "Stavby Morava · Record of 3 May" in words
    assert "Novotný" not in words
    assert olga.open("GET", f"{address}.pdf").data == answer.data
    world.portal.clock.tick(minutes=1)
    assert olga.open("GET", f"{address}.pdf").data != answer.data


def test_the_paper_is_in_the_language_of_its_reader(world: World, olga: Browser) -> None:
    address = leaving.half_back(world).replace("take-back", "record.pdf")
    olga.headers = {"Accept-Language": "cs"}
    (words,) = sheets(olga.open("GET", address).data)
    assert words.startswith("Záznam o stahování zpět: Eva Nováková")
    assert "nedostupné od 21. 4. 2026, 14:00" in words
    assert "strana 1 z 1" in words


def test_a_project_has_one_too_on_as_many_sheets_as_it_takes(world: World, olga: Browser) -> None:
    address = projects.all_back(world).replace("take-back", "record")
    page = olga.get(address)
    assert "Everything has been taken back, confirmed 3 May 2026, 13:40." in page.text
    assert "The end was set by the date that was set when it began" in page.text
    assert len(page.rows()) == 26
    pages = sheets(olga.open("GET", f"{address}.pdf").data)
    assert len(pages) > 1
    assert f"page {len(pages)} of {len(pages)}" in pages[-1]


def test_who_ended_a_project_stands_on_its_record(world: World, olga: Browser) -> None:
    address = f"/projects/{world.project.slug}"
    assert olga.redirect(f"{address}/record") == f"{address}/end"
    assert olga.redirect(f"{address}/record.pdf") == f"{address}/end"
    token = olga.get(f"{address}/end").form("/sign-out")
    olga.post(f"{address}/end", token | {"on": "", "note": "hotovo"})
    page = olga.get(f"{address}/record")
    assert "The end was set by Olga Králová, on 3 May 2026, 14:00" in page.text
    assert "Why hotovo" in page.text
    assert "There was nothing on any phone." in page.text


def test_there_is_no_record_of_who_is_here(world: World, olga: Browser) -> None:
    address = f"/people/{world.portal.eva.id}"
    for rest in ("record", "record.pdf", "take-back"):
        assert olga.redirect(f"{address}/{rest}") == f"{address}/leave"
    leaving.leaves(world, world.portal.eva)
    assert olga.redirect(f"{address}/leave") == f"{address}/take-back"
    page = olga.get(f"{address}/record")
    assert "By the operator at the server" in page.text
    with world.portal.sessions.write() as session:
        enable_user(session, OPERATOR, world.portal.eva.id, world.portal.clock.tick(hours=1))
    assert "May sign in again since 3 May 2026, 15:00" in olga.get(f"{address}/record").text


def test_what_was_handed_over_stands_on_the_record(world: World, olga: Browser) -> None:
    address = leaving.orphaned(world)
    olga.submit(
        olga.get(address), address.replace("take-back", "leave"), heir=str(world.portal.jan.id)
    )
    assert "Contacts that nobody looks after" not in olga.get(address).text
    page = olga.get(address.replace("take-back", "record"))
    assert "Handed over 2 contacts, to: Jan Dvořák" in page.text
