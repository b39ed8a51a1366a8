"""Devices, their books, and the ledger of what each of them was given and gave back."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import FOREVER, Base, enumerated
from app.models.kinds import DeviceKind, HoldingKind, Layout, Profile


class Device(Base):
    """One phone or program of one user, with an app password of its own.

    `password_mac` is the keyed hash that finds the device. The instants are FOREVER until
    they happen: stopped (it drains from then on), lost, emptied (it brought the receipt; its
    password is dead), given up (its password is dead, what it holds is not known; a person said
    why). The link that hands out its profile once is kept as a digest, empty where there is none.
    """

    __tablename__ = "device"
    __table_args__ = (CheckConstraint("fields BETWEEN 1 AND 4", name="fields"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    name: Mapped[str]
    password_mac: Mapped[str] = mapped_column(unique=True)
    key_id: Mapped[str]
    kind: Mapped[DeviceKind] = mapped_column(
        enumerated(DeviceKind), default=DeviceKind.OTHER, server_default=DeviceKind.OTHER.value
    )
    layout: Mapped[Layout] = mapped_column(enumerated(Layout), default=Layout.ALL)
    is_managed: Mapped[bool] = mapped_column(default=False)
    wants_photos: Mapped[bool] = mapped_column(default=False)
    may_write: Mapped[bool] = mapped_column(default=False)
    fields: Mapped[int] = mapped_column(SmallInteger, default=int(Profile.FULL))
    user_agent: Mapped[str] = mapped_column(default="")
    link_digest: Mapped[str] = mapped_column(default="", server_default="", index=True)
    link_expires_at: Mapped[datetime | None]
    enrolled_at: Mapped[datetime] = mapped_column(index=True)
    seen_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime] = mapped_column(default=FOREVER, index=True)
    lost_at: Mapped[datetime] = mapped_column(default=FOREVER)
    emptied_at: Mapped[datetime] = mapped_column(default=FOREVER)
    given_up_at: Mapped[datetime] = mapped_column(default=FOREVER)
    give_up_reason: Mapped[str] = mapped_column(default="", server_default="")


class Book(Base):
    """One address book of one device and how far it has followed the facts.

    `seq` counts the revisions of its contents; `tag` was drawn when that revision was
    committed. `mark` is the journal position up to which facts have been looked at,
    `checked_at` the instant, `next_at` the next instant at which time alone may change
    something.
    """

    __tablename__ = "book"
    __table_args__ = (Index("uq_book_device_id_key", "device_id", "key", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"))
    key: Mapped[str]
    epoch: Mapped[str]
    seq: Mapped[int] = mapped_column(BigInteger, default=0)
    tag: Mapped[str]
    mark: Mapped[int] = mapped_column(BigInteger, default=0)
    checked_at: Mapped[datetime]
    next_at: Mapped[datetime]


class BookRevision(Base):
    """The tag drawn when a revision of a book was committed; kept while the device exists.

    A token of a future that a restored database has forgotten shows a tag that is not here.
    """

    __tablename__ = "book_revision"

    book_id: Mapped[int] = mapped_column(ForeignKey("book.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    tag: Mapped[str]
    made_at: Mapped[datetime]


class Reader(Base):
    """One program that reads a book, as far as its requests tell it from another.

    Begun by a sync without a token or by a complete listing. All sequence numbers are
    revisions of the book, -1 where there is none: what it started from, the highest one
    answered to it, the highest one whose receipt it brought, the last one it listed. The id
    is random: tokens carry it, and a restored database must not give it to another program.
    `turn` orders the readers of a book by when they last did something. A listing alone shows
    no contact: a reader that only listed `has_fetched` once it asked for cards after it. Where
    it `took_token` from PROPFIND as well, it will not list again: who then fetches again what
    stood in `listed_before_seq` is another program. At `replaced_at` its owner said that
    another reader is the same program, set up again. Where the database was put back to an
    earlier day, it may have been shown all up to `supposed_seq` in what was lost.
    """

    __tablename__ = "reader"
    __table_args__ = (Index("ix_reader_book_id_family", "book_id", "family"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    book_id: Mapped[int] = mapped_column(ForeignKey("book.id"))
    parent_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("reader.id"))
    family: Mapped[str]
    start_seq: Mapped[int] = mapped_column(BigInteger)
    told_seq: Mapped[int] = mapped_column(BigInteger, default=-1)
    acked_seq: Mapped[int] = mapped_column(BigInteger, default=-1)
    listed_seq: Mapped[int] = mapped_column(BigInteger, default=-1)
    listed_before_seq: Mapped[int] = mapped_column(BigInteger, default=-1)
    has_fetched: Mapped[bool] = mapped_column(default=False)
    took_token: Mapped[bool] = mapped_column(default=False)
    supposed_seq: Mapped[int] = mapped_column(BigInteger, default=-1, server_default="-1")
    turn: Mapped[int] = mapped_column(BigInteger, default=0)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]


class Receipt(Base):
    """One revision answered to one reader, and when the reader proved that it has it.

    `listed_at` stands alone for a reader that only lists: a listing proves nothing more.
    """

    __tablename__ = "receipt"
    __table_args__ = (Index("uq_receipt_reader_id_seq", "reader_id", "seq", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reader_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("reader.id"))
    seq: Mapped[int] = mapped_column(BigInteger)
    told_at: Mapped[datetime | None]
    acked_at: Mapped[datetime | None]
    listed_at: Mapped[datetime | None]


class Holding(Base):
    """One value of one card in one book: offered in a revision, closed in a later one.

    A new ETag or a return closes the row and opens the next; `is_gone` tells a removal from a
    replacement. Told and confirmed are readings of the readers' receipts, not columns. There
    are no foreign keys: they double the cost of a first sync, and the proof must outlive what
    it is about.
    """

    __tablename__ = "holding"
    __table_args__ = (
        Index(
            "uq_holding_book_id_href_open",
            "book_id",
            "href",
            unique=True,
            sqlite_where=text("closed_seq IS NULL"),
            postgresql_where=text("closed_seq IS NULL"),
        ),
        Index("ix_holding_book_id_contact_id", "book_id", "contact_id"),
        Index("ix_holding_contact_id", "contact_id"),
        Index("ix_holding_book_id_opened_seq", "book_id", "opened_seq"),
        Index("ix_holding_book_id_closed_seq", "book_id", "closed_seq"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    book_id: Mapped[int]
    contact_id: Mapped[int | None]
    kind: Mapped[HoldingKind] = mapped_column(enumerated(HoldingKind))
    href: Mapped[str]
    etag: Mapped[str]
    version: Mapped[int] = mapped_column(BigInteger)
    profile: Mapped[int] = mapped_column(SmallInteger)
    has_photo: Mapped[bool] = mapped_column(default=False)
    bump: Mapped[int] = mapped_column(BigInteger, default=0)
    opened_seq: Mapped[int] = mapped_column(BigInteger)
    offered_at: Mapped[datetime]
    fetched_at: Mapped[datetime | None]
    closed_seq: Mapped[int | None] = mapped_column(BigInteger)
    ended_at: Mapped[datetime | None]
    is_gone: Mapped[bool] = mapped_column(default=False)
