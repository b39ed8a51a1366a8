"""The ledger read for people: who holds a card, what a device holds, as readings of facts.

Told, listed and confirmed are no columns: they are read from the receipts of every reader
that was offered the value. The weakest reader decides, so that one program never confirms
for another.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.models import Book, Contact, Device, Holding, User
from app.models.kinds import HoldingKind
from app.policy import Channel, Viewer, each, visible
from app.queries import proofs, tallies
from app.queries.device_views import (
    DeviceState,
    DeviceView,
    HoldingState,
    leaving,
    state_of,
    view_of,
)
from app.queries.proofs import Program, Proof

__all__ = ["DeviceState", "DeviceView", "HoldingState", "leaving"]

UNREACHABLE_AFTER = timedelta(days=7)
"""A device that owes a removal and was not heard from for this long is called unreachable."""


@dataclass(frozen=True, slots=True)
class Holder:
    """One card on one device, as far as we know at the instant of the question.

    `readers` are the programs that were offered it; `came_back_at` is when an older state of the
    phone came back that has not confirmed the removal, whatever had been confirmed before.
    """

    device_id: str
    device: str
    user: str
    email: str
    contact_id: int
    state: HoldingState
    readers: int
    readers_confirmed: int
    offered_at: datetime
    fetched_at: datetime | None
    ended_at: datetime | None
    told_at: datetime | None
    listed_at: datetime | None
    confirmed_at: datetime | None
    came_back_at: datetime | None
    unreachable_since: datetime | None


def holders(session: Session, contact_id: int, at: datetime) -> list[Holder]:
    """Every device that holds or held this contact's card, the newest value of each."""
    newest = {row.book_id: row for row in _values_of(session, contact_id)}
    return [holder for _, holder in _of_contact(session, contact_id, newest.values(), at)]


def every_value(session: Session, contact_id: int, at: datetime) -> list[tuple[Holding, Holder]]:
    """Every value of this contact's card that a device was ever offered, book by book."""
    by_book: dict[int, list[Holding]] = defaultdict(list)
    for row in _values_of(session, contact_id):
        by_book[row.book_id].append(row)
    rows = [row for part in by_book.values() for row in part]
    return _of_contact(session, contact_id, rows, at)


def gone(session: Session, rows: Collection[Holding], at: datetime) -> list[tuple[Holding, Holder]]:
    """The readings of values that none of their devices may have any more."""
    return _read(session, rows, set(), at)


def _of_contact(
    session: Session, contact_id: int, rows: Collection[Holding], at: datetime
) -> list[tuple[Holding, Holder]]:
    return _read(session, rows, _devices_that_see(session, contact_id, at), at)


def _read(
    session: Session, rows: Collection[Holding], seeing: set[int], at: datetime
) -> list[tuple[Holding, Holder]]:
    """The readings of values, in a number of statements that never grows."""
    books = {row.book_id for row in rows}
    devices = _devices_of(session, books)
    programs = proofs.of_books(session, books, at)
    read = (
        (row, _reading(device, user, programs[row.book_id], row, device.id in seeing, at))
        for row in rows
        for device, user in [devices[row.book_id]]
    )
    return [(row, holder) for row, holder in read if holder is not None]


def _devices_that_see(session: Session, contact_id: int, at: datetime) -> set[int]:
    """The devices over which this contact is visible to their owners."""
    asker = aliased(Device, name="asker")
    everybody = each("asker.user_id", "asker.id")
    query = select(asker.id).join(Contact, Contact.id == contact_id)
    query = query.where(visible(everybody, Channel.CARDDAV, at))
    return set(session.scalars(query))


def _values_of(session: Session, contact_id: int) -> Iterable[Holding]:
    """Every value of this contact's card that a book ever held, the oldest first."""
    query = select(Holding).where(Holding.contact_id == contact_id)
    return session.scalars(query.order_by(Holding.id))


def on_device(session: Session, device_id: int, at: datetime) -> list[Holder]:
    """Every card that one device holds or held, the newest value of each."""
    rows = session.scalars(
        select(Holding)
        .join(Book, Book.id == Holding.book_id)
        .where(Book.device_id == device_id, Holding.kind == HoldingKind.CARD)
        .order_by(Holding.id)
    )
    newest = list({(row.book_id, row.contact_id): row for row in rows}.values())
    devices = _devices_of(session, {row.book_id for row in newest})
    by_book: dict[int, list[Holding]] = defaultdict(list)
    for row in newest:
        by_book[row.book_id].append(row)
    found = [_holder(session, devices[book], rows, at) for book, rows in by_book.items()]
    return [holder for part in found for holder in part if holder is not None]


