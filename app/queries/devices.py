"""One user's devices for his own pages, and what is on one of them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cards.card import Card
from app.models import Book, Contact, Device, Holding
from app.models.kinds import HoldingKind
from app.policy import Channel, Viewer
from app.queries import contacts, ledger, tallies
from app.queries.ledger import DeviceView, HoldingState


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

    A card that may not be seen any more is counted and never named.
    """

    cards: list[OnDevice]
    leaving: dict[HoldingState, int]


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
    leaving = ledger.leaving(tally, is_given_up=device.view.is_given_up)
    return Contents([OnDevice(card, held.get(card.public_id)) for card in page], leaving)


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
            tallies.was_shown(),
        )
    )
    return {row[0]: row[1] for row in session.execute(query)}
