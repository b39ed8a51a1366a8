"""One user's devices for his own pages, and what is on one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, not_, or_, select
from sqlalchemy.orm import Session

from app.cards.card import Card
from app.models import Book, Contact, Device, Holding
from app.models.kinds import HoldingKind
from app.policy import Channel, Viewer, visible
from app.queries import contacts, ledger, tallies, unsettled
from app.queries.ledger import DeviceView, Holder, HoldingState


@dataclass(frozen=True, slots=True)
class OwnDevice:
    """A device with the ids that commands take: its own and its owner's."""

    id: int
    user_id: int
    view: DeviceView


@dataclass(frozen=True, slots=True)
class OnDevice:
    """A card that may be on a device, and since when it is; None while the phone lacks it."""

    card: Card
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Contents:
    """What is on a device: a page of cards by name, and how many are leaving it, by state.

    `held` are on it, and may be. A card that may not be seen any more is counted and never named.
    """

    cards: list[OnDevice]
    held: int
    leaving: dict[HoldingState, int]


@dataclass(frozen=True, slots=True)
class Leaving:
    """A card that must leave a device or has left it, and when; no card where none may be named."""

    card: Card | None
    state: HoldingState
    since: datetime
    told_at: datetime | None
    listed_at: datetime | None
    confirmed_at: datetime | None


def find(session: Session, user_id: int | None, public_id: str, at: datetime) -> OwnDevice | None:
    """The user's device with this public id, or anybody's where no user is named.

    None for an absent one and for anybody else's.
    """
    query = select(Device.id, Device.user_id).where(Device.public_id == public_id)
    if user_id is not None:
        query = query.where(Device.user_id == user_id)
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    (view,) = ledger.devices(session, at, device_id=row[0])
    return OwnDevice(*row, view)


def contents(
    session: Session,
    viewer: Viewer,
    device: OwnDevice,
    at: datetime,
    after: str = "",
    limit: int = 50,
) -> Contents:
    """What is on a device of the viewer's, as far as he may see it through that device."""
    through = Viewer(viewer.user_id, device.id)
    page = contacts.listing(session, through, Channel.CARDDAV, at, after=after, limit=limit)
    held = _held(session, device.id, [card.public_id for card in page])
    tally = tallies.of_devices(session, [device.id], at)[device.id]
    gone = ledger.leaving(tally, is_given_up=device.view.is_given_up)
    cards = [OnDevice(card, held.get(card.public_id)) for card in page]
    return Contents(cards, tally.held, gone)


def leaving(
    session: Session, viewer: Viewer, device: OwnDevice, at: datetime, state: HoldingState
) -> list[Holder]:
    """The cards of one of the viewer's devices that are that far with leaving it, the last first.

    Which contacts they are is not said here: `named` does that, for a page of them.
    """
    rows = [*session.scalars(_closed(device.id)), *session.scalars(_due(viewer, device.id, at))]
    found = [one for _, one in ledger.gone(session, rows, at) if one.state is state]
    return sorted(found, key=lambda one: (one.ended_at or at, one.contact_id), reverse=True)


def named(
    session: Session, viewer: Viewer, holders: Sequence[Holder], at: datetime
) -> list[Leaving]:
    """These cards, each with its contact where the viewer may look that up in the portal now."""
    wanted = [one.contact_id for one in holders]
    query = select(Contact.id, Contact.public_id).where(Contact.id.in_(wanted))
    names: dict[int, str] = dict(session.execute(query).all())
    cards = contacts.several(session, viewer, Channel.PORTAL, list(names.values()), at)
    return [
        Leaving(
            card=cards.get(names.get(one.contact_id, "")),
            state=one.state,
            since=one.offered_at,
            told_at=one.told_at,
            listed_at=one.listed_at,
            confirmed_at=one.confirmed_at,
        )
        for one in holders
    ]


def _closed(device_id: int) -> Select[Holding]:
    """The last value of every card that was taken from the device."""
    return (
        select(Holding)
        .join(Book, Book.id == Holding.book_id)
        .where(
            Book.device_id == device_id,
            Holding.kind == HoldingKind.CARD,
            Holding.closed_seq.is_not(None),
            not_(tallies.was_followed()),
        )
    )


def _due(viewer: Viewer, device_id: int, at: datetime) -> Select[Holding]:
    """What is on the device and may not be, before anything told it so."""
    through = Viewer(viewer.user_id, device_id)
    hidden = or_(Contact.id.is_(None), not_(visible(through, Channel.CARDDAV, at)))
    return (
        select(Holding)
        .join(Book, Book.id == Holding.book_id)
        .outerjoin(Contact, Contact.id == Holding.contact_id)
        .where(Book.device_id == device_id, unsettled.is_there(), hidden)
    )


def _held(session: Session, device_id: int, public_ids: list[str]) -> dict[str, datetime]:
    """Since when each of these cards, all of them visible, is on the device."""
    query = (
        select(Contact.public_id, Holding.offered_at)
        .join(Holding, Holding.contact_id == Contact.id)
        .join(Book, Book.id == Holding.book_id)
        .where(
            Contact.public_id.in_(public_ids),
            Book.device_id == device_id,
            Holding.kind == HoldingKind.CARD,
            Holding.closed_seq.is_(None),
            unsettled.was_shown(),
        )
    )
    return {row[0]: row[1] for row in session.execute(query)}
