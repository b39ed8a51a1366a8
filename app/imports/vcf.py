"""vCard files: every card of the file, with the line on which it begins."""

from collections.abc import Iterator

from app.cards.read import Record, read
from app.errors import Invalid

_MARKS = (b"BEGIN:VCARD", "BEGIN:VCARD".encode("utf-16-le"), "BEGIN:VCARD".encode("utf-16-be"))


def records(data: bytes) -> Iterator[Record]:
    """A record for every card. Raises Invalid where the file is no vCard file at all."""
    head = data.upper()
    if not any(mark in head for mark in _MARKS):
        raise Invalid("file", "there is no vCard in it")
    return read(data)
