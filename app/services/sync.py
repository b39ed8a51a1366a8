"""What a book answers to one request of a phone: the difference, a listing, cards, a refusal.

Each opens its own short transactions, because the difference is taken in a snapshot and
written apart from it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app import handed_out, logs
from app.cards.card import Card
from app.db import Sessions
from app.keys import KeyRing
from app.models import Book, Holding, Reader
from app.models.kinds import HoldingKind
from app.policy import Channel
from app.queries import contacts
from app.services import books, draining, ledger, listings, readers, sentinel, sync_tokens
from app.services.books import Handle, Offer
from app.services.listings import Fetch
from app.services.sync_tokens import Token


@dataclass(frozen=True, slots=True)
class Answer:
    """What a sync-collection reports: the new token, (href, etag) changed, hrefs gone."""

    token: str
    reader_id: int
    changed: list[tuple[str, str]] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Served:
    """One card as this device gets it now."""

    href: str
    etag: str
    card: Card
    holding_id: int
    opened_seq: int


def report(
    sessions: Sessions, ring: KeyRing, book: Handle, shown: str, family: str, at: datetime
) -> Answer:
    """Answer a sync-collection with the token `shown`, empty for a first sync.

    Showing `R(n)` acknowledges everything told up to n. The same token gets the same answer
    again, for ever. Raises InvalidToken where the token was never ours.
    """
    token = sync_tokens.read(ring, shown, book.book_id) if shown else None
    book = ledger.reconcile(sessions, book, at)
    if token is not None:
        with sessions.read() as session:
            if _is_settled(session, book, token):
                return Answer(shown, token.reader_id)
    with sessions.write() as session:
        row = lock(session, book.book_id)
        reader, base = _reader(session, row, token, family, at)
        readers.tell(session, reader, row.seq, at)
        _log_programs(sessions, book, readers.begun(session))
        draining.finish(session, book.device_id, at)
        told = Token(row.epoch, row.id, reader.id, row.seq, row.seq, row.tag)
    with sessions.read() as session:
        changed = _changed(session, told, base)
        gone = [] if token is None else _gone(session, book, told, base)
    if base == _LOST_FUTURE:
        gone += _logged(sessions, book)
    here = {href for href, _ in changed}
    gone = [href for href in dict.fromkeys(gone) if href not in here]
    return Answer(sync_tokens.spell(ring, told), told.reader_id, changed, gone)


def _logged(sessions: Sessions, book: Handle) -> list[str]:
    """Every href that the hand-out log says this book was told; of this server's own log."""
    if sessions.handed_out is None:
        return []
    try:
        return sessions.handed_out.hrefs(book.path)
    except OSError as error:
        logs.logger().error("hand-out log cannot be read", **logs.failure(error))
        return []


def _log_programs(sessions: Sessions, book: Handle, found: Iterable[Reader]) -> None:
    """Note beside the database who reads the book, so that nobody ever confirms for him.

    Best effort: without a line he is missed only where the database is put back as well.
    """
    lines = [handed_out.program_line(book.path, one.id, one.family) for one in found]
    if sessions.handed_out is None or not lines:
        return
    try:
        sessions.handed_out.append(lines)
    except OSError as error:
        logs.logger().error("hand-out log cannot be written", **logs.failure(error))


