"""Files of answers: what a provider of text messages or another system says that people said.

A table as CSV, the first line with the names of the columns. Names are known in several
languages; others can be mapped.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.errors import Invalid

MOST_ROWS = 5_000
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "number": ("number", "msisdn", "phone", "číslo", "telefon", "numer", "номер"),
    "email": ("email", "e-mail", "mail"),
    "text": ("text", "message", "zpráva", "sms", "treść", "текст"),
    "time": ("time", "date", "day", "čas", "datum", "czas", "data", "дата"),
    "short_code": ("short code", "shortcode", "short_code", "krátké číslo"),
    "original": ("original", "evidence", "doklad", "originál"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """One row: `line` is that of the file, the first after the names is 2."""

    line: int
    values: Mapping[str, str]

    def get(self, name: str) -> str:
        """What stands in a column of COLUMNS; "" where there is none."""
        return self.values.get(name, "")


def read(data: bytes, mapping: Mapping[str, str] | None = None) -> Sequence[Answer]:
    """The rows; `mapping` says which column is which (column of ours -> name in the file).

    Raises Invalid for what is no such table, names a column that is not there, or is too long.
    """
    text = _text(data)
    first = text.partition("\n")[0]
    mark = max(";,\t", key=first.count)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
    names = [name.strip().casefold() for name in rows[0]] if rows else []
    places = _places(names, mapping or {})
    if not {"number", "email"} & set(places):
        raise Invalid("file", "no column is a number or an e-mail address")
    if len(rows) - 1 > MOST_ROWS:
        raise Invalid("file", f"more than {MOST_ROWS} rows: cut it into several files")
    return [
        Answer(line, {name: row[at].strip() for name, at in places.items() if at < len(row)})
        for line, row in enumerate(rows[1:], 2)
        if any(cell.strip() for cell in row)
    ]


def _places(names: Sequence[str], mapping: Mapping[str, str]) -> dict[str, int]:
    places = {}
    for ours, known in COLUMNS.items():
        wanted = (mapping[ours].strip().casefold(),) if ours in mapping else known
        found = [at for at, name in enumerate(names) if name in wanted]
        if ours in mapping and not found:
            raise Invalid("mapping", f"the file has no column {mapping[ours]!r}")
        if found:
            places[ours] = found[0]
    return places


def _text(data: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1250"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid("file", "it is no text")
