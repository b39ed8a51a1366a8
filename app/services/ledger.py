"""The ledger: lets a book follow the facts, as the difference of two visible sets.

The difference is taken in a read snapshot and written in a short transaction that checks that
nobody else was faster. Contacts vanish by the clock alone, so a log of writes would not do.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, insert, literal, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, INTEGER
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.db import Sessions
from app.errors import Busy
from app.models import Book, BookRevision, Contact, Device, Holding, Organisation
from app.models.kinds import HoldingKind
from app.policy import Channel, Viewer, visible
from app.queries import contacts
from app.services import journal

SENTINEL = "kustod-help"
"""The public id of the card that keeps a book from ever being empty."""

_CHUNK = 500
_TRIES = 8
_QUIET_ROWS = 200
_ETAG_FORM = 1
"""Raised when the writer of cards changes its output, so that phones fetch them anew."""


@dataclass(frozen=True, slots=True)
class Handle:
    """A book with its device at one instant: frozen, without any session behind it."""

    book_id: int
    device_id: int
    device: str
    user_id: int
    key: str
    epoch: str
    seq: int
    tag: str
    mark: int
    checked_at: datetime
    next_at: datetime
    wants_photos: bool
    stopped_at: datetime

    @property
    def viewer(self) -> Viewer:
        """Who asks through this book."""
        return Viewer(self.user_id, self.device_id)


@dataclass(frozen=True, slots=True)
class Offer:
    """One value that a book comes to hold."""

    contact_id: int | None
    kind: HoldingKind
    public_id: str
    version: int
    profile: int
    has_photo: bool
    bump: int = 0


@dataclass
class Plan:
    """What a reconcile is going to write; made in a read snapshot."""

    mark: int
    at: datetime
    next_at: datetime
    offers: list[Offer] = field(default_factory=list)
    replaced: list[int] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether the contents of the book stay as they are."""
        return not (self.offers or self.replaced or self.gone)


def href_of(public_id: str) -> str:
    """The name of a card within its book."""
    return f"{public_id}.vcf"


def etag_of(offer: Offer) -> str:
    """The strong ETag of one value, without quotes: another one whenever the card differs."""
    shown = (offer.version, offer.profile, offer.has_photo, offer.bump, _ETAG_FORM)
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:20]


def draw() -> int:
    """A random number of 53 bits: drawn, not counted, so that a restored backup repeats none."""
    return secrets.randbits(53)


def handle(session: Session, device_id: int, key: str) -> Handle | None:
    """The book of this device under this key as it stands, or None."""
    return next((book for book in handles(session, device_id) if book.key == key), None)


def handles(session: Session, device_id: int) -> tuple[Handle, ...]:
    """The books of a device as they stand, the merged one first."""
    rows = session.execute(
        select(Book, Device)
        .join(Device, Device.id == Book.device_id)
        .where(Book.device_id == device_id)
        .order_by(Book.id)
    )
    return tuple(_handle(row[0], row[1]) for row in rows)


def _handle(book: Book, device: Device) -> Handle:
    return Handle(
        book_id=book.id,
        device_id=device.id,
        device=device.public_id,
        user_id=device.user_id,
        key=book.key,
        epoch=book.epoch,
        seq=book.seq,
        tag=book.tag,
        mark=book.mark,
        checked_at=book.checked_at,
        next_at=book.next_at,
        wants_photos=device.wants_photos,
        stopped_at=device.stopped_at,
    )


def reconcile(sessions: Sessions, book: Handle, at: datetime, *, full: bool = False) -> Handle:
    """Let the book follow the facts up to `at`; answers it as it stands then.

    A clock set back re-opens nothing: the book never goes behind its last look. Raises Busy
    when others change the book faster than it can be followed.
    """
    for _ in range(_TRIES):
        at = max(at, book.checked_at)
        with sessions.read() as session:
            current = handle(session, book.device_id, book.key) or book
            plan = make_plan(session, current, at, full=full)
        if plan is None:
            return current
        with sessions.write() as session:
            if apply(session, current, plan):
                return handle(session, book.device_id, book.key) or current
    raise Busy("the address book is being changed by many at once, please try again")


