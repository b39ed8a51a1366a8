"""Workbooks: values as a person reads them, and nothing that a workbook can do."""

import zipfile
from datetime import date, datetime
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from app.errors import Invalid
from app.imports import files, xlsx_table
from app.imports.reading import MOST_COLUMNS, FileKind


def book(*sheets: list[list[Any]], formats: dict[str, str] | None = None) -> bytes:
    workbook = Workbook()
    workbook.remove(workbook.worksheets[0])
    for number, rows in enumerate(sheets):
        sheet = workbook.create_sheet(f"List {number + 1}")
        for row in rows:
            sheet.append(row)
        for place, shown in (formats or {}).items():
            sheet[place].number_format = shown
    written = BytesIO()
    workbook.save(written)
    return written.getvalue()


def cells(data: bytes) -> list[tuple[str, ...]]:
    return [line.cells for line in xlsx_table.lines(data, xlsx_table.guess_sheet(data))]


def rewritten(data: bytes, name: str, text: bytes) -> bytes:
    """The workbook with another text in one of its parts."""
    written = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(written, "w") as new:
        for part in old.namelist():
            new.writestr(part, text if part == name else old.read(part))
    return written.getvalue()


def test_a_workbook_becomes_contacts() -> None:
    data = book([["Jméno", "Příjmení", "Mobil", "PSČ"], ["Žofie", "Šťastná", 605203938, 60200]])
    reading = files.guess(data)
    assert (reading.kind, reading.sheet, reading.header) == (FileKind.XLSX, "List 1", 1)
    (record,) = files.records(data, reading.as_data())
    assert record.draft is not None
    assert (record.line, record.draft.phones[0].value) == (2, "605203938")
    assert record.draft.addresses[0].postcode == "60200"
    assert files.count(data, reading) == 1


def test_values_are_text_as_a_person_reads_it() -> None:
    then = datetime(1980, 3, 22, 14, 5)  # noqa: DTZ001 - as workbooks have them
    row = [777123456.0, 1.5, date(1980, 3, 22), then, True, " x ", None]
    assert cells(book([row])) == [
        ("777123456", "1.5", "1980-03-22", "1980-03-22 14:05:00", "True", "x")
    ]


def test_zeros_and_a_plus_that_only_the_format_shows_are_kept() -> None:
    shown = {"A1": "00000", "B1": "000 00", "C1": '"+"0', "D1": "General", "E1": "00"}
    data = book([[2500, 2500, 420777123456, 7, -5]], formats=shown)
    assert cells(data) == [("02500", "02500", "+420777123456", "7", "-5")]


def test_a_formula_is_never_worked_out() -> None:
    data = book([["name", '=HYPERLINK("https://example.org")', "=1+1"]])
    assert cells(data) == [("name",)]


def test_the_first_sheet_that_says_something_is_taken_and_another_may_be() -> None:
    data = book([[None]], [["name"], ["Eva"]], [["name"], ["Jan"]])
    reading = files.guess(data)
    assert reading.sheet == "List 2"
    assert xlsx_table.sheets(data) == ("List 1", "List 2", "List 3")
    (record,) = files.records(data, reading.as_data() | {"sheet": "List 3"})
    assert record.draft is not None
    assert record.draft.full_name == "Jan"
    with pytest.raises(Invalid, match="no sheet"):
        list(xlsx_table.lines(data, "List 9"))


def test_blank_rows_do_not_count_and_lines_are_those_of_the_sheet() -> None:
    data = book([["name"], [None], ["Eva"]])
    (record,) = files.records(data, files.guess(data).as_data())
    assert record.line == 3


def test_what_a_sheet_says_about_its_size_is_not_believed() -> None:
    data = book([["name"], ["Eva"]])
    sheet = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(BytesIO(data)) as archive:
        text = archive.read(sheet)
    huge = rewritten(data, sheet, text.replace(b'ref="A1:A2"', b'ref="A1:XFD1048576"'))
    assert cells(huge) == [("name",), ("Eva",)]
    far = rewritten(data, sheet, text.replace(b'"A2"', b'"XFD2"'))
    assert all(len(row) <= MOST_COLUMNS + 1 for row in cells(far))


def test_more_rows_than_anybody_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_table, "MOST_ROWS", 3)
    with pytest.raises(Invalid, match="3 rows"):
        cells(book([["x"]] * 4))


def test_a_workbook_that_would_fill_the_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = book([["x"]])
    monkeypatch.setattr(xlsx_table, "UNPACKED", 1_000)
    with pytest.raises(Invalid, match="unpacks"):
        cells(data)


@pytest.mark.parametrize("entity", ['<!ENTITY a "b">', '<!ENTITY a SYSTEM "file:///etc/passwd">'])
def test_entities_are_refused(entity: str) -> None:
    text = f"<!DOCTYPE x [{entity}]><worksheet><sheetData>&a;</sheetData></worksheet>"
    with pytest.raises(Invalid, match="damaged"):
        cells(rewritten(book([["x"]]), "xl/worksheets/sheet1.xml", text.encode()))


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"a.vcf": b""}, "ZIP"),
        ({"content.xml": b""}, "LibreOffice"),
        ({"xl/workbook.xml": b"<"}, "damaged"),
    ],
)
def test_another_archive_is_named(parts: dict[str, bytes], says: str) -> None:
    written = BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    with pytest.raises(Invalid, match=says):
        files.guess(written.getvalue())


SOUND = book([["name", "phone"], ["Eva", 605203938]])


@given(st.integers(0, len(SOUND) - 1), st.binary(min_size=1, max_size=9))
@settings(max_examples=60, deadline=None)
def test_a_damaged_workbook_is_read_or_refused(place: int, junk: bytes) -> None:
    data = SOUND[:place] + junk + SOUND[place + len(junk) :]
    try:
        reading = files.guess(data)
        list(files.records(data, reading.as_data()))
    except Invalid:
        pass
