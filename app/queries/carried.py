"""What a phone had on it when it was lost: every value that may have been there, as it was then.

Asked for an incident alone, past the policy: who must be told can be hidden from whoever asks.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cards.card import Address, Card, ContactKind, Point
from app.models import Book, Contact, Holding, ValueChange
from app.models.kinds import HoldingKind, Profile
from app.queries import contacts, ledger, seen
from app.queries.ledger import Holder, HoldingState

_CHUNK = 500
_POINTS = ("phones", "emails", "urls", "ims")
GROUPS = (
    *("name", "organisation", "position", "phones", "emails", "addresses", "web"),
    *("birthday", "categories", "note", "photo"),
)
"""What fields are called together, in the order of a card."""


@dataclass(frozen=True, slots=True)
class Carried:
    """One value of a contact's card that may have been on the phone, and how far it has come.

    `card` holds the fields that went to the phone, with what stood in them then; it is empty
    where the contact was erased since. `level` is the profile, `is_natural` says whether data
    of a person are concerned, not only of a firm. The state is that of now.
    """

    contact_id: int
    card: Card
    is_natural: bool
    is_erased: bool
    has_photo: bool
    is_replaced: bool
    level: int
    since: datetime
    state: HoldingState
    told_at: datetime | None
    listed_at: datetime | None
    confirmed_at: datetime | None

    @property
    def profile(self) -> str:
        """The word for what of a contact went to the phone."""
        return Profile(self.level).name.lower()

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields that were filled in, in the order of a card."""
        return filled(self.card, has_photo=self.has_photo)


def filled(card: Card, *, has_photo: bool) -> tuple[str, ...]:
    """Which of the groups of fields of a card say something."""
    groups = {
        "name": (card.full_name, card.family, card.given, card.nickname),
        "organisation": (card.organisation, card.department),
        "position": (card.title, card.role),
        "phones": card.phones,
        "emails": card.emails,
        "addresses": card.addresses,
        "web": (*card.urls, *card.ims),
        "birthday": (card.birthday,),
        "categories": card.categories,
        "note": (card.note,),
    }
    return (*(name for name, said in groups.items() if any(said)), *(("photo",) * has_photo))


def of_device(
    session: Session, device_id: int, start: datetime, end: datetime, at: datetime
) -> list[Carried]:
    """What the device may have had on it in [start, end], by name; `at` is the instant of asking.

    A value counts until its removal, or the value that replaced it, was confirmed or listed;
    what was told and not confirmed counts. The device is stopped: nothing on it may be there.
    """
    held = (
        select(Holding)
        .join(Book, Book.id == Holding.book_id)
        .where(
            Book.device_id == device_id,
            Holding.kind == HoldingKind.CARD,
            Holding.offered_at <= end,
        )
        .order_by(Holding.id)
    )
    rows = session.scalars(held).all()
    read = [
        (row, holder)
        for row, holder in ledger.gone(session, rows, at)
        if seen.may_have_had(holder, start)
    ]
    return _carried(session, read, at)


def _carried(
    session: Session, read: Sequence[tuple[Holding, Holder]], at: datetime
) -> list[Carried]:
    ids = sorted({holder.contact_id for _, holder in read})
    found, changes = _contacts(session, ids), _changes(session, read)
    cards = contacts.wholes(session, ids)
    carried = []
    for row, holder in read:
        contact = found[holder.contact_id]
        card = cards[contact.public_id]
        values = seen.values_then(
            card, changes[contact.id], row, is_sole_trader=contact.is_sole_trader
        )
        carried.append((contact.sort_key, _one(row, holder, contact, values, at)))
    carried.sort(key=lambda pair: (pair[0], pair[1].contact_id))
    return [one for _, one in carried]


def _one(
    row: Holding, holder: Holder, contact: Contact, values: dict[str, Any], at: datetime
) -> Carried:
    kind = ContactKind(values["kind"])
    return Carried(
        contact_id=contact.id,
        card=_card(contact.public_id, row, values),
        is_natural=kind is ContactKind.PERSON or contact.is_sole_trader,
        is_erased=contact.erased_at <= at,
        has_photo=row.has_photo,
        is_replaced=row.closed_seq is not None and not row.is_gone,
        level=row.profile,
        since=row.offered_at,
        state=holder.state,
        told_at=holder.told_at,
        listed_at=holder.listed_at,
        confirmed_at=holder.confirmed_at,
    )


def _card(public_id: str, row: Holding, values: dict[str, Any]) -> Card:
    """The card that these values made."""
    said = {k: v for k, v in values.items() if k not in {"has_photo", "kind"}}
    for name in _POINTS:
        said[name] = tuple(Point(**point) for point in said.get(name, ()))
    said["addresses"] = tuple(Address(**address) for address in said.get("addresses", ()))
    return Card(
        public_id=public_id,
        version=row.version,
        profile=row.profile,
        kind=ContactKind(values["kind"]),
        **{name: value for name, value in said.items() if name in Card.__dataclass_fields__},
    )


def _contacts(session: Session, ids: Sequence[int]) -> dict[int, Contact]:
    found: dict[int, Contact] = {}
    for wanted in _chunks(ids):
        query = select(Contact).where(Contact.id.in_(wanted))
        found |= {row.id: row for row in session.scalars(query)}
    return found


def _changes(
    session: Session, read: Sequence[tuple[Holding, Holder]]
) -> dict[int, list[ValueChange]]:
    """What was changed since the first of these values went out, the newest first."""
    found: dict[int, list[ValueChange]] = defaultdict(list)
    if not read:
        return found
    since = min(row.offered_at for row, _ in read)
    for wanted in _chunks(sorted({holder.contact_id for _, holder in read})):
        query = select(ValueChange).where(
            ValueChange.contact_id.in_(wanted), ValueChange.changed_at > since
        )
        newest = query.order_by(ValueChange.changed_at.desc(), ValueChange.id.desc())
        for change in session.scalars(newest):
            found[change.contact_id].append(change)
    return found


def _chunks(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK))


@dataclass(frozen=True, slots=True)
class Extent:
    """How much was on a phone: people, firms, erased since, and which groups of fields."""

    people: int
    firms: int
    erased: int
    fields: tuple[str, ...]
    states: dict[HoldingState, int]

    @property
    def total(self) -> int:
        """How many contacts."""
        return self.people + self.firms


def extent(carried: Sequence[Carried]) -> Extent:
    """The list in numbers, each contact counted once, by the state of its last value."""
    last = {one.contact_id: one for one in sorted(carried, key=lambda one: one.since)}
    fields = {name for one in carried for name in one.fields}
    states: dict[HoldingState, int] = defaultdict(int)
    for one in last.values():
        states[one.state] += 1
    people = sum(one.is_natural for one in last.values())
    return Extent(
        people=people,
        firms=len(last) - people,
        erased=sum(one.is_erased for one in last.values()),
        fields=tuple(name for name in GROUPS if name in fields),
        states=dict(states),
    )
