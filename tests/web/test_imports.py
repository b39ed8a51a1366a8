"""From a file to contacts through the browser, and back."""

from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from app.guard import IMPORT_LIMIT
from app.imports.columns import FIELDS
from app.models import AuditEvent, Consultation, Contact, Grant, Job, JobFile, WaitingFile
from app.services import contacts
from app.services.audit import OPERATOR
from app.web import import_words
from tests import factories as make
from tests.portal import BASE_URL, Portal
from tests.rooms import imports as rooms
from tests.rooms.world import World, people
from tests.web.browser import Browser, Page, target
from tests.web.conftest import signed_in


@pytest.fixture
def world(portal: Portal) -> World:
    return people(portal)


@pytest.fixture
def olga(world: World) -> Browser:
    return signed_in(world.portal, world.olga)


def send(
    world: World, browser: Browser, data: bytes, name: str = "x.csv", status: int = 303
) -> Page:
    address = rooms.upload(world)
    form: dict[str, Any] = browser.get(address).form(address) | {"source": "old phone"}
    return browser.post(address, form | {"file": (BytesIO(data), name)}, status)


def large(world: World, browser: Browser, size: int) -> TestResponse:
    """What comes of a file of this size; the client itself would keep it on a disk."""
    form = token(browser) | {"source": "old phone"}
    file = FileStorage(BytesIO(b"name\nEva\n" + b"x" * size), "x.csv")
    boundary, body = encode_multipart(form | {"file": file})
    return browser.client.open(
        rooms.upload(world),
        method="POST",
        base_url=BASE_URL,
        input_stream=BytesIO(body),
        content_length=len(body),
        content_type=f"multipart/form-data; boundary={boundary}",
    )


def token(browser: Browser) -> dict[str, str]:
    return {"csrf_token": browser.get("/account").form("/sign-out")["csrf_token"]}


def names(world: World) -> set[str]:
    with world.portal.sessions.read() as session:
        query = select(Contact.full_name).where(Contact.erased_at > world.at)
        return set(session.scalars(query))


def test_a_table_becomes_contacts_step_by_step(world: World, olga: Browser) -> None:
    where = target(send(world, olga, rooms.TABLE.encode("cp1250")).response)
    page = olga.get(where)
    assert "4 rows with contacts" in page.text
    assert "Příliš" in page.text
    where = target(olga.post(where, page.form(where) | {"act": "next"}).response)
    page = olga.get(where)
    fields = {s.attrib["name"]: chosen(s) for s in page.root.iter("select")}
    assert fields["field-3"] == "registration_number"
    assert fields["field-10"] == ""
    where = target(olga.post(where, page.form(where) | fields).response)
    page = olga.get(where)
    assert "4 in all 2 new 1 changed 0 unchanged 0 not brought back 1 cannot be used" in page.text
    assert "Columns that are not imported: Oblíbená barva." in page.text
    assert "A quotation mark of this row is never closed." in page.text
    assert names(world) == {"Karel Novotný", "Šárka Chalupová", "Ondřej Žák"}
    job = where.removesuffix("/check")
    assert target(olga.post(f"{job}/start", token(olga)).response) == job
    assert "waits for its turn" in olga.get(job).text
    rooms.worked(world, job)
    page = olga.get(job)
    assert "done" in page.text
    assert "Žluťoučký" in page.rows()[0]
    assert [row.partition(" line")[0] for row in olga.get(f"{job}?outcome=invalid").rows()] == [
        "not shown cannot be used A quotation mark of this row is never closed."
    ]
    assert "Příliš Žluťoučký" in names(world)


def chosen(select_: Any) -> str:
    return next((o.attrib["value"] for o in select_.iter("option") if "selected" in o.attrib), "")


def test_cards_are_checked_at_once_and_a_second_time_nothing_is_new(
    world: World, olga: Browser
) -> None:
    where = target(send(world, olga, rooms.CARDS.encode(), "x.vcf").response)
    assert where.endswith("/check")
    assert "3 in all 1 new" in olga.get(where).text
    olga.post(f"{where.removesuffix('check')}start", token(olga))
    rooms.worked(world, "")
    page = olga.get(target(send(world, olga, rooms.CARDS.encode(), "x.vcf").response))
    assert "0 new 0 changed 2 unchanged" in page.text
    assert "Nothing in this file is new here." in page.text
    assert not any(page.has_form(f"{where.removesuffix('check')}{act}") for act in ("start",))


