"""A file with contacts, whatever it is: guessed, counted, read into records."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from app.cards.read import Record
from app.errors import Invalid
from app.imports import columns, csv_table, vcf, xlsx_table
from app.imports.reading import MOST_COLUMNS, FileKind, Line, Reading
from app.imports.rows import Plan

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_PICTURES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"{\\rtf")
_SEARCHED_FOR_HEADER = 5
_SAMPLES = 20
_PREVIEWED = 4
_SEARCHED_FOR_LETTERS = 500
_DIGITS = 6

Known = Callable[[tuple[str, ...]], tuple[str, ...] | None]
"""What somebody said before about the columns of a table with this header."""


def kind_of(data: bytes) -> FileKind:
    """What the file is, by what stands in it. Raises Invalid where it can hold no contacts."""
    if not data.strip(b"\t\r\n \xef\xbb\xbf"):
        raise Invalid("file", "it is empty")
    if len(data) > vcf.LIMIT:
        raise Invalid("file", f"it has more than {vcf.LIMIT // 1_000_000} MB; cut it into several")
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise Invalid("file", "it is locked with a password; save it without one")
        raise Invalid("file", "it is of the old kind .xls; save it as .xlsx or .csv first")
    if data.startswith(_ZIP):
        xlsx_table.check(data)
        return FileKind.XLSX
    if vcf.is_vcard(data):
        return FileKind.VCARD
    if data.startswith(_PICTURES) or csv_table.is_binary(data):
        raise Invalid("file", "it is neither a vCard file nor a table")
    return FileKind.CSV


def guess(data: bytes, known: Known = lambda _header: None) -> Reading:
    """How to read a file, and what its columns hold. Raises Invalid."""
    kind = kind_of(data)
    if kind is FileKind.VCARD:
        vcf.check(data)
        return Reading(kind)
    if kind is FileKind.XLSX:
        return with_columns(data, Reading(kind, sheet=xlsx_table.guess_sheet(data)), known)
    encoding = csv_table.guess_encoding(data)
    separator = csv_table.guess_separator(csv_table.text_of(data, encoding))
    return with_columns(data, Reading(kind, encoding, separator), known)


def with_columns(
    data: bytes, reading: Reading, known: Known = lambda _header: None, header: int | None = None
) -> Reading:
    """The reading with its header, guessed where it is None, and the fields of the columns."""
    top = [line.cells for line in islice(lines(data, reading), _SEARCHED_FOR_HEADER)]
    found = _guess_header(top) if header is None else header
    reading = replace(reading, header=found)
    names = header_of(data, reading)
    if len(names) > MOST_COLUMNS:
        raise Invalid("file", f"it has more than {MOST_COLUMNS} columns")
    fields = known(names) or columns.guess(names)
    return replace(reading, fields=(*fields, *[""] * len(names))[: len(names)])


def lines(data: bytes, reading: Reading) -> Iterator[Line]:
    """Every row of a table that says something, the header among them. Raises Invalid."""
    if reading.kind is FileKind.XLSX:
        return xlsx_table.lines(data, reading.sheet)
    if reading.separator not in csv_table.SEPARATORS:
        raise Invalid("separator", f"{reading.separator!r} is none")
    return csv_table.lines(csv_table.text_of(data, reading.encoding), reading.separator)


def header_of(data: bytes, reading: Reading) -> tuple[str, ...]:
    """The names of the columns; numbers where no row has them."""
    top = list(islice(lines(data, reading), max(reading.header, _SAMPLES)))
    if 0 < reading.header <= len(top):
        cells = [" ".join(cell.split()) for cell in top[reading.header - 1].cells]
        while cells and not cells[-1]:
            cells.pop()
        return tuple(cells)
    return tuple(str(n) for n in range(1, max((len(one.cells) for one in top), default=0) + 1))


def samples(data: bytes, reading: Reading, count: int = 3) -> list[tuple[str, ...]]:
    """The cells of the first rows below the header."""
    return [
        line.cells for line in islice(lines(data, reading), reading.header, reading.header + count)
    ]


def preview(data: bytes, reading: Reading) -> list[Line]:
    """The first rows, and behind them some with letters that another encoding would spoil."""
    first = list(islice(lines(data, reading), _PREVIEWED))
    more = islice(lines(data, reading), _PREVIEWED, _SEARCHED_FOR_LETTERS)
    telling = (line for line in more if not "".join(line.cells).isascii())
    return first + list(islice(telling, _PREVIEWED))


def left_out(data: bytes, reading: Reading) -> tuple[str, ...]:
    """The names of the columns that hold something and are not imported."""
    if reading.kind is FileKind.VCARD:
        return ()
    names, empty = header_of(data, reading), set()
    empty = {place for place, field in enumerate(reading.fields) if not field}
    used: set[int] = set()
    for line in islice(lines(data, reading), reading.header, None):
        used |= {place for place in empty - used if "".join(line.cells[place : place + 1]).strip()}
        if used == empty:
            break
    return tuple(names[place] or str(place + 1) for place in sorted(used))


def records(data: bytes, said: Mapping[str, Any]) -> Iterator[Record]:
    """A record for every card or row of a file that is read as this says. Raises Invalid."""
    reading = Reading.of(said)
    if reading.kind is FileKind.VCARD:
        return vcf.records(data)
    return _rows(data, reading)


def count(data: bytes, reading: Reading) -> int:
    """How many records there will be. Raises Invalid."""
    if reading.kind is FileKind.VCARD:
        return vcf.count(data)
    return sum(1 for _ in islice(lines(data, reading), reading.header, None))


def _rows(data: bytes, reading: Reading) -> Iterator[Record]:
    plan, width = Plan.of(reading.fields), len(reading.fields)
    for line in islice(lines(data, reading), reading.header, None):
        record = plan.record(line)
        more = [cell.strip() for cell in line.cells[width:] if cell.strip()]
        if more:
            note = f"Left out, for there is no column for it: {', '.join(more)[:100]}"
            record = replace(record, notes=(*record.notes, note))
        yield record


def _guess_header(top: list[tuple[str, ...]]) -> int:
    """The row with the most known names; else the first, unless it looks like a contact."""
    known = [sum(map(bool, columns.guess(cells))) for cells in top]
    if any(known):
        return known.index(max(known)) + 1
    looks_like_data = any(
        "@" in cell or sum(map(str.isdigit, cell)) >= _DIGITS for cell in (top or [()])[0]
    )
    return 0 if looks_like_data or not top else 1
