"""Readers that begin with a listing: which fetch belongs to whom, and who is another program.

A program that only lists can prove a removal by nothing but a listing without the card. Some
list once, fetch all, take the token that PROPFIND shows and go on by it (Thunderbird); others
list for ever (vdirsyncer, Evolution 3.46) and are told apart by their family alone.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.models import Book, Reader, Receipt
from app.services import readers
from app.services.readers import NOTHING


@dataclass(frozen=True, slots=True)
class Fetch:
    """Cards that were fetched together: since when the oldest value stands, and which."""

    oldest_seq: int
    has_sentinel: bool


def list_(session: Session, book: Book, family: str, at: datetime) -> Reader:
    """Record a complete listing of the book's present revision by this family of programs.

    A family that syncs by token does not list again: its listing is another reader's first
    one.
    """
    reader = session.scalar(
        select(Reader)
        .where(
            Reader.book_id == book.id,
            Reader.family == family,
            Reader.acked_seq == NOTHING,
            Reader.told_seq == NOTHING,
        )
        .order_by(Reader.turn.desc())
        .limit(1)
    )
    reader = reader or readers.begin(session, book.id, family, at, start=book.seq)
    readers.take_turn(session, reader, at)
    reader.listed_before_seq = reader.listed_seq
    if book.seq > reader.listed_seq:
        reader.listed_seq = book.seq
        readers.receipt(session, reader, book.seq).listed_at = at
        session.flush()
    return reader


def is_to_note(session: Session, book_id: int, family: str, fetch: Fetch) -> bool:
    """Whether what this family fetched now tells more of a reader than is known."""
    if fetch.has_sentinel and _first_read(session, book_id, family) is not None:
        return True
    reader = _lister(session, book_id, family)
    if reader is None:
        return False
    return not reader.has_fetched or _is_another(reader, fetch)


def _is_another(reader: Reader, fetch: Fetch) -> bool:
    """Whether this is another program's first read.

    Programs that never sync by token list again and again, and fetch again what they lost:
    each family of them counts once.
    """
    return reader.took_token and fetch.oldest_seq <= reader.listed_before_seq


def note_fetch(
    session: Session, book_id: int, family: str, fetch: Fetch, at: datetime
) -> Reader | None:
    """Record the first read that `is_to_note` found, as another program's where it is.

    Answers whose it was; None where nobody is known to have listed.
    """
    first = _first_read(session, book_id, family) if fetch.has_sentinel else None
    if first is not None:
        first.has_fetched = True
        return first
    reader = _lister(session, book_id, family)
    if reader is None:
        return None
    if reader.has_fetched and _is_another(reader, fetch):
        reader = _another(session, reader, at)
    reader.has_fetched = True
    return reader


def _lister(session: Session, book_id: int, family: str) -> Reader | None:
    """The reader of this family that did something last, if it has only listed."""
    reader = readers.latest(session, book_id, family)
    return reader if reader is not None and readers.has_only_listed(reader) else None


def _first_read(session: Session, book_id: int, family: str) -> Reader | None:
    """The last reader of the family that began without a token and has fetched nothing yet.

    Each first read fetches the sentinel once; one whose answer was lost never does.
    """
    return session.scalar(
        select(Reader)
        .where(
            Reader.book_id == book_id,
            Reader.family == family,
            Reader.acked_seq == NOTHING,
            Reader.told_seq > NOTHING,
            Reader.has_fetched.is_(False),
        )
        .order_by(Reader.turn.desc())
        .limit(1)
    )


def _another(session: Session, reader: Reader, at: datetime) -> Reader:
    """Give the last listing of this reader to a reader of its own."""
    seq = reader.listed_seq
    other = readers.begin(session, reader.book_id, reader.family, at, start=seq)
    other.listed_seq = seq
    if reader.listed_before_seq < seq:
        session.execute(
            update(Receipt)
            .where(Receipt.reader_id == reader.id, Receipt.seq == seq)
            .values(reader_id=other.id)
        )
    reader.listed_seq = reader.listed_before_seq
    session.flush()
    return other


def is_to_take_token(session: Session, book_id: int, family: str) -> bool:
    """Whether the token that PROPFIND shows ends a first read that listed and fetched."""
    reader = _lister(session, book_id, family)
    return reader is not None and reader.has_fetched and not reader.took_token


def take_token(session: Session, book_id: int, family: str) -> None:
    """Record that the program of this family that listed last goes on by token."""
    reader = _lister(session, book_id, family)
    if reader is not None:
        reader.took_token = True