def test_a_workbook_is_read_sheet_by_sheet(world: World, olga: Browser) -> None:
    book = Workbook()
    for rows in ([["name"], ["Eva"]], [["name"], ["Jan"], ["Ota"]]):
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(row)
    written = BytesIO()
    book.save(written)
    where = target(send(world, olga, written.getvalue(), "x.xlsx").response)
    page = olga.get(where)
    assert "1 row with a contact" in page.text
    olga.post(where, page.form(where) | {"sheet": "Sheet2", "header": "1", "act": "show"})
    assert "2 rows with contacts" in olga.get(where).text


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "The file is empty."),
        (b"name;phone\n", "There is no contact in this file."),
        (b"PK\x03\x04x", "The workbook is damaged."),
        (b"\x89PNG\r\n\x1a\n", "This is neither a vCard file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel file"),
        (b"name\n" + b"Eva\n" * 5_001, "more than 5 000 contacts"),
    ],
)
def test_a_file_that_is_none_is_refused_in_words(
    world: World, olga: Browser, data: bytes, says: str
) -> None:
    assert says in send(world, olga, data, status=422).text
    with world.portal.sessions.read() as session:
        assert session.scalars(select(WaitingFile.id)).all() == []


def test_a_file_and_where_it_comes_from_are_needed(world: World, olga: Browser) -> None:
    page = olga.post(rooms.upload(world), token(olga) | {"file": "words"}, 422)
    assert "Choose a file." in page.text
    assert "Write where the contacts come from." in page.text


def test_a_file_that_is_too_large_gets_a_page_with_words(world: World, olga: Browser) -> None:
    assert "A file may have 10 MB at most." in large(world, olga, IMPORT_LIMIT).text
    assert large(world, olga, IMPORT_LIMIT - 5_000).status_code == 303


def test_columns_that_name_nobody_are_not_taken(world: World, olga: Browser) -> None:
    file = rooms.sent(world, rooms.TABLE, "x.csv", is_checked=False)
    page = olga.post(f"/imports/{file}/columns", token(olga) | {"field-0": "note"}, 422)
    assert "One column at least must hold a name" in page.text
    page = olga.post(f"/imports/{file}/columns", token(olga) | {"field-0": "nonsense"}, 422)
    assert "One column at least" in page.text


def test_what_was_said_about_columns_is_remembered(world: World, olga: Browser) -> None:
    table = b"a;b\nEva;x\n"
    where = target(send(world, olga, table).response).removesuffix("read")
    said = {"field-0": "full_name", "field-1": "note"}
    olga.post(f"{where}columns", token(olga) | said)
    again = target(send(world, olga, table).response).removesuffix("read")
    page = olga.get(f"{again}columns")
    assert {s.attrib["name"]: chosen(s) for s in page.root.iter("select")} == said


def test_another_encoding_can_be_tried(world: World, olga: Browser) -> None:
    where = target(send(world, olga, rooms.TABLE.encode("cp1250")).response)
    page = olga.get(where)
    olga.post(where, page.form(where) | {"encoding": "cp852", "separator": ";", "act": "show"})
    assert "Příliš" not in olga.get(where).text
    page = olga.post(where, page.form(where) | {"encoding": "ebcdic"}, 422)
    assert "This file cannot be read." in page.text


def test_a_file_is_its_senders_alone_and_for_a_day(world: World, olga: Browser) -> None:
    file = rooms.table(world)
    with world.portal.sessions.write() as session:
        make.grant(session, world.directory, world.portal.eva, can="edit")
    eva = signed_in(world.portal, world.portal.eva)
    eva.redirect("/imports/new")
    for step in ("", "/read", "/columns", "/check"):
        eva.get(f"/imports/{file}{step}", 404)
    assert olga.redirect(f"/imports/{file}") == f"/imports/{file}/check"
    world.portal.clock.tick(hours=24)
    signed_in(world.portal, world.olga).get(f"/imports/{file}/check", 404)


