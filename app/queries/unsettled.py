"""Cards that devices have and may not have any more: the policy asked only where it may differ.

What the ledger settled when it last looked at a book still holds, unless a fact has moved since
or time alone may move something; the same facts count as for the ledger (services/journal.py).
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    bindparam,
    exists,
    func,
    not_,
    or_,
    select,
    true,
    union,
)
from sqlalchemy.orm import Session, aliased

from app.db import Instant
from app.models import Book, Contact, Device, Holding, Participation, Reader, Touched
from app.models.facts import Reach
from app.models.kinds import HoldingKind
from app.policy import Channel, each, visible
from app.queries.polling import order_column

_ONE_CARD = (Reach.CONTACT.value, Reach.SENTINEL.value)
"""What a fact of this reach moves, it moves for one card alone."""


class _Which(StrEnum):
    """Which cards of some books are asked about."""

    ALL = "all"
    SINGLE = "single"
    OF_DIRECTORIES = "of directories"


@dataclass
class _Moved:
    """The books of which every card is in question, and those of which some are: which ones."""

    wide: list[int] = field(default_factory=list)
    narrow: list[int] = field(default_factory=list)
    mark: int = 0
    refs: dict[Reach, set[int]] = field(default_factory=lambda: defaultdict(set))


def is_open_card() -> ColumnElement[bool]:
    """Whether a Holding is a card that was not taken back."""
    return and_(Holding.kind == HoldingKind.CARD, Holding.closed_seq.is_(None))


def was_shown() -> ColumnElement[bool]:
    """Whether an open Holding was given to anybody: fetched, or offered to one who reads."""
    offered = exists().where(
        Reader.book_id == Holding.book_id,
        or_(Reader.has_fetched, Reader.told_seq >= 0, Reader.acked_seq >= 0),
        or_(Reader.told_seq >= Holding.opened_seq, Reader.listed_seq >= Holding.opened_seq),
    )
    return or_(Holding.fetched_at.is_not(None), offered.correlate(Holding))


def is_there() -> ColumnElement[bool]:
    """Whether a Holding is a card that a device has."""
    return and_(is_open_card(), was_shown())


def hidden(
    session: Session, book_ids: list[int], asked_for: ColumnElement[bool], at: datetime
) -> Iterator[tuple[int, int]]:
    """Book and number, once or more, of the cards that devices have and may not have `at`.

    Only of those Holdings that are asked for.
    """
    dialect = session.get_bind().dialect.name
    found = _moved(session, book_ids, at)
    homes, projects = found.refs[Reach.DIRECTORY], found.refs[Reach.PROJECT]
    asked: dict[str, Any] = {"at": at, "mark": found.mark}
    asked |= {"homes": sorted(homes), "projects": sorted(projects)}
    for which, books in (
        (_Which.ALL, found.wide),
        (_Which.SINGLE, found.narrow),
        (_Which.OF_DIRECTORIES, found.narrow if homes else []),
    ):
        if books:
            query = _hidden(which, dialect).where(asked_for)
            yield from session.execute(query, asked | {"books": books})


def _moved(session: Session, book_ids: list[int], at: datetime) -> _Moved:
    """What has moved since each of these books was looked at."""
    columns = (Book.id, Book.mark, Book.checked_at, Book.next_at, Device.id, Device.user_id)
    query = select(*columns).join(Device, Device.id == Book.device_id)
    books = session.execute(query.where(Book.id.in_(book_ids))).all()
    found = _Moved(mark=min((book[1] for book in books if book[2] <= at < book[3]), default=0))
    order = order_column(session.get_bind().dialect.name)
    shape = (Touched.reach, Touched.ref_id, Touched.user_id)
    touched = select(*shape, func.max(order)).group_by(*shape)
    touched = touched.where(order >= found.mark, Touched.reach.not_in(_ONE_CARD))
    facts = session.execute(touched).all()
    for book_id, mark, checked_at, next_at, device_id, user_id in books:
        mine = {
            (Reach(reach), ref)
            for reach, ref, user, last in facts
            if (last or 0) >= mark and user in {None, user_id}
        }
        is_wide = {(Reach.USER, user_id), (Reach.DEVICE, device_id)} & mine or Reach.ALL in {
            reach for reach, _ in mine
        }
        if is_wide or not checked_at <= at < next_at:
            found.wide.append(book_id)
            continue
        found.narrow.append(book_id)
        for reach, ref in mine:
            found.refs[reach].add(ref)
    return found


@lru_cache
def _hidden(which: _Which, dialect: str) -> Select[int, int]:
    """How many cards the devices have and may not have, by book: made once."""
    at: datetime = bindparam("at", type_=Instant())  # type: ignore[assignment] # asked with a value
    phone = aliased(Device, name="phone")
    through = each("phone.user_id", "phone.id")
    gone = or_(Contact.id.is_(None), not_(visible(through, Channel.CARDDAV, at)))
    return (
        select(Holding.book_id, func.count())
        .join(Book, Book.id == Holding.book_id)
        .join(phone, phone.id == Book.device_id)
        .outerjoin(Contact, Contact.id == Holding.contact_id)
        .where(
            Holding.book_id.in_(bindparam("books", type_=BigInteger, expanding=True)),
            is_open_card(),
            _asked(which, dialect),
            was_shown(),
            gone,
        )
        .group_by(Holding.book_id)
    )


def _asked(which: _Which, dialect: str) -> ColumnElement[bool]:
    """Whether a Holding is one of those asked about.

    Those that single facts moved, and those of directories besides, are apart from each other:
    a database finds the former by an index, and the latter by looking at all.
    """
    if which is _Which.ALL:
        return true()
    parts = select(Participation.contact_id).where(
        Participation.project_id.in_(bindparam("projects", type_=BigInteger, expanding=True))
    )
    touched = select(Touched.ref_id).where(
        order_column(dialect) >= bindparam("mark", type_=BigInteger),
        Touched.reach == Reach.CONTACT.value,
    )
    single = union(touched, parts)
    if which is _Which.SINGLE:
        return Holding.contact_id.in_(single)
    homes = bindparam("homes", type_=BigInteger, expanding=True)
    return and_(Contact.directory_id.in_(homes), Holding.contact_id.not_in(single))