def make_plan(session: Session, book: Handle, at: datetime, *, full: bool = False) -> Plan | None:
    """What must be written so that the book shows what is visible `at`; None for nothing."""
    position = journal.position(session)
    found = journal.candidates(
        session, (book.user_id, book.device_id), book.mark, (book.checked_at, at)
    )
    full = full or found.is_full or book.seq == 0
    if not (full or found) and at < book.next_at and found.moved < _QUIET_ROWS:
        return None
    plan = Plan(mark=position, at=at, next_at=journal.next_instant(session, at))
    if full or found.contact_ids:
        _plan_cards(session, book, plan, None if full else found.contact_ids)
    if full or found.sentinel:
        _plan_sentinel(session, book, plan)
    is_settled = (plan.mark, plan.next_at) == (book.mark, book.next_at)
    return None if plan.is_empty and is_settled and at < book.next_at else plan


def _plan_cards(session: Session, book: Handle, plan: Plan, ids: set[int] | None) -> None:
    members = contacts.members(book.viewer, Channel.CARDDAV, plan.at, photos=book.wants_photos)
    held = and_(
        Holding.book_id == book.book_id,
        Holding.kind == HoldingKind.CARD,
        Holding.closed_seq.is_(None),
    )
    gone = select(Holding.id).where(
        held,
        ~exists().where(
            Contact.id == Holding.contact_id, visible(book.viewer, Channel.CARDDAV, plan.at)
        ),
    )
    if ids is not None:
        members = members.where(_among(session, Contact.id, ids))
        gone = gone.where(_among(session, Holding.contact_id, ids))
    wanted = members.subquery()
    differing = (
        select(wanted, Holding.id)
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
    for contact_id, public_id, version, profile, photo, holding_id in session.execute(differing):
        plan.offers.append(
            Offer(contact_id, HoldingKind.CARD, public_id, version, profile, bool(photo))
        )
        if holding_id is not None:
            plan.replaced.append(holding_id)
    plan.gone.extend(session.scalars(gone))


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
    plan.offers.append(Offer(None, HoldingKind.SENTINEL, SENTINEL, version, 0, has_photo=False))


def _among(
    session: Session,
    column: InstrumentedAttribute[int] | InstrumentedAttribute[int | None],
    ids: Iterable[int],
) -> ColumnElement[bool]:
    # On PostgreSQL an expanded IN or a subselect goes back to reading the whole table.
    if session.get_bind().dialect.name == "postgresql":
        return column == literal(list(ids), ARRAY(INTEGER)).any_()
    return column.in_(list(ids))


def apply(session: Session, book: Handle, plan: Plan) -> bool:
    """Write the plan; False, with nothing written, when the book has moved since it was made."""
    query = select(Book).where(Book.id == book.book_id).with_for_update()
    row = session.scalars(query.execution_options(populate_existing=True)).one()
    if (row.seq, row.mark, row.checked_at) != (book.seq, book.mark, book.checked_at):
        return False
    row.mark, row.checked_at, row.next_at = plan.mark, plan.at, plan.next_at
    if not plan.is_empty:
        advance(session, row, plan.at)
        close(session, row.seq, plan.gone, plan.at, is_gone=True)
        close(session, row.seq, plan.replaced, plan.at, is_gone=False)
        open_(session, row, plan.offers, plan.at)
    return True


def advance(session: Session, book: Book, at: datetime) -> None:
    """Begin the next revision of the book, with a tag of its own."""
    book.seq += 1
    book.tag = secrets.token_hex(8)
    session.add(BookRevision(book_id=book.id, seq=book.seq, tag=book.tag, made_at=at))
    session.flush()


def close(session: Session, seq: int, ids: list[int], at: datetime, *, is_gone: bool) -> None:
    """End these holdings in revision `seq`."""
    for start in range(0, len(ids), _CHUNK):
        session.execute(
            update(Holding)
            .where(Holding.id.in_(ids[start : start + _CHUNK]))
            .values(closed_seq=seq, ended_at=at, is_gone=is_gone),
            execution_options={"synchronize_session": False},
        )


def open_(session: Session, book: Book, offers: list[Offer], at: datetime) -> None:
    """Begin a holding for each offer in the book's present revision."""
    if not offers:
        return
    session.execute(
        insert(Holding),
        [
            {
                "book_id": book.id,
                "contact_id": offer.contact_id,
                "kind": offer.kind,
                "href": href_of(offer.public_id),
                "etag": etag_of(offer),
                "version": offer.version,
                "profile": offer.profile,
                "has_photo": offer.has_photo,
                "bump": offer.bump,
                "opened_seq": book.seq,
                "offered_at": at,
                "is_gone": False,
            }
            for offer in offers
        ],
    )