def test_who_may_edit_no_more_loses_the_file_and_keeps_the_page(
    world: World, olga: Browser
) -> None:
    file, job = rooms.table(world), rooms.worked(world, rooms.begun(world))
    with world.portal.sessions.write() as session:
        for row in session.query(Grant).filter_by(user_id=world.olga.id):
            row.valid_until = world.at
    olga.get(f"/imports/{file}/check", 404)
    page = olga.get(f"/imports/{job}")
    assert "Žluťoučký" not in page.response.text
    assert page.rows()[0].startswith("not shown new")


def test_a_manager_opens_the_import_of_a_colleague(world: World, olga: Browser) -> None:
    job = rooms.worked(world, rooms.begun(world))
    with world.portal.sessions.write() as session:
        session.query(Job).one().user_id = world.portal.dana.id
    assert "Dana Cizí" in olga.get(f"/imports/{job}").text
    signed_in(world.portal, world.portal.dana).get(f"/imports/{job}")
    signed_in(world.portal, world.portal.jan).get(f"/imports/{job}", 404)


def test_who_sees_it_end_sees_its_contacts_too(world: World, olga: Browser) -> None:
    """The request began a moment before the import's last instant, and read it as done."""
    job, clock = rooms.begun(world), world.portal.clock
    clock.tick(milliseconds=5)
    rooms.worked(world, job)
    clock.tick(milliseconds=-5)
    page = olga.get(f"/imports/{job}")
    hidden = [row for row in page.rows() if row.startswith("not shown")]
    assert len(hidden) == 1, "the row that is no contact"


def test_what_names_were_shown_is_recorded(world: World, olga: Browser) -> None:
    job = rooms.worked(world, rooms.begun(world))
    olga.get(f"/imports/{job}")
    world.portal.gatherer.flush()
    with world.portal.sessions.read() as session:
        assert [
            len(c.contact_ids) for c in session.query(Consultation).filter_by(page="import")
        ] == [3]


def test_an_import_is_cancelled_in_one_press(world: World, olga: Browser) -> None:
    job = rooms.running(world)
    page = olga.get(f"/imports/{job}")
    assert "2 of 4 rows are done." in page.text
    for _ in range(2):
        olga.post(f"/imports/{job}/take-back", token(olga))
    assert "is being taken back" in olga.get(f"/imports/{job}").text
    world.portal.clock.tick(minutes=2)
    rooms.worked(world, job)
    assert "cancelled" in olga.get(f"/imports/{job}").text
    assert names(world) == {"Karel Novotný", "Šárka Chalupová", "Ondřej Žák"}


def test_an_import_is_undone_but_for_what_somebody_worked_with(world: World, olga: Browser) -> None:
    job = rooms.worked(world, rooms.begun(world))
    with world.portal.sessions.write() as session:
        row = session.query(Contact).filter_by(family="Žluťoučký").one()
        contacts.edit(session, OPERATOR, row.id, {"note": "mine"}, world.at)
    olga.post(f"/imports/{job}/take-back", token(olga))
    rooms.worked(world, job)
    page = olga.get(f"/imports/{job}")
    assert "1 contact stays" in page.text
    assert len(page.rows()) == 1
    assert "stays It was edited since." in page.rows()[0]


def test_a_running_import_is_asked_for_again_and_a_finished_one_not(
    world: World, olga: Browser
) -> None:
    job = rooms.begun(world)
    assert "every 2s" in olga.get(f"/imports/{job}").response.text
    olga.headers = {"HX-Request": "true", "HX-Request-Type": "partial"}
    part = olga.open("GET", f"/imports/{job}").text
    assert part.lstrip().startswith('<div id="import" data-hx-get=')
    rooms.worked(world, job)
    assert "data-hx-" not in olga.open("GET", f"/imports/{job}").text
    olga.headers = {}
    assert "http-equiv" not in olga.get(f"/imports/{job}").response.text


