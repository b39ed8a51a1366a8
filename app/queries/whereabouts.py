"""On which devices one contact's card is, or may still be, at an instant that may be past."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Device, Holding
from app.queries import ledger
from app.queries.ledger import Holder, HoldingState

OWING = frozenset({HoldingState.DUE, HoldingState.TOLD, HoldingState.GIVEN_UP})
"""The card should be gone from the device, which has not confirmed it."""

_WEAKEST_FIRST = (
    *(HoldingState.DUE, HoldingState.TOLD, HoldingState.GIVEN_UP, HoldingState.HELD),
    *(HoldingState.LISTED, HoldingState.CONFIRMED),
)


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """One contact on one device of one user: how far it has come, and when it got there.

    For an instant in the past it is not said how many of its programs had confirmed: `readers`
    is 0 then, and where nothing is to be taken back.
    """

    device_id: str
    device: str
    user: str
    email: str
    state: HoldingState
    offered_at: datetime
    told_at: datetime | None
    listed_at: datetime | None
    confirmed_at: datetime | None
    given_up_at: datetime | None
    came_back_at: datetime | None
    unreachable_since: datetime | None
    readers: int
    readers_confirmed: int

    @property
    def may_be_there(self) -> bool:
        """Whether the card may be on the device; what was cut off is not known."""
        return self.state is HoldingState.HELD or self.state in OWING


def of_contact(
    session: Session, contact_id: int, seeing: Collection[str], at: datetime, now: datetime
) -> list[Whereabouts]:
    """Every device that had been given the card by then, in words of that instant.

    `seeing` are the public ids of the devices over which the policy shows the contact `at`.
    Receipts that came later than `at` do not count; `now` is when the question is asked.
    """
    newest: dict[int, tuple[Holding, Holder]] = {}
    for row, holder in ledger.every_value(session, contact_id, max(at, now)):
        if row.offered_at <= at:
            newest[row.book_id] = row, holder
    ends = _given_up(session, {holder.device_id for _, holder in newest.values()})
    found: dict[str, Whereabouts] = {}
    for row, read in newest.values():
        holder = read if at >= now else replace(read, readers=0, came_back_at=None)
        one = _reading(row, holder, ends[holder.device_id], at, holder.device_id in seeing)
        if one is not None:
            found[one.device_id] = _weaker(found.get(one.device_id), one)
    return sorted(found.values(), key=lambda one: (one.user, one.email, one.device, one.device_id))


def _reading(
    row: Holding,
    holder: Holder,
    given_up_at: datetime,
    at: datetime,
    is_visible: bool,  # noqa: FBT001 - private, one caller
) -> Whereabouts | None:
    """The value as it stood; None for a card that went and may come back at the next sync."""
    is_gone = row.is_gone and row.ended_at is not None and row.ended_at <= at
    if is_gone and is_visible:
        return None
    is_cut = given_up_at <= at
    told, listed, confirmed = (
        _by(instant, at) for instant in (holder.told_at, holder.listed_at, holder.confirmed_at)
    )
    reached = [
        (HoldingState.HELD, is_visible),
        (HoldingState.CONFIRMED, is_gone and confirmed is not None),
        (HoldingState.GIVEN_UP, is_cut),
        (HoldingState.LISTED, is_gone and listed is not None),
        (HoldingState.TOLD, is_gone and told is not None),
    ]
    state = next((state for state, holds in reached if holds), HoldingState.DUE)
    owes = state in {HoldingState.DUE, HoldingState.TOLD}
    return Whereabouts(
        device_id=holder.device_id,
        device=holder.device,
        user=holder.user,
        email=holder.email,
        state=state,
        offered_at=holder.offered_at,
        told_at=told if is_gone else None,
        listed_at=listed if is_gone else None,
        confirmed_at=confirmed if is_gone else None,
        given_up_at=given_up_at if is_cut else None,
        came_back_at=holder.came_back_at if is_gone else None,
        unreachable_since=holder.unreachable_since if owes else None,
        readers=holder.readers if is_gone else 0,
        readers_confirmed=holder.readers_confirmed,
    )


def _by(instant: datetime | None, at: datetime) -> datetime | None:
    return instant if instant is not None and instant <= at else None


def _weaker(one: Whereabouts | None, other: Whereabouts) -> Whereabouts:
    """Of two books of one device, the one that owes more."""
    if one is None:
        return other
    return min(one, other, key=lambda book: _WEAKEST_FIRST.index(book.state))


def _given_up(session: Session, public_ids: Collection[str]) -> dict[str, datetime]:
    query = select(Device.public_id, Device.given_up_at).where(Device.public_id.in_(public_ids))
    return {row[0]: row[1] for row in session.execute(query)}
