"""The ledger: lets a book follow the facts, as the difference of two visible sets.

The difference is taken in a read snapshot and written in a short transaction that checks that
nobody else was faster. Contacts vanish by the clock alone, so a log of writes would not do.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    exists,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, INTEGER
from sqlalchemy.orm import InstrumentedAttribute, Session

from app import handed_out, logs
from app.db import Instant, Sessions
from app.errors import Busy
from app.models import Book, Contact, Holding, Organisation
from app.models.kinds import HoldingKind
from app.policy import Channel, Viewer, visible
from app.queries import contacts
from app.services import books, journal
from app.services.books import Handle, Offer

_TRIES = 8
_QUIET_ROWS = 200


@dataclass
class Plan:
    """What a reconcile is going to write; made in a read snapshot.

    `fresh` are the public ids among the offers that the book does not hold. `checked_at` is
    how far the book has followed the facts then.
    """

    mark: int
    at: datetime
    next_at: datetime
    checked_at: datetime
    offers: list[Offer] = field(default_factory=list)
    fresh: set[str] = field(default_factory=set)
    replaced: list[int] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether the contents of the book stay as they are."""
        return not (self.offers or self.replaced or self.gone)


def reconcile(sessions: Sessions, book: Handle, at: datetime, *, full: bool = False) -> Handle:
    """Let the book follow the facts up to `at`; answers it as it stands then.

    A clock set back re-opens nothing: the book never goes behind its last look. Raises Busy
    when others change the book faster than it can be followed.
    """
    for _ in range(_TRIES):
        at = max(at, book.checked_at)
        with sessions.read() as session:
            current = books.handle(session, book.device_id, book.key) or book
            plan = make_plan(session, current, at, full=full)
        if plan is None:
            return current
        plan = _handed_out(sessions, current, plan)
        with sessions.write() as session:
            if apply(session, current, plan):
                return books.handle(session, book.device_id, book.key) or current
    raise Busy("the address book is being changed by many at once, please try again")


def _handed_out(sessions: Sessions, book: Handle, plan: Plan) -> Plan:
    """The plan, with the cards that it is the first to tell in the hand-out log.

    Where the log cannot be written they are held back until it can; what is taken back never
    waits for it. Raises Busy for a book that was never filled and has nothing to take back.
    """
    if sessions.handed_out is None or not plan.fresh:
        return plan
    hrefs = map(books.href_of, sorted(plan.fresh))
    try:
        sessions.handed_out.append(
            handed_out.card_line(book.path, book.seq + 1, href) for href in hrefs
        )
    except OSError as error:
        logs.logger().error("hand-out log cannot be written", **logs.failure(error))
        if book.seq == 0:
            raise Busy("the server cannot note what it gives, please try again") from error
        known = [offer for offer in plan.offers if offer.public_id not in plan.fresh]
        return replace(
            plan, offers=known, mark=book.mark, next_at=book.next_at, checked_at=book.checked_at
        )
    return plan


def make_plan(session: Session, book: Handle, at: datetime, *, full: bool = False) -> Plan | None:
    """What must be written so that the book shows what is visible `at`; None for nothing."""
    position = journal.position(session)
    found = journal.candidates(
        session, (book.user_id, book.device_id), book.mark, (book.checked_at, at)
    )
    full = full or found.is_full or book.seq == 0
    if not (full or found) and at < book.next_at and found.moved < _QUIET_ROWS:
        return None
    plan = Plan(position, at, journal.next_instant(session, at), checked_at=at)
    if full or found.contact_ids:
        _plan_cards(session, book, plan, None if full else found.contact_ids)
    if full or found.sentinel:
        _plan_sentinel(session, book, plan)
    is_settled = (plan.mark, plan.next_at) == (book.mark, book.next_at)
    return None if plan.is_empty and is_settled and at < book.next_at else plan


