"""Which phones and programs have cards of a directory: counted, never named card by card.

For who oversees the directory. In a number of statements that never grows.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.cards.text import sort_key
from app.models import Book, Contact, Device, Holding, User
from app.models.kinds import HoldingKind
from app.policy import Viewer
from app.queries import device_views, tallies
from app.queries.device_views import DeviceView, HoldingState
from app.queries.ledger import UNREACHABLE_AFTER
from app.queries.people import surname_first

_OWED = frozenset({HoldingState.DUE, HoldingState.TOLD})
_UNKNOWN = frozenset({HoldingState.LISTED, HoldingState.GIVEN_UP})


@dataclass(frozen=True, slots=True)
class DirectoryPhone:
    """A device as far as cards of one directory are on it, or may still be.

    `leaving` counts the cards that must go or have gone, by how far they have come;
    `silent_since` is the instant since when a device that owes something is not heard from.
    """

    view: DeviceView
    leaving: dict[HoldingState, int]
    silent_since: datetime | None
    is_mine: bool

    @property
    def rank(self) -> int:
        """What needs somebody first: silent, then owing, then never to be known, then the rest."""
        if self.silent_since is not None:
            return 0
        if _OWED & set(self.leaving):
            return 1
        return 2 if _UNKNOWN & set(self.leaving) else 3


@dataclass(frozen=True, slots=True)
class Summary:
    """How many devices there are: all, those that owe a removal, those of them that are silent."""

    devices: int
    owing: int
    silent: int


def of_directory(
    session: Session, viewer: Viewer, directory_id: int, at: datetime
) -> list[DirectoryPhone]:
    """Every device that has cards of this directory, or may have; what needs somebody first.

    A device that has confirmed to have dropped all of them is not among them.
    """
    rows = session.execute(_candidates(directory_id)).all()
    found = tallies.of_devices(session, [device.id for device, _ in rows], at, directory_id)
    phones = []
    for device, user in rows:
        view = device_views.view_of(device, user, found[device.id], at)
        leaving = device_views.leaving(found[device.id], is_given_up=view.is_given_up)
        if view.cards or set(leaving) - {HoldingState.CONFIRMED}:
            silent = _silent_since(device, at) if view.removals_waiting else None
            phones.append(DirectoryPhone(view, leaving, silent, user.id == viewer.user_id))
    return sorted(phones, key=_place)


def summary(phones: Collection[DirectoryPhone]) -> Summary:
    """These devices in three numbers."""
    return Summary(
        devices=len(phones),
        owing=sum(bool(phone.view.removals_waiting) for phone in phones),
        silent=sum(phone.silent_since is not None for phone in phones),
    )


def _candidates(directory_id: int) -> Select[Device, User]:
    """Devices that ever were offered a card of the directory."""
    held = (
        select(Book.device_id)
        .join(Holding, Holding.book_id == Book.id)
        .join(Contact, Contact.id == Holding.contact_id)
        .where(Contact.directory_id == directory_id, Holding.kind == HoldingKind.CARD)
    )
    return select(Device, User).join(User, User.id == Device.user_id).where(Device.id.in_(held))


def _silent_since(device: Device, at: datetime) -> datetime | None:
    last = device.seen_at or device.enrolled_at
    return last if at - last >= UNREACHABLE_AFTER else None


def _place(phone: DirectoryPhone) -> tuple[int, str, str, str]:
    view = phone.view
    return phone.rank, sort_key(surname_first(view.user)), view.name, view.public_id