def lock(session: Session, book_id: int) -> Book:
    """The book's row, kept from all other writers until this transaction ends."""
    query = select(Book).where(Book.id == book_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def _is_settled(session: Session, book: Handle, token: Token) -> bool:
    """Whether this reader has acknowledged the very revision that the book is at."""
    if (token.epoch, token.seq, token.tag) != (book.epoch, book.seq, book.tag):
        return False
    reader = session.get(Reader, token.reader_id)
    return (
        token.is_receipt
        and reader is not None
        and reader.book_id == book.book_id
        and reader.acked_seq == token.seq
    )


_EVERYTHING = -1
_LOST_FUTURE = -2


def _reader(
    session: Session, book: Book, token: Token | None, family: str, at: datetime
) -> tuple[Reader, int]:
    """Who asks, and the revision since which he is told what changed."""
    if token is None:
        return readers.begin(session, book.id, family, at, start=book.seq), _EVERYTHING
    if not readers.is_known(session, book, token):
        return readers.of_lost_token(session, book, token, family, at), _LOST_FUTURE
    return readers.of_token(session, book, token, family, at), token.base


def _changed(session: Session, told: Token, base: int) -> list[tuple[str, str]]:
    """What stands in revision `told.seq` and did not stand so in `base`."""
    query = select(Holding.href, Holding.etag).where(
        Holding.book_id == told.book_id,
        Holding.opened_seq > base,
        Holding.opened_seq <= told.seq,
        Holding.kind != HoldingKind.REFUSED,
        or_(Holding.closed_seq.is_(None), Holding.closed_seq > told.seq),
    )
    return [(row[0], row[1]) for row in session.execute(query.order_by(Holding.id))]


def _gone(session: Session, book: Handle, told: Token, base: int) -> list[str]:
    """The hrefs removed after `base`; for a lost future all that the device may ever have had."""
    query = select(Holding.href).where(
        Holding.book_id == told.book_id,
        Holding.is_gone,
        Holding.closed_seq > base,
        Holding.closed_seq <= told.seq,
    )
    found = dict.fromkeys(session.scalars(query.order_by(Holding.closed_seq, Holding.id)))
    if base == _LOST_FUTURE:
        ever = contacts.ever_granted(session, book.viewer)
        found |= dict.fromkeys(books.href_of(public_id) for public_id in ever)
    return list(found)


def shown_token(sessions: Sessions, ring: KeyRing, book: Handle, family: str) -> str:
    """The token that PROPFIND shows as sync-token and ctag for the book as it stands.

    `R(n)` where n is acknowledged, else `P(base, n)`, so that a client that asks PROPFIND
    first comes once more and brings the receipt.
    """
    with sessions.read() as session:
        reader_id, base = readers.shown(session, book.book_id, family)
    token = Token(book.epoch, book.book_id, reader_id, base, book.seq, book.tag)
    return sync_tokens.spell(ring, token)


def note_token(sessions: Sessions, book: Handle, family: str) -> None:
    """Record, once, that a program took the token that PROPFIND shows after its first read."""
    with sessions.read() as session:
        if not listings.is_to_take_token(session, book.book_id, family):
            return
    with sessions.write() as session:
        lock(session, book.book_id)
        listings.take_token(session, book.book_id, family)


def listing(
    sessions: Sessions, book: Handle, family: str, at: datetime
) -> tuple[Handle, list[tuple[str, str]]]:
    """A complete listing, (href, etag) of every card, and the book as it stood then."""
    book = ledger.reconcile(sessions, book, at)
    with sessions.write() as session:
        listings.list_(session, lock(session, book.book_id), family, at)
        told = Token(book.epoch, book.book_id, 0, book.seq, book.seq, book.tag)
    with sessions.read() as session:
        return book, _changed(session, told, _EVERYTHING)


def cards(
    sessions: Sessions, book: Handle, hrefs: Sequence[str], at: datetime
) -> dict[str, Served]:
    """The cards behind these hrefs that the device may have `at`; hidden and absent are left out.

    The policy is asked again for the cards themselves, so that no fault of the ledger can
    show one.
    """
    book = ledger.reconcile(sessions, book, at)
    with sessions.read() as session:
        rows = _open_rows(session, book, hrefs)
        public_ids = [href.removesuffix(".vcf") for href in rows]
        found = contacts.several(
            session, book.viewer, Channel.CARDDAV, public_ids, at, photos=book.wants_photos
        )
        if books.href_of(books.SENTINEL) in rows:
            found[books.SENTINEL] = sentinel.card(session)
        return {
            href: _served(row, found[href.removesuffix(".vcf")])
            for href, row in rows.items()
            if href.removesuffix(".vcf") in found
        }


def note_fetch(
    sessions: Sessions, book: Handle, family: str, served: Iterable[Served], at: datetime
) -> None:
    """Record, once, that a program has fetched the cards of its first read."""
    found = list(served)
    if not found:
        return
    sentinel_href = books.href_of(books.SENTINEL)
    oldest = min(one.opened_seq for one in found)
    fetch = Fetch(oldest, any(one.href == sentinel_href for one in found))
    with sessions.read() as session:
        if not listings.is_to_note(session, book.book_id, family, fetch):
            return
    with sessions.write() as session:
        lock(session, book.book_id)
        reader = listings.note_fetch(session, book.book_id, family, fetch, at)
        if reader is not None and readers.has_only_listed(reader):
            _log_programs(sessions, book, [reader])


def _open_rows(session: Session, book: Handle, hrefs: Sequence[str]) -> dict[str, Holding]:
    found: dict[str, Holding] = {}
    for start in range(0, len(hrefs), 500):
        query = select(Holding).where(
            Holding.book_id == book.book_id,
            Holding.closed_seq.is_(None),
            Holding.href.in_(hrefs[start : start + 500]),
        )
        found |= {row.href: row for row in session.scalars(query)}
    return found


def _served(row: Holding, card: Card) -> Served:
    """The card under the ETag of what is really in it, should it have changed just now."""
    offer = Offer(
        row.contact_id,
        row.kind,
        card.public_id,
        card.version,
        card.profile,
        card.photo is not None,
        row.bump,
    )
    return Served(row.href, books.etag_of(offer), card, row.id, row.opened_seq)
