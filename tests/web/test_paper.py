"""The desk of papers in a browser: a batch is brought in, one is read, what is wrong is said."""

from io import BytesIO

import pytest
from sqlalchemy import select

from app.models import ConsentEvent, PaperPad, PaperScan
from app.services import paper_serials
from tests.portal import BASE_URL, Portal
from tests.rooms.paper import bring, printed
from tests.rooms.world import World, people
from tests.services.papering import code, scan, serials
from tests.web.browser import Browser, Page, target
from tests.web.conftest import signed_in

ABSENT = paper_serials.written(999_999)
"""The number of a blank that was never printed."""


@pytest.fixture
def world(portal: Portal) -> World:
    return people(portal)


@pytest.fixture
def olga(world: World) -> Browser:
    return signed_in(world.portal, world.olga)


def upload(olga: Browser, files: dict[str, bytes], status: int, **typed: str) -> Page:
    page = olga.get("/paper/counter/scans")
    form = page.form("/paper/counter/scans") | {"kind": "form", "serial": "", "place": ""} | typed
    sent = [(BytesIO(data), name) for name, data in files.items()]
    answer = olga.client.open(
        "/paper/counter/scans",
        method="POST",
        base_url=BASE_URL,
        data={key: value for key, value in form.items() if key != "file"} | {"file": sent},
        content_type="multipart/form-data",
    )
    return olga.page(answer, status)


def blanks(world: World) -> tuple[list[str], list[bytes]]:
    """The numbers of a new pad, and scans of its first two."""
    pad = printed(world, 4)
    with world.portal.sessions.read() as session:
        row = session.scalars(select(PaperPad).where(PaperPad.public_id == pad)).one()
        numbers = serials(session, row)
        return numbers, [scan(code(session, row, one)) for one in numbers[:2]]


def scans(world: World) -> list[PaperScan]:
    with world.portal.sessions.read() as session:
        return list(session.scalars(select(PaperScan).order_by(PaperScan.id)))


def test_a_batch_is_matched_by_itself_and_what_is_wrong_is_named(
    world: World, olga: Browser
) -> None:
    _, (first, second) = blanks(world)
    upload(olga, {"a.jpg": first}, 303)
    files = {"a.jpg": first, "b.jpg": second, "c.txt": b"no scan", "d.pdf": b"%PDF-1.7"}
    page = upload(olga, files, 422)
    assert "a.jpg: this scan or this blank came in before" in page.text
    assert "c.txt: a picture (JPEG, PNG, HEIC) or a PDF" in page.text
    assert "2 other papers were taken in" in page.text
    assert [one.paper_form_id is not None for one in scans(world)] == [True, True, False]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({}, "Choose a scan"),
        ({"place": "binder", "serial": "1234567"}, "not the number of a blank"),
        ({"place": "binder", "serial": ABSENT}, "no blank of this place"),
    ],
)
def test_what_cannot_be_brought_in(
    world: World, olga: Browser, typed: dict[str, str], words: str
) -> None:
    printed(world)
    assert words in upload(olga, {}, 422, **typed).text
    assert scans(world) == []


def test_a_paper_is_opened_read_and_recorded(world: World, olga: Browser) -> None:
    address = f"/scans/{bring(world, printed(world), None)}"
    with world.portal.sessions.read() as session:
        numbers = serials(session, session.scalars(select(PaperPad)).one())
    opened = target(olga.submit(olga.get(address), f"{address}/look").response)
    shown = olga.get(opened)
    picture = next(
        image.attrib["src"] for image in shown.root.iter("img") if "/file" in image.get("src", "")
    )
    assert olga.open("GET", picture).mimetype == "image/jpeg"
    number = opened.replace(address, f"{address}/number")
    for typed, words in (("1", "not the number"), (ABSENT, "No blank of this place")):
        assert words in olga.submit(shown, number, 422, serial=typed).text
    assert target(olga.submit(shown, number, serial=numbers[0]).response) == opened
    form = olga.get(opened)
    who = {"given": "Jana", "family": "Malá", "email": "jana@example.org"}
    day = world.at.date().isoformat()
    sms = form.form(opened)["boxes"]
    box = sms.replace("sms", "email")
    for said, words in (
        ({"family": "Malá"}, "Tick what is ticked"),
        (who | {"boxes": box, "day": "2030-01-01", "is_signed": "y"}, "not come yet"),
        (who | {"boxes": box, "day": "2020-01-01", "is_signed": "y"}, "printed after this day"),
        (who | {"boxes": sms, "day": day, "is_signed": "y"}, "needs a phone number"),
        (who | {"boxes": box, "day": day, "family": "", "given": "", "is_signed": "y"}, "the name"),
    ):
        token = {"csrf_token": form.form(opened)["csrf_token"]}
        assert words in olga.post(opened, token | said, 422).text
    signed = who | {"boxes": box, "day": day, "is_signed": "y"}
    olga.post(opened, {"csrf_token": form.form(opened)["csrf_token"]} | signed)
    with world.portal.sessions.read() as session:
        (event,) = session.scalars(select(ConsentEvent)).all()
        assert (event.type.value, event.point_value) == ("given", "jana@example.org")
    assert "consent recorded" in olga.get(address).text
    assert (
        olga.open(
            "POST", opened, {"csrf_token": form.form(opened)["csrf_token"]} | signed
        ).status_code
        == 409
    )


def test_nobody_is_asked_in_a_language_without_a_notice(world: World, olga: Browser) -> None:
    printed(world)
    address = "/paper/counter/blanks"
    page = olga.get(address)
    assert "no published notice" in olga.submit(page, address, 422, language="bg").text
    assert "1 to 200" in olga.submit(page, address, 422, count="0", language="cs").text