def devices(
    session: Session, at: datetime, user_id: int | None = None, *, device_id: int | None = None
) -> list[DeviceView]:
    """Every device, or those of one user, or this one, the newest first."""
    query = select(Device, User).join(User, User.id == Device.user_id)
    if user_id is not None:
        query = query.where(Device.user_id == user_id)
    if device_id is not None:
        query = query.where(Device.id == device_id)
    rows = session.execute(query.order_by(Device.enrolled_at.desc(), Device.id.desc())).all()
    found = tallies.of_devices(session, [row[0].id for row in rows], at)
    return [view_of(device, user, found[device.id], at) for device, user in rows]


def _devices_of(session: Session, book_ids: Iterable[int]) -> dict[int, tuple[Device, User]]:
    query = (
        select(Book.id, Device, User)
        .join(Device, Device.id == Book.device_id)
        .join(User, User.id == Device.user_id)
        .where(Book.id.in_(list(book_ids)))
    )
    return {row[0]: (row[1], row[2]) for row in session.execute(query)}


def _still_visible(session: Session, device: Device, rows: list[Holding], at: datetime) -> set[int]:
    wanted = [row.contact_id for row in rows if row.closed_seq is None]
    viewer = Viewer(device.user_id, device.id)
    found: set[int] = set()
    for start in range(0, len(wanted), 500):
        query = select(Contact.id).where(
            Contact.id.in_(wanted[start : start + 500]), visible(viewer, Channel.CARDDAV, at)
        )
        found.update(session.scalars(query))
    return found


def _holder(
    session: Session, owner: tuple[Device, User], rows: list[Holding], at: datetime
) -> list[Holder | None]:
    """The readings of rows of one book; None for a value that no reader was ever offered."""
    device, user = owner
    found = proofs.programs(session, rows[0].book_id, at)
    there = _still_visible(session, device, rows, at)
    return [_reading(device, user, found, row, row.contact_id in there, at) for row in rows]


def _reading(
    device: Device,
    user: User,
    programs: list[Program],
    row: Holding,
    is_visible: bool,  # noqa: FBT001 - private, one caller
    at: datetime,
) -> Holder | None:
    offered = proofs.offered_to(programs, row.opened_seq, row.closed_seq)
    if row.contact_id is None or not (offered or row.fetched_at):
        return None
    seq = row.closed_seq
    proved = [program.proof(seq) for program in offered] if seq is not None else []
    restored = (program.came_back_at for program in proofs.unconfirmed(offered, seq))
    state = _state(device, proved, at, is_held=seq is None and is_visible)
    owes = state in {HoldingState.DUE, HoldingState.TOLD}

    def instant(column: str, proof: Proof) -> datetime | None:
        if seq is None or min(proved, default=Proof.NONE) < proof:
            return None
        found = [program.first(seq, column) for program in offered]
        return max((at for at in found if at is not None), default=None)

    return Holder(
        device_id=device.public_id,
        device=device.name,
        user=user.name,
        email=user.email,
        contact_id=row.contact_id,
        state=state,
        readers=len(offered),
        readers_confirmed=sum(proof is Proof.CONFIRMED for proof in proved),
        offered_at=row.offered_at,
        fetched_at=row.fetched_at,
        ended_at=row.ended_at,
        told_at=instant("told_at", Proof.TOLD),
        listed_at=instant("listed_at", Proof.LISTED),
        confirmed_at=instant("acked_at", Proof.CONFIRMED),
        came_back_at=max((one for one in restored if one is not None), default=None),
        unreachable_since=_silent_since(device, at) if owes else None,
    )


def _state(device: Device, proved: list[Proof], at: datetime, *, is_held: bool) -> HoldingState:
    if is_held:
        return HoldingState.HELD
    weakest = min(proved, default=Proof.NONE)
    return state_of(weakest, is_given_up=device.given_up_at <= at)


def _silent_since(device: Device, at: datetime) -> datetime | None:
    last = device.seen_at or device.enrolled_at
    return last if at - last >= UNREACHABLE_AFTER else None
