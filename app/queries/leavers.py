"""A colleague who left: who ended his access and when, and what his devices give back.

A card counts where one of his devices held it when his access ended, or had not proved by then
that an earlier removal was read. What was given to him later, in another time here, does not.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from app.models import AuditEvent, Book, Device, Holding, Suspension, SuspensionKind, User
from app.models.kinds import HoldingKind
from app.queries import backs, ledger
from app.queries.backs import TakeBack
from app.queries.ledger import Holder


@dataclass(frozen=True, slots=True)
class Departure:
    """The last time that somebody's account was disabled.

    `by` is the name of who pressed, "" for the operator at the shell. `heirs` took over the
    contacts that were in his charge, `handed_over` of them. `until` is None while he is gone.
    """

    name: str
    email: str
    at: datetime
    until: datetime | None
    by: str
    reason: str
    heirs: tuple[str, ...]
    handed_over: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """One whose account is disabled, and how many of his devices have not given all back."""

    id: int
    name: str
    at: datetime
    devices: int


def waited_for(session: Session, at: datetime) -> list[Waiting]:
    """Who left and has devices that are not emptied yet; the last to leave first. One statement."""
    out = and_(Device.emptied_at > at, Device.given_up_at > at)
    query = (
        select(
            User.id, User.name, func.max(Suspension.valid_from), func.count(Device.id.distinct())
        )
        .join(Suspension, Suspension.user_id == User.id)
        .join(Device, Device.user_id == User.id)
        .where(
            Suspension.kind == SuspensionKind.DISABLED,
            Suspension.valid_from <= at,
            Suspension.valid_until > at,
            out,
        )
        .group_by(User.id, User.name)
        .order_by(func.max(Suspension.valid_from).desc(), User.id)
    )
    return [Waiting(*row) for row in session.execute(query)]


def departure(session: Session, user_id: int, at: datetime) -> Departure | None:
    """How this colleague left last; None for one who never did."""
    found = _left(session, user_id, at)
    if found is None:
        return None
    presses = _presses(session, user_id, found.valid_from)
    named = {row.id: row for row in session.scalars(_users(user_id, presses))}
    first = next(iter(presses), None)
    by = named.get(first.actor_id or 0) if first is not None else None
    heirs = {to: named[to].name for one in presses if (to := one.detail.get("to")) in named}
    return Departure(
        name=named[user_id].name,
        email=named[user_id].email,
        at=found.valid_from,
        until=found.valid_until if found.valid_until <= at else None,
        by=by.name if by else "",
        reason=found.reason,
        heirs=tuple(heirs.values()),
        handed_over=sum(int(one.detail.get("handed_over", 0)) for one in presses),
    )


def of_person(session: Session, user_id: int, at: datetime) -> TakeBack | None:
    """What the devices of a colleague had when he left; None for one who never did.

    The number of statements does not grow with devices or cards.
    """
    left = departure(session, user_id, at)
    if left is None:
        return None
    went = _had(session, user_id, left.at)
    values = session.scalars(select(Holding).where(Holding.id.in_(went))).all()
    read = ledger.gone(session, values, at)
    cards = [(holder, went[row.id]) for row, holder in read if not _was_settled(holder, left.at)]
    devices = backs.devices(session, {holder.device_id for holder, _ in cards})
    return backs.take_back(left.at, [(left.name, left.email)], cards, devices)


def _left(session: Session, user_id: int, at: datetime) -> Suspension | None:
    query = select(Suspension).where(
        Suspension.user_id == user_id,
        Suspension.kind == SuspensionKind.DISABLED,
        Suspension.valid_from <= at,
    )
    return session.scalars(query.order_by(Suspension.valid_from.desc()).limit(1)).first()


def _presses(session: Session, user_id: int, since: datetime) -> list[AuditEvent]:
    """Every time somebody pressed; a second one may have handed something over, too."""
    query = select(AuditEvent).where(
        AuditEvent.subject_kind == "user",
        AuditEvent.subject_id == user_id,
        AuditEvent.action == "user.disable",
        AuditEvent.at >= since,
    )
    return list(session.scalars(query.order_by(AuditEvent.id)))


def _users(user_id: int, presses: list[AuditEvent]) -> Any:  # noqa: ANN401 - a Select of users
    acting = {one.actor_id for one in presses} | {one.detail.get("to") for one in presses}
    return select(User).where(User.id.in_({user_id, *(one for one in acting if one is not None)}))


def _had(session: Session, user_id: int, left_at: datetime) -> dict[int, set[int]]:
    """The contacts last offered by then to his devices, by one value of those that read alike."""
    newest = (
        select(func.max(Holding.id).label("id"))
        .join(Book, Book.id == Holding.book_id)
        .join(Device, Device.id == Book.device_id)
        .where(
            Device.user_id == user_id,
            Holding.kind == HoldingKind.CARD,
            Holding.offered_at <= left_at,
        )
        .group_by(Holding.book_id, Holding.contact_id)
        .subquery()
    )
    shape = (Holding.book_id, Holding.opened_seq, Holding.closed_seq, Holding.fetched_at.is_(None))
    contact: Any = Holding.contact_id
    query = select(contact, Holding.id, *shape).join(newest, newest.c.id == Holding.id)
    found: dict[int, set[int]] = defaultdict(set)
    first: dict[tuple[Any, ...], int] = {}
    for contact_id, row_id, *alike in session.execute(query):
        found[first.setdefault(tuple(alike), row_id)].add(contact_id)
    return found


def _was_settled(holder: Holder, left_at: datetime) -> bool:
    """Whether the card was off the device before he left, as far as its kind can prove that."""
    proved = holder.confirmed_at or holder.listed_at
    return proved is not None and proved < left_at
