"""Readers: the programs behind one app password, and what each of them has proved to know.

A token carries its reader, so that a second program with the same password never confirms for
the first. A reader that shows an older token than one it has shown before is another phone
that was restored from the first one's backup: it becomes a reader of its own (a heuristic, and
named as one). Programs that only list are told apart by the family of their User-Agent.
"""

import re
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.models import Book, BookRevision, Reader, Receipt
from app.services import books
from app.services.sync_tokens import Token

NOTHING = -1
_BEGUN = "kustod.readers"
_FAMILY = re.compile(r"[A-Za-z][A-Za-z .+_-]{0,39}")
_BROWSERS = re.compile(r"(Thunderbird|Evolution|iOS|macOS|Mac OS X)/")


def family_of(user_agent: str) -> str:
    """The program behind a User-Agent without its version: `DAVx5/4.4 (...)` is `davx5`."""
    known = _BROWSERS.search(user_agent)
    if known:
        return known[1].casefold()
    match = _FAMILY.match(user_agent)
    return match[0].strip().casefold() if match else ""


def begin(  # noqa: PLR0913 - the facts of a new reader
    session: Session,
    book_id: int,
    family: str,
    at: datetime,
    *,
    start: int,
    acked: int = NOTHING,
    parent: int | None = None,
    name: int = 0,
) -> Reader:
    """A reader that nobody has heard of before; what it started from is its base.

    `name` is the id that its token carries, where a restored database has forgotten it.
    """
    reader = Reader(
        id=name or books.draw(),
        book_id=book_id,
        parent_id=parent,
        family=family,
        start_seq=start,
        told_seq=acked,
        acked_seq=acked,
        listed_seq=NOTHING,
        listed_before_seq=NOTHING,
        has_fetched=False,
        started_at=at,
        seen_at=at,
    )
    session.add(reader)
    session.info.setdefault(_BEGUN, []).append(reader)
    take_turn(session, reader, at)
    return reader


def begun(session: Session) -> list[Reader]:
    """The readers that were begun in this session."""
    found: list[Reader] = session.info.get(_BEGUN, [])
    return found


def take_turn(session: Session, reader: Reader, at: datetime) -> None:
    """Note that this reader did something after all the others of its book."""
    last = session.scalar(select(func.max(Reader.turn)).where(Reader.book_id == reader.book_id))
    reader.seen_at, reader.turn = at, (last or 0) + 1
    session.flush()


def is_known(session: Session, book: Book, token: Token) -> bool:
    """Whether this database made the revision that the token names.

    False is a lost future: a restored backup, a machine snapshot, a failed-over replica.
    """
    tag = select(BookRevision.tag).where(
        BookRevision.book_id == book.id, BookRevision.seq == token.seq
    )
    return token.epoch == book.epoch and session.scalar(tag) == token.tag


def of_token(session: Session, book: Book, token: Token, family: str, at: datetime) -> Reader:
    """The reader that shows this known token, with all that the token acknowledges recorded."""
    reader = _named(session, book, token)
    if reader is None:
        name, start = token.reader_id, max(token.base, 0)
        return begin(session, book.id, family, at, start=start, acked=token.base, name=name)
    if token.base < reader.acked_seq:
        return _fork(session, reader, token.base, family, at)
    acknowledge(session, reader, token.base, at)
    return reader


def of_lost_token(session: Session, book: Book, token: Token, family: str, at: datetime) -> Reader:
    """The reader that shows a token of a lost future, which acknowledges nothing."""
    reader = _named(session, book, token)
    return reader or begin(session, book.id, family, at, start=0, name=token.reader_id)


def _named(session: Session, book: Book, token: Token) -> Reader | None:
    reader = session.get(Reader, token.reader_id)
    return reader if reader is not None and reader.book_id == book.id else None


def _fork(session: Session, reader: Reader, base: int, family: str, at: datetime) -> Reader:
    twin = session.scalar(
        select(Reader)
        .where(Reader.parent_id == reader.id, Reader.acked_seq == base)
        .order_by(Reader.id.desc())
        .limit(1)
    )
    if twin is not None:
        return twin
    return begin(
        session, reader.book_id, family, at, start=reader.start_seq, acked=base, parent=reader.id
    )


def acknowledge(session: Session, reader: Reader, seq: int, at: datetime) -> None:
    """Record that the reader has proved to have processed everything up to `seq`."""
    take_turn(session, reader, at)
    if seq <= reader.acked_seq:
        return
    reader.acked_seq = seq
    session.execute(
        update(Receipt)
        .where(Receipt.reader_id == reader.id, Receipt.seq <= seq, Receipt.acked_at.is_(None))
        .values(acked_at=at)
    )


def tell(session: Session, reader: Reader, seq: int, at: datetime) -> None:
    """Record that revision `seq` has been answered to the reader."""
    take_turn(session, reader, at)
    if seq > reader.told_seq:
        reader.told_seq = seq
        receipt(session, reader, seq).told_at = at
        session.flush()


def receipt(session: Session, reader: Reader, seq: int) -> Receipt:
    """The receipt of this reader for this revision, a fresh one where there is none."""
    found = session.scalar(
        select(Receipt).where(Receipt.reader_id == reader.id, Receipt.seq == seq)
    )
    if found is None:
        found = Receipt(reader_id=reader.id, seq=seq)
        session.add(found)
    return found


def latest(session: Session, book_id: int, family: str) -> Reader | None:
    """The reader of this family that did something last."""
    return session.scalar(
        select(Reader)
        .where(Reader.book_id == book_id, Reader.family == family)
        .order_by(Reader.turn.desc())
        .limit(1)
    )


def has_only_listed(reader: Reader) -> bool:
    """Whether it never showed nor was given a token that it asked for."""
    return reader.acked_seq == NOTHING and reader.told_seq == NOTHING


def shown(session: Session, book_id: int, family: str) -> tuple[int, int]:
    """For the token that PROPFIND shows: (reader id, the last revision it acknowledged).

    The reader of this family that did something last; for one that only listed, the revision
    it listed; (0, 0) for a family never seen. PROPFIND shows no token, so that no more is
    known of who asks.
    """
    reader = latest(session, book_id, family)
    if reader is None:
        return 0, 0
    if has_only_listed(reader):
        return reader.id, reader.listed_seq
    return reader.id, max(reader.acked_seq, 0)
