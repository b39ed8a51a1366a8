"""One user's devices for his own pages, and what is on one of them."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cards.card import Card
from app.models import Contact, Device
from app.policy import Channel, Viewer
from app.queries import contacts, ledger
from app.queries.ledger import DeviceView, Holder, HoldingState


@dataclass(frozen=True, slots=True)
class OwnDevice:
    """A device of the one who asks, with the id that commands take."""

    id: int
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


def find(session: Session, user_id: int, public_id: str, at: datetime) -> OwnDevice | None:
    """The user's device with this public id; None for an absent one and for anybody else's."""
    query = select(Device.id).where(Device.public_id == public_id, Device.user_id == user_id)
    device_id = session.scalar(query)
    if device_id is None:
        return None
    views = ledger.devices(session, at, user_id)
    return OwnDevice(device_id, next(view for view in views if view.public_id == public_id))


def contents(
    session: Session,
    viewer: Viewer,
    device_id: int,
    at: datetime,
    after: str = "",
    limit: int = 50,
) -> Contents:
    """What is on a device of the viewer's, as far as he may see it through that device."""
    holders = ledger.on_device(session, device_id, at)
    through = Viewer(viewer.user_id, device_id)
    page = contacts.listing(session, through, Channel.CARDDAV, at, after=after, limit=limit)
    held = _held(session, holders, [card.public_id for card in page])
    leaving: Counter[HoldingState] = Counter(
        h.state for h in holders if h.state is not HoldingState.HELD
    )
    return Contents([OnDevice(card, held.get(card.public_id)) for card in page], dict(leaving))


def _held(session: Session, holders: list[Holder], public_ids: list[str]) -> dict[str, datetime]:
    since = {h.contact_id: h.offered_at for h in holders if h.state is HoldingState.HELD}
    query = select(Contact.public_id, Contact.id).where(Contact.public_id.in_(public_ids))
    return {name: since[row_id] for name, row_id in session.execute(query) if row_id in since}