def test_a_job_on_which_nobody_works_says_so(world: World, olga: Browser) -> None:
    job = rooms.begun(world)
    assert "Nobody is working on it" not in olga.get(f"/imports/{job}").text
    world.portal.clock.tick(minutes=2)
    assert "Nobody is working on it" in olga.get(f"/imports/{job}").text
    rooms.alive(world)
    assert "Nobody is working on it" not in olga.get(f"/imports/{job}").text


def test_a_job_that_failed_says_why(world: World, olga: Browser) -> None:
    job = rooms.begun(world)
    with world.portal.sessions.write() as session:
        session.query(JobFile).one().bytes = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        row = session.query(Job).one()
        row.arguments = {**row.arguments, "reading": {"kind": "xlsx", "sheet": "x"}}
    rooms.worked(world, job)
    page = olga.get(f"/imports/{job}")
    assert "The import did not come to its end" in page.text
    assert "The workbook is damaged." in page.text


def test_a_file_is_forgotten_in_one_press(world: World, olga: Browser) -> None:
    file = rooms.table(world)
    where = target(olga.post(f"/imports/{file}/drop", token(olga)).response)
    assert "The file is gone; nothing was imported." in olga.get(where).text
    olga.get(f"/imports/{file}/check", 404)
    with world.portal.sessions.read() as session:
        assert session.query(AuditEvent).filter_by(action="import.drop").count() == 1


def test_a_long_list_of_rows_has_pages(world: World, olga: Browser) -> None:
    table = "name\n" + "".join(f"Eva {n:03d}\n" for n in range(60))
    file = rooms.sent(world, table, "x.csv")
    page = olga.get(f"/imports/{file}/check")
    assert len(page.rows()) == 50
    assert len(olga.get(page.links()["Next"]).rows()) == 10
    olga.post(f"/imports/{file}/start", token(olga))
    rooms.worked(world, file)
    page = olga.get(f"/imports/{file}?outcome=created")
    assert len(page.rows()) == 50
    assert len(olga.get(page.links()["Next"]).rows()) == 10


def test_numbers_of_addresses_that_are_none_are_passed_over(world: World, olga: Browser) -> None:
    file = rooms.table(world)
    for odd in ("-1", "x", "9" * 30, "²"):
        assert len(olga.get(f"/imports/{file}/check?from={odd}&outcome=x").rows()) == 4


def test_the_list_under_the_form_holds_what_one_may_open(world: World, olga: Browser) -> None:
    where = rooms.form(world)
    assert olga.get(where).rows() == [
        "Starý telefon 3 May 2026, 14:00 Olga Králová done 2 new contacts"
    ]


def test_steps_that_do_not_fit_lead_on(world: World, olga: Browser) -> None:
    cards, unchecked = rooms.cards(world), rooms.sent(world, rooms.TABLE, "x.csv", is_checked=False)
    for step in ("read", "columns"):
        assert olga.redirect(f"/imports/{cards}/{step}") == f"/imports/{cards}/check"
    assert olga.redirect(f"/imports/{unchecked}") == f"/imports/{unchecked}/read"
    assert olga.redirect(f"/imports/{unchecked}/check") == f"/imports/{unchecked}/read"
    broken_off = rooms.sent(world, rooms.CARDS, "x.vcf", is_checked=False)
    assert olga.redirect(f"/imports/{broken_off}/check") == f"/imports/{broken_off}/read"
    home = f"/directories/{world.directory.slug}/import"
    assert olga.redirect(f"/imports/{broken_off}/read") == home
    answer = olga.post(f"/imports/{unchecked}/start", token(olga))
    assert target(answer.response) == f"/imports/{unchecked}/read"


def test_every_field_has_its_words(portal: Portal) -> None:
    with portal.app.test_request_context("/"):
        said = [text for _, group in import_words.field_groups() for _, text in group]
        assert len(said) == len(set(said)) == len(FIELDS)
        assert import_words.reason("The card at line 7 has the same UID.").endswith("same UID.")
        assert import_words.reason("something new") == "something new"


def test_one_directory_alone_is_not_asked_for(world: World, olga: Browser) -> None:
    form = f"/directories/{world.directory.slug}/import"
    assert olga.redirect("/imports/new") == form
    olga.get(rooms.several(world))
