"""Cards into the bytes of a file: vCards or a table.

A table is CSV after RFC 4180 (commas, CRLF, doubled quotes) in UTF-8 with a byte order mark,
without which Excel takes Czech letters for those of another alphabet. No cell can be taken for
a formula (OWASP, CSV Injection): an apostrophe goes before `=`, `+`, `-`, `@`, a tab or a CR at
its beginning, before their full-width forms, and likewise behind a semicolon, a tab or a line
break within it, because a Czech Excel cuts at semicolons whatever the quotes. What is nothing
but `+`, digits and spaces is a phone, can do no harm, and stays as it is. Taking one apostrophe
away in each of those places gives the value back.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import astuple, fields

from app.cards.card import Address, Card
from app.cards.write import write

_TEXTS = (
    *("kind", "full_name", "family", "given", "additional", "prefix", "suffix", "nickname"),
    *("organisation", "department", "title", "role", "birthday", "note"),
)
_POINTS = {"phones": "phone", "emails": "email", "urls": "url", "ims": "im"}
_PARTS = tuple(field.name for field in fields(Address))

_FORMULA = re.compile("(^|[;\t\r\n])(?='*[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20])")
_PLAIN_PHONE = re.compile(r"\+[0-9][0-9 ]*")


def vcards(cards: Sequence[Card]) -> Iterator[bytes]:
    """One vCard 3.0 after the other."""
    return (write(card).encode() for card in cards)


def table(cards: Sequence[Card], more: Sequence[dict[str, str]] = ()) -> Iterator[bytes]:
    """A line of names, and one line for each card; phones and the like in numbered columns.

    `categories` are one a line within their cell. `more` says the same things of each card
    besides, in columns behind the others.
    """
    most = {name: _most(len(getattr(card, name)) for card in cards) for name in _POINTS}
    places = _most(len(card.addresses) for card in cards)
    yield "\ufeff".encode()
    yield _line([*_heading(most, places), *(more[0] if more else ())])
    for number, card in enumerate(cards):
        rest = more[number].values() if more else ()
        yield _line([*_row(card, most, places), *map(_harmless, rest)])


FORMATS: dict[str, Callable[[Sequence[Card]], Iterator[bytes]]] = {"vcard": vcards, "csv": table}
"""What writes each format, in parts that follow one another."""


def _most(counts: Iterable[int]) -> int:
    return max(counts, default=0)


def _heading(most: dict[str, int], places: int) -> list[str]:
    names = ["uid", *_TEXTS, "categories"]
    for name, number in most.items():
        for n in range(1, number + 1):
            names += (f"{_POINTS[name]}_{n}", f"{_POINTS[name]}_{n}_label")
    return [*names, *(f"address_{n}_{part}" for n in range(1, places + 1) for part in _PARTS)]


def _row(card: Card, most: dict[str, int], places: int) -> list[str]:
    cells = [card.public_id, *(str(getattr(card, name)) for name in _TEXTS)]
    cells.append("\n".join(card.categories))
    for name, number in most.items():
        points = getattr(card, name)
        for point in points:
            cells += (point.value, point.label)
        cells += ["", ""] * (number - len(points))
    for address in card.addresses:
        cells += astuple(address)
    cells += [""] * (len(_PARTS) * (places - len(card.addresses)))
    return list(map(_harmless, cells))


def _harmless(cell: str) -> str:
    return cell if _PLAIN_PHONE.fullmatch(cell) else _FORMULA.sub(r"\1'", cell)


def _line(cells: list[str]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue().encode()
