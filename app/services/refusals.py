"""Writes that a phone may not make: refused, and undone on the phone at its next sync."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db import Sessions
from app.models import Book, Holding
from app.models.kinds import HoldingKind
from app.services import books, ledger, sync
from app.services.books import Handle, Offer

_MOST_REFUSED = 1_000
_LONGEST_NAME = 255


def refuse(sessions: Sessions, book: Handle, href: str, at: datetime) -> bool:
    """Undo a refused write on the phone; whether the href is a card that the device may have.

    A card that it has is bumped: with a new ETag the client fetches the true one again
    (Thunderbird restores both an edited and a deleted card so). Any other href is reported
    404 once; a hidden card is treated as one that never existed.
    """
    book = ledger.reconcile(sessions, book, at)
    with sessions.write() as session:
        row = sync.lock(session, book.book_id)
        held = session.scalar(
            select(Holding).where(
                Holding.book_id == row.id, Holding.href == href, Holding.closed_seq.is_(None)
            )
        )
        if held is None and (len(href) > _LONGEST_NAME or _is_full(session, row)):
            return False
        books.advance(session, row, at)
        if held is None:
            session.add(_refused(row, href, at))
            return False
        _bump(session, row, held, at)
        return True


def _is_full(session: Session, book: Book) -> bool:
    """Whether a client has made up so many names that no more are remembered."""
    query = select(func.count()).where(
        Holding.book_id == book.id, Holding.kind == HoldingKind.REFUSED
    )
    return (session.scalar(query) or 0) >= _MOST_REFUSED


def _refused(book: Book, href: str, at: datetime) -> Holding:
    return Holding(
        book_id=book.id,
        kind=HoldingKind.REFUSED,
        href=href,
        etag="",
        version=0,
        profile=0,
        opened_seq=book.seq,
        offered_at=at,
        closed_seq=book.seq,
        ended_at=at,
        is_gone=True,
    )


def _bump(session: Session, book: Book, held: Holding, at: datetime) -> None:
    offer = Offer(
        held.contact_id,
        held.kind,
        held.href.removesuffix(".vcf"),
        held.version,
        held.profile,
        held.has_photo,
        books.draw(),
    )
    books.close(session, book.seq, [held.id], at, is_gone=False)
    books.open_(session, book, [offer], at)
