"""Workbooks of Excel: the values of one sheet as text; no formula is worked out, no link followed.

Sizes are bounded before anything is unpacked (zip bombs), rows and columns while they are read.
"""

import re
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, time
from functools import partial
from io import BytesIO
from itertools import count
from typing import Any, TypeVar

from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from app.errors import Invalid
from app.imports.reading import MOST_COLUMNS, MOST_ROWS, Line

UNPACKED = 100_000_000
"""Bytes that a workbook may have when it is unpacked."""

T = TypeVar("T")

_HOW: dict[str, Any] = {"read_only": True, "data_only": True, "keep_links": False}
_PARTS = 2_000
_PROBED = 50
_ZEROS = re.compile(r'(?P<plus>"?\+"?|\\\+)?(?P<zeros>[0 #\-\\]*0)')


def check(data: bytes) -> None:
    """Raises Invalid where this is no workbook, or a larger one than anybody has."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
        raise Invalid("file", "the workbook is damaged") from error
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names:
        if "content.xml" in names:
            raise Invalid("file", "it is a LibreOffice file; save it as .xlsx or .csv first")
        raise Invalid("file", "it is a ZIP archive; unpack it first")
    if len(parts) > _PARTS or sum(part.file_size for part in parts) > UNPACKED:
        raise Invalid("file", f"it unpacks to more than {UNPACKED // 1_000_000} MB")


def sheets(data: bytes) -> tuple[str, ...]:
    """The names of the sheets with cells. Raises Invalid."""
    with _opened(data) as book:
        names = tuple(sheet.title for sheet in book.worksheets)
    if not names:
        raise Invalid("file", "there is no sheet with cells in it")
    return names


def guess_sheet(data: bytes) -> str:
    """The first sheet that says something near its top, else the first."""
    names = sheets(data)
    return next((name for name in names if next(_lines(data, name, _PROBED), None)), names[0])


def lines(data: bytes, sheet: str) -> Iterator[Line]:
    """Every row of a sheet that says something. Raises Invalid."""
    return _lines(data, sheet, MOST_ROWS + 1)


def _lines(data: bytes, name: str, limit: int) -> Iterator[Line]:
    with _opened(data) as book:
        if name not in book.sheetnames:
            raise Invalid("sheet", f"there is no sheet {name!r}")
        sheet: Any = book[name]
        # What a sheet says about its own size need not be true.
        sheet.reset_dimensions()
        rows = sheet.iter_rows(max_row=limit, max_col=MOST_COLUMNS + 1)
        for number in count(1):
            row = _quietly(partial(next, rows, None))
            if row is None:
                return
            if number > MOST_ROWS:
                raise Invalid("file", f"it has more than {MOST_ROWS} rows; cut it into several")
            cells = list(map(_text, row))
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                yield Line(number, tuple(cells))


@contextmanager
def _opened(data: bytes) -> Iterator[Workbook]:
    """The workbook; whatever is wrong inside becomes Invalid."""
    check(data)
    try:
        book = _quietly(partial(load_workbook, BytesIO(data), **_HOW))
        try:
            yield book
        finally:
            book.close()
    except Invalid:
        raise
    except Exception as error:  # the library has no exception of its own for a damaged part
        raise Invalid("file", "the workbook is damaged") from error


def _quietly(act: Callable[[], T]) -> T:
    """Do this without the library's remarks on styles and dates."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return act()


def _text(cell: Any) -> str:  # noqa: ANN401 - openpyxl has several kinds of cells
    """A cell as a person reads it: numbers as their format shows them, days without a time."""
    value = cell.value
    if value is None or cell.data_type == "e":
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if type(value) is int:
        return _numbered(value, str(cell.number_format))
    return str(value).strip()


def _numbered(value: int, shown: str) -> str:
    found = _ZEROS.fullmatch(shown)
    if found is None or value < 0:
        return str(value)
    digits = str(value).zfill(found["zeros"].count("0"))
    return f"+{digits}" if found["plus"] else digits
