"""What must be done to a database that was put back to an earlier day, before it serves again.

The days between are a lost future: phones were given cards, and proved things, that nobody here
remembers. No proof that a phone brings from there counts, every book is told anew, and what the
hand-out log knows more than the books do is *unknown after restore* until the phone was told to
drop it and every program behind its password has proved that it read so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.orm import Session

from app import tokens
from app.db import FOREVER
from app.handed_out import Told
from app.models import (
    Book,
    Contact,
    Device,
    FirstOwnerLink,
    Holding,
    Reader,
    Touched,
    User,
    WebSession,
)
from app.models.facts import Reach
from app.models.kinds import HoldingKind
from app.queries import proofs
from app.services import books

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Unknown:
    """A card that a device was handed after the backup; its contact may be lost with it."""

    device: str
    device_name: str
    user: str
    uid: str
    is_contact_known: bool


@dataclass(frozen=True, slots=True)
class Stranger:
    """A device of the lost future: nobody here knows its password, so it cannot be told."""

    device: str
    cards: int


@dataclass
class Aftermath:
    """What was lost, and on which devices."""

    books: int = 0
    programs: int = 0
    unknown: list[Unknown] = field(default_factory=list)
    strangers: list[Stranger] = field(default_factory=list)


def adopt(session: Session, told: Mapping[str, Told], at: datetime) -> Aftermath:
    """Begin a new epoch in every book, and note what hand-out logs tell of the lost future.

    Whoever was signed in has to sign in again, and no link that was given out works any more:
    what ended in the lost future must not come back to life.
    """
    found, rest = Aftermath(), dict(told)
    query = select(Book, Device, User).join(Device, Device.id == Book.device_id)
    query = query.join(User, User.id == Device.user_id).order_by(Book.id)
    for book, device, user in session.execute(query).all():
        known = rest.pop(f"{device.public_id}/{book.key}", Told())
        backed_up = book.seq
        found.books += 1
        found.programs += _begin_anew(session, book, known, at)
        found.unknown += [
            Unknown(device.public_id, device.name, user.name, uid, is_contact_known=is_known)
            for uid, is_known in _note_unknown(session, book, known, backed_up, at)
        ]
    by_device: dict[str, int] = {}
    for path, known in rest.items():
        name = path.partition("/")[0]
        by_device[name] = by_device.get(name, 0) + len(known.cards)
    found.strangers = [Stranger(device, cards) for device, cards in by_device.items()]
    _close_links(session, at)
    _touch_everything(session)
    return found


def _begin_anew(session: Session, book: Book, known: Told, at: datetime) -> int:
    """A new epoch and revision, whose number was never used; how many programs came to light.

    Every program may have been shown what stands in the book, and those that only the log
    knows began after the backup: each of them has to prove what it drops.
    """
    backed_up, last = book.seq, max(book.seq, known.last_seq)
    readers = {reader.id: reader for reader in proofs.readers_of(session, book.id)}
    for reader_id in known.programs.keys() & readers.keys():
        readers[reader_id].has_fetched = True
    for reader in filter(proofs.has_read, readers.values()):
        reader.supposed_seq = last
    new = sorted(known.programs.keys() - readers.keys())
    session.add_all(
        Reader(
            id=reader_id,
            book_id=book.id,
            family=known.programs[reader_id],
            start_seq=backed_up,
            told_seq=last,
            acked_seq=-1,
            listed_seq=-1,
            listed_before_seq=-1,
            has_fetched=True,
            supposed_seq=last,
            started_at=at,
            seen_at=at,
        )
        for reader_id in new
    )
    book.seq, book.epoch, book.mark = last, tokens.random_name(), 0
    books.advance(session, book, at)
    return len(new)


def _note_unknown(
    session: Session, book: Book, known: Told, backed_up: int, at: datetime
) -> list[tuple[str, bool]]:
    """Hold, and close at once, what only the log knows: (uid, whether its contact is known).

    It is named to every program as gone, unless it may be there, and its end waits for their
    proofs. Which value was on it nobody knows: its profile is 0, without any field.
    """
    standing = select(Holding.href).where(Holding.book_id == book.id, Holding.closed_seq.is_(None))
    there = set(session.scalars(standing))
    lost = [href for href, seq in known.cards.items() if seq > backed_up and href not in there]
    uids = [href.removesuffix(".vcf") for href in lost]
    contacts = _contacts(session, uids)
    rows = [
        {
            "book_id": book.id,
            "contact_id": contacts.get(uid),
            "kind": HoldingKind.CARD,
            "href": href,
            "etag": "",
            "version": 0,
            "profile": 0,
            "opened_seq": backed_up,
            "offered_at": at,
            "closed_seq": book.seq,
            "ended_at": at,
            "is_gone": True,
        }
        for uid, href in zip(uids, lost, strict=True)
    ]
    if rows:
        session.execute(insert(Holding), rows)
    return [(uid, uid in contacts) for uid in uids]


def _contacts(session: Session, uids: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(uids), _CHUNK):
        query = select(Contact.public_id, Contact.id)
        query = query.where(Contact.public_id.in_(uids[start : start + _CHUNK]))
        found |= {row[0]: row[1] for row in session.execute(query)}
    return found


def _close_links(session: Session, at: datetime) -> None:
    """End every session, and every link that opens something once."""
    session.execute(update(WebSession).where(WebSession.ended_at == FOREVER).values(ended_at=at))
    session.execute(update(Device).values(link_digest="", link_expires_at=None))
    session.execute(delete(FirstOwnerLink))


def _touch_everything(session: Session) -> None:
    """Let every book look at everything once more: the numbers of another server mean nothing.

    On PostgreSQL the journal is ordered by transactions, which count otherwise elsewhere.
    """
    session.execute(delete(Touched))
    now = text("SELECT pg_current_xact_id()::text::bigint")
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    xid = session.scalar(now) if is_postgresql else None
    session.add(Touched(reach=Reach.ALL.value, ref_id=0, xid=xid))
    session.flush()
