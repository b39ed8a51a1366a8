"""Rows of a table into drafts, by the field of each column."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.cards.card import Address, Draft, Point
from app.cards.dates import birthday
from app.cards.labels import named_label
from app.cards.points import has_remark, split_emails, split_phones
from app.cards.read import Record, with_kind
from app.cards.sheet import LINE_LENGTH, TEXT_LENGTH, Problem
from app.imports.columns import LABEL_OF_LAST, LABEL_OF_NEXT, TEXTS
from app.imports.reading import Line

_SEVERAL = " ::: "
"""What Google writes between several values in one cell."""

_PROTECTED = re.compile("(^|[;\t\r\n])'(?='*[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20])")
_NO_DAY = re.compile(r"0+[./-]0+[./-]0+|1900-01-00")
_SHOWN = 60
_UID_LENGTH = 255


@dataclass(frozen=True, slots=True)
class PointColumn:
    """A column with phones, addresses of mail or the like; `label_in` says what they are for."""

    kind: str
    label: str
    column: int
    label_in: int | None


@dataclass(frozen=True, slots=True)
class AddressColumns:
    """The columns that make one postal address, by its parts."""

    label: str
    label_in: int | None
    parts: dict[str, list[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """Which columns make which part of a contact."""

    texts: dict[str, list[int]]
    points: tuple[PointColumn, ...]
    addresses: tuple[AddressColumns, ...]

    @classmethod
    def of(cls, fields: Sequence[str]) -> "Plan":
        """The plan for these columns. A part that comes again begins another address."""
        texts: dict[str, list[int]] = {}
        points: list[PointColumn] = []
        addresses: list[AddressColumns] = []
        for column, name in enumerate(fields):
            kind, _, rest = name.partition(":")
            if kind in TEXTS:
                texts.setdefault(kind, []).append(column)
            elif kind == "address":
                _place(addresses, fields, column, rest)
            elif kind in {"phones", "emails", "urls", "ims"}:
                points.append(PointColumn(kind, rest, column, _labelled_by(fields, column)))
        return cls(texts, tuple(points), tuple(addresses))

    def record(self, line: Line) -> Record:
        """What becomes of one row."""
        if line.problem:
            return Record(line.number, None, line.problem, ())
        row = _Row(line.cells)
        texts: dict[str, Any] = {name: row.joined(name, at) for name, at in self._plain()}
        draft = self._finished(row, Draft(**texts, **self._lists(row)))
        if not draft.shown_name():
            return Record(line.number, None, Problem.EMPTY, tuple(row.notes))
        is_firm = row.joined("kind", self.texts.get("kind", ())).lower() == "organisation"
        return Record(line.number, with_kind(draft, is_company=is_firm), "", tuple(row.notes))

    def _plain(self) -> Iterator[tuple[str, Sequence[int]]]:
        return ((n, at) for n, at in self.texts.items() if n not in {"kind", "categories"})

    def _lists(self, row: "_Row") -> dict[str, Any]:
        said: dict[str, Any] = {}
        for kind in ("phones", "emails", "urls", "ims"):
            found = (p for column in self.points if column.kind == kind for p in row.points(column))
            said[kind] = tuple(dict.fromkeys(found))
        places = (row.address(columns) for columns in self.addresses)
        said["addresses"] = tuple(dict.fromkeys(a for a in places if a != Address(a.label)))
        said["categories"] = row.categories(self.texts.get("categories", ()))
        return said

    def _finished(self, row: "_Row", draft: Draft) -> Draft:
        """The draft with a day of birth that is one, and a name of the other program."""
        said = draft.birthday
        day = birthday(said)
        if said and not day and not _NO_DAY.fullmatch(said):
            row.notes.append(f"Not a date of birth: {said[:_SHOWN]}")
        return replace(draft, birthday=day, source_uid=draft.source_uid[:_UID_LENGTH])


class _Row:
    """The cells of one row, and notes on what is not taken from them."""

    def __init__(self, cells: Sequence[str]) -> None:
        self.notes: list[str] = []
        self._cells = cells

    def joined(self, name: str, columns: Iterable[int]) -> str:
        """The text of a field; of several columns one behind the other."""
        if name == "note":
            return self._cut("\n".join(filter(None, map(self._raw, columns))), TEXT_LENGTH)
        return self._cut(", ".join(filter(None, map(self._line, columns))), LINE_LENGTH)

    def points(self, column: PointColumn) -> Iterator[Point]:
        """The points in a cell, which may hold several."""
        label, is_preferred = column.label, False
        if column.label_in is not None:
            said = self._line(column.label_in)
            is_preferred = said.startswith("* ")
            label = named_label(said.removeprefix("* ")) or label
        for text in self._raw(column.column).split(_SEVERAL):
            for value in self._values(column.kind, text):
                yield Point(value, label, is_preferred)
                is_preferred = False

    def address(self, columns: AddressColumns) -> Address:
        """One postal address."""
        label = columns.label
        if columns.label_in is not None:
            label = named_label(self._line(columns.label_in).removeprefix("* ")) or label
        parts = {
            part: self._cut(", ".join(filter(None, map(self._raw, places))), LINE_LENGTH)
            for part, places in columns.parts.items()
        }
        return Address(label, **parts)

    def categories(self, columns: Iterable[int]) -> tuple[str, ...]:
        """The categories; Google's own groups, which begin with a star, are none."""
        text = "\n".join(self._raw(column).replace(_SEVERAL, "\n") for column in columns)
        found = (" ".join(name.split()) for name in re.split("[;\n]", text))
        return tuple(dict.fromkeys(name for name in found if name and not name.startswith("* ")))

    def _values(self, kind: str, text: str) -> Iterator[str]:
        line = self._cut(" ".join(text.split()), LINE_LENGTH)
        if kind == "phones":
            numbers = split_phones(self._cut("\n".join(text.split("\n")), LINE_LENGTH))
            if has_remark(line, numbers):
                self.notes.append(f"A remark beside a phone was left out: {line}")
            yield from numbers
        elif kind == "emails":
            yield from split_emails(line)
        else:
            yield line

    def _raw(self, column: int) -> str:
        """A cell without the apostrophes that keep a table from taking it for a formula."""
        cell = self._cells[column] if column < len(self._cells) else ""
        return _PROTECTED.sub(r"\1", cell).strip()

    def _line(self, column: int) -> str:
        return " ".join(self._raw(column).split())

    def _cut(self, text: str, length: int) -> str:
        if len(text) > length:
            shown = " ".join(text[:_SHOWN].split())
            self.notes.append(f"Too long, cut to {length} characters: {shown}")
        return text[:length].strip()


def _place(addresses: list[AddressColumns], fields: Sequence[str], column: int, rest: str) -> None:
    """Add a column to the address that it belongs to."""
    place, _, part = rest.partition(":")
    label_in = _labelled_by(fields, column)
    last = next((a for a in reversed(addresses) if a.label == place), None)
    is_new = last is None or label_in is not None or (part in last.parts and part != "extended")
    if last is None or is_new:
        last = AddressColumns(place, label_in)
        addresses.append(last)
    last.parts.setdefault(part, []).append(column)


def _labelled_by(fields: Sequence[str], column: int) -> int | None:
    """The column that says what this one is for; columns that are not imported do not count."""
    before = next((n for n in range(column - 1, -1, -1) if fields[n]), None)
    if before is not None and fields[before] == LABEL_OF_NEXT:
        return before
    behind = next((n for n in range(column + 1, len(fields)) if fields[n]), None)
    return behind if behind is not None and fields[behind] == LABEL_OF_LAST else None
