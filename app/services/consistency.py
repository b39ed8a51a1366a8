"""Whether the ledger is at one with itself and with the facts; holdings have no foreign keys.

Everything is read from one snapshot, and nothing is mended: what is found is a fault of ours.
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.models import Book, BookRevision, Contact, Holding, Reader, Receipt
from app.models.kinds import HoldingKind
from app.services import books, ledger
from app.services.ledger import Plan


def faults(session: Session, at: datetime) -> list[str]:
    """What contradicts itself, in words that name no person; empty where all is well."""
    counts = [(words, _count(session, query)) for words, query in _questions()]
    found = [f"{words}: {number}" for words, number in counts if number]
    return [*found, *_strayed(session, at)]


def _count(session: Session, query: Select[int]) -> int:
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0


def _questions() -> Iterator[tuple[str, Select[int]]]:
    """What must never be, and the rows that are so."""
    holding, book = select(Holding.id), and_(Book.id == Holding.book_id)
    yield "holdings of no book", holding.where(~exists().where(book))
    contact = exists().where(Contact.id == Holding.contact_id)
    # After a restore a card may have been given whose contact is lost; it is closed at once.
    named = or_(Holding.contact_id.is_not(None), Holding.closed_seq.is_(None))
    nobody = holding.where(Holding.kind == HoldingKind.CARD, ~contact, named)
    yield "holdings of no contact", nobody
    yield "cards held twice in one book", _twice()
    yield "holdings that end before they begin", holding.where(_is_impossible())
    beyond = or_(Holding.opened_seq > Book.seq, Holding.closed_seq > Book.seq)
    yield "holdings of a revision that never was", holding.join(Book, book).where(beyond)
    yield "books whose revision has no token", select(Book.id).where(Book.seq > 0, ~_has_tag())
    ahead = or_(*(column > Book.seq for column in _PROVED))
    yield "readers ahead of their book", select(Reader.id).join(Book).where(ahead)
    receipts = select(Receipt.id).join(Reader).join(Book, Book.id == Reader.book_id)
    yield "receipts of a revision that never was", receipts.where(Receipt.seq > Book.seq)
    unproved = and_(Receipt.acked_at.is_not(None), Receipt.seq > Reader.acked_seq)
    yield "receipts that their reader never brought", receipts.where(unproved)


_PROVED = (Reader.told_seq, Reader.acked_seq, Reader.listed_seq)


def _twice() -> Select[int]:
    other = aliased(Holding)
    same = and_(other.book_id == Holding.book_id, other.href == Holding.href)
    return select(Holding.id).where(
        Holding.closed_seq.is_(None),
        exists().where(same, other.closed_seq.is_(None), other.id < Holding.id),
    )


def _is_impossible() -> ColumnElement[bool]:
    return or_(
        Holding.closed_seq < Holding.opened_seq,
        Holding.closed_seq.is_(None) != Holding.ended_at.is_(None),
        and_(Holding.is_gone, Holding.closed_seq.is_(None)),
    )


def _has_tag() -> ColumnElement[bool]:
    return exists().where(
        BookRevision.book_id == Book.id, BookRevision.seq == Book.seq, BookRevision.tag == Book.tag
    )


def _strayed(session: Session, at: datetime) -> Iterator[str]:
    """Books that would not follow the facts: the journal leads to less than a full look."""
    for device_id, key in session.execute(select(Book.device_id, Book.key).order_by(Book.id)):
        book = books.handle(session, device_id, key)
        if book is None or book.seq == 0:
            continue
        when = max(at, book.checked_at)
        led = _moves(ledger.make_plan(session, book, when))
        if missed := _moves(ledger.make_plan(session, book, when, full=True)) ^ led:
            yield f"cards of book {book.book_id} that do not follow the facts: {len(missed)}"


def _moves(plan: Plan | None) -> set[tuple[object, ...]]:
    """What a plan would write, in a form that can be compared."""
    if plan is None:
        return set()
    offers = {(o.kind, o.public_id, o.version, o.profile, o.has_photo) for o in plan.offers}
    return {*offers, *(("replaced", i) for i in plan.replaced), *(("gone", i) for i in plan.gone)}
