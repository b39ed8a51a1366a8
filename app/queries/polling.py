"""The no-change poll: one prepared statement says that a phone has everything already."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, String, and_, bindparam, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from app.db import Instant
from app.models import Book, Device, LoginName, Reader, Touched


@dataclass(frozen=True, slots=True)
class Poll:
    """What a phone shows: where it asks, who it says it is, which revision it has."""

    device: str
    book: str
    login: str
    password_macs: tuple[str, ...]
    epoch: str
    book_id: int
    reader_id: int
    seq: int
    tag: str


def order_column(dialect: str) -> InstrumentedAttribute[int] | InstrumentedAttribute[int | None]:
    """What the journal is compared by: the row's id on SQLite, its transaction on PostgreSQL.

    SQLite has one writer, so that ids are in the order of commits. On PostgreSQL they are
    not: `id > max(id)` would lose the row that commits late.
    """
    return Touched.xid if dialect == "postgresql" else Touched.id


def _statement(dialect: str) -> Select[int]:
    """The device's id where its password fits and nothing at all has changed since.

    Nothing has changed when the reader acknowledged the book's present revision, no fact was
    touched since the ledger looked, and no instant has passed at which time alone counts.
    """
    at = bindparam("at", type_=Instant())
    order = order_column(dialect)
    name = aliased(LoginName)
    known = or_(
        exists().where(
            name.user_id == Device.user_id, name.name == bindparam("login", type_=String)
        ),
        Device.name == bindparam("login", type_=String),
    )
    return (
        select(Device.id)
        .join(Book, Book.device_id == Device.id)
        .join(Reader, Reader.book_id == Book.id)
        .where(
            Device.password_mac.in_(bindparam("macs", expanding=True)),
            Device.public_id == bindparam("device"),
            and_(Device.emptied_at > at, Device.given_up_at > at, known),
            Book.id == bindparam("book_id"),
            Book.key == bindparam("book"),
            Book.epoch == bindparam("epoch"),
            and_(Book.seq == bindparam("seq"), Book.tag == bindparam("tag")),
            and_(Book.checked_at <= at, Book.next_at > at),
            and_(Reader.id == bindparam("reader_id"), Reader.acked_seq == Book.seq),
            ~exists().where(order >= Book.mark),
        )
    )


_STATEMENTS = {dialect: _statement(dialect) for dialect in ("sqlite", "postgresql")}


def settled_device(session: Session, poll: Poll, at: datetime) -> int | None:
    """The id of the device that asks, when it has everything; None when it must be looked at.

    A password that does not fit gives None too: who asks is then found out the long way.
    """
    statement = _STATEMENTS[session.get_bind().dialect.name]
    return session.scalar(
        statement,
        {
            "at": at,
            "device": poll.device,
            "book": poll.book,
            "login": poll.login.strip().casefold(),
            "macs": list(poll.password_macs),
            "epoch": poll.epoch,
            "book_id": poll.book_id,
            "reader_id": poll.reader_id,
            "seq": poll.seq,
            "tag": poll.tag,
        },
    )
