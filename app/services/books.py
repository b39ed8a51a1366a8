"""Books of devices: frozen handles of them, and the rows of what they hold."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.models import Book, BookRevision, Device, Holding
from app.models.kinds import HoldingKind
from app.policy import Viewer

SENTINEL = "kustod-help"
"""The public id of the card that keeps a book from ever being empty."""

_CHUNK = 500
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
    def path(self) -> str:
        """Where its cards stand under the door, as the hand-out log names it."""
        return f"{self.device}/{self.key}"

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