def _plan_cards(session: Session, book: Handle, plan: Plan, ids: set[int] | None) -> None:
    differing, gone = _differences(
        session.get_bind().dialect.name, photos=book.wants_photos, narrow=ids is not None
    )
    values = {
        "user": book.user_id,
        "device": book.device_id,
        "at": plan.at,
        "book": book.book_id,
        "ids": list(ids or ()),
    }
    for row in session.execute(differing, values):
        contact_id, public_id, version, profile, photo, holding_id = row
        plan.offers.append(
            Offer(contact_id, HoldingKind.CARD, public_id, version, profile, bool(photo))
        )
        if holding_id is not None:
            plan.replaced.append(holding_id)
        else:
            plan.fresh.add(public_id)
    plan.gone.extend(session.scalars(gone, values))


@lru_cache
def _differences(
    dialect: str, *, photos: bool, narrow: bool
) -> tuple[Select[int, str, int, int, bool, int], Select[int]]:
    """What a book lacks or has otherwise, and what it has too many: made once, asked often.

    Putting the policy's clauses together takes longer than the database needs to answer.
    """
    viewer = Viewer(bindparam("user", type_=INTEGER), bindparam("device", type_=INTEGER))  # type: ignore[arg-type] # asked with values
    at: datetime = bindparam("at", type_=Instant())  # type: ignore[assignment] # asked with a value
    members = contacts.members(viewer, Channel.CARDDAV, at, photos=photos)
    held = and_(
        Holding.book_id == bindparam("book"),
        Holding.kind == HoldingKind.CARD,
        Holding.closed_seq.is_(None),
    )
    there = exists().where(Contact.id == Holding.contact_id, visible(viewer, Channel.CARDDAV, at))
    gone = select(Holding.id).where(held, ~there)
    if narrow:
        members = members.where(_among(dialect, Contact.id))
        gone = gone.where(_among(dialect, Holding.contact_id))
    wanted = members.subquery()
    differing = (
        select(
            wanted.c.id,
            wanted.c.public_id,
            wanted.c.version,
            wanted.c.profile,
            wanted.c.has_photo,
            Holding.id,
        )
        .select_from(wanted)
        .outerjoin(Holding, and_(held, Holding.contact_id == wanted.c.id))
        .where(
            or_(
                Holding.id.is_(None),
                Holding.version != wanted.c.version,
                Holding.profile != wanted.c.profile,
                Holding.has_photo != wanted.c.has_photo,
            )
        )
    )
    return differing, gone


def _plan_sentinel(session: Session, book: Handle, plan: Plan) -> None:
    version = session.scalar(select(Organisation.version)) or 0
    row = session.execute(
        select(Holding.id, Holding.version).where(
            Holding.book_id == book.book_id,
            Holding.kind == HoldingKind.SENTINEL,
            Holding.closed_seq.is_(None),
        )
    ).one_or_none()
    if row is not None and row[1] == version:
        return
    if row is not None:
        plan.replaced.append(row[0])
    plan.offers.append(
        Offer(None, HoldingKind.SENTINEL, books.SENTINEL, version, 0, has_photo=False)
    )


def _among(
    dialect: str, column: InstrumentedAttribute[int] | InstrumentedAttribute[int | None]
) -> ColumnElement[bool]:
    # On PostgreSQL an expanded IN or a subselect goes back to reading the whole table.
    if dialect == "postgresql":
        return column == bindparam("ids", type_=ARRAY(INTEGER)).any_()
    return column.in_(bindparam("ids", expanding=True))


def apply(session: Session, book: Handle, plan: Plan) -> bool:
    """Write the plan; False, with nothing written, when the book has moved since it was made."""
    query = select(Book).where(Book.id == book.book_id).with_for_update()
    row = session.scalars(query.execution_options(populate_existing=True)).one()
    if (row.seq, row.mark, row.checked_at) != (book.seq, book.mark, book.checked_at):
        return False
    row.mark, row.checked_at, row.next_at = plan.mark, plan.checked_at, plan.next_at
    if not plan.is_empty:
        books.advance(session, row, plan.at)
        books.close(session, row.seq, plan.gone, plan.at, is_gone=True)
        books.close(session, row.seq, plan.replaced, plan.at, is_gone=False)
        books.open_(session, row, plan.offers, plan.at)
    return True
