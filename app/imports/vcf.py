"""vCard files: every card of the file, with the line on which it begins."""

import re
from collections.abc import Iterator

from app.cards.lines import cards
from app.cards.read import Record, read
from app.errors import Invalid

LIMIT = 100_000_000
"""Bytes of a file; more is cut by hand before it is imported."""

# One line at the top may be lost: then the END still tells.
_MARK = re.compile(
    rb"(?:BEGIN|END)[ \t]*:[ \t]*VCARD|"
    + b"|".join(re.escape(":VCARD".encode(f"utf-16-{end}")) for end in ("le", "be")),
    re.IGNORECASE,
)


def records(data: bytes) -> Iterator[Record]:
    """A record for every card. Raises Invalid where the file is no vCard file at all."""
    check(data)
    return read(data)


def count(data: bytes) -> int:
    """How many records there will be. Raises Invalid where the file is no vCard file at all."""
    check(data)
    return sum(1 for _ in cards(data))


def is_vcard(data: bytes) -> bool:
    """Whether a card begins or ends somewhere in it."""
    return _MARK.search(data) is not None


def check(data: bytes) -> None:
    """Raises Invalid where this is no vCard file, or a longer one than anybody has."""
    if not data:
        raise Invalid("file", "it is empty")
    if len(data) > LIMIT:
        raise Invalid("file", f"it has more than {LIMIT // 1_000_000} MB; cut it into several")
    if data.startswith(b"PK\x03\x04"):
        raise Invalid("file", "it is a ZIP archive; unpack it first")
    if not is_vcard(data):
        raise Invalid("file", "there is no vCard in it")
