"""Who had to do with one person's data in a period: four answers for one question.

Who could see the contact (app.queries.access), to whom pages showed it, which devices held its
card and with what in it, and in which files it left. It can be asked about a contact that is
hidden or erased now; what was erased with it is not told any more.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Text, cast, select
from sqlalchemy.orm import Session

from app.cards.card import Card, ContactKind
from app.errors import Invalid, NotFound
from app.models import Consultation, Contact, HandOver, Holding, User, ValueChange
from app.models.kinds import Profile
from app.policy import Channel, fields_of
from app.queries import access, contacts, history, ledger
from app.queries.access import Sight
from app.queries.ledger import Holder, HoldingState

_NOT_ON_A_CARD = frozenset({"public_id", "version", "profile", "kind", "photo"})


@dataclass(frozen=True, slots=True)
class Showing:
    """A page showed the contact to a user."""

    at: datetime
    user: str | None
    email: str | None
    page: str


@dataclass(frozen=True, slots=True)
class Held:
    """A device was offered one value of the card. `values` are the fields then in it."""

    holder: Holder
    is_replaced: bool
    fields: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Leaving:
    """The contact left in a file or by a transfer; `fields` is a profile."""

    at: datetime
    channel: str
    recipient: str
    reason: str
    fields: str
    user: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class Seen:
    """The four answers about [start, end)."""

    uid: str
    start: datetime
    end: datetime
    could_see: list[Sight]
    was_shown: list[Showing]
    was_held: list[Held]
    went_out: list[Leaving]


def of_contact(
    session: Session, public_id: str, start: datetime, end: datetime, at: datetime
) -> Seen:
    """Everything known of one contact and this period, as the ledger reads `at`.

    Raises NotFound for what never was, Invalid where the period ends before it begins.
    """
    if end <= start:
        raise Invalid("to", "it ends before it begins")
    contact_id = contacts.contact_id(session, public_id)
    if contact_id is None:
        raise NotFound("there is no such contact")
    return Seen(
        uid=public_id,
        start=start,
        end=end,
        could_see=access.could_see(session, contact_id, start, end),
        was_shown=_showings(session, contact_id, start, end),
        was_held=_held(session, contact_id, start, end, at),
        went_out=_leavings(session, contact_id, start, end),
    )


def _showings(session: Session, contact_id: int, start: datetime, end: datetime) -> list[Showing]:
    # The text is a sieve that both engines have; the list itself decides.
    sieve = cast(Consultation.contact_ids, Text).contains(str(contact_id))
    query = (
        select(Consultation, User.name, User.email)
        .outerjoin(User, User.id == Consultation.user_id)
        .where(Consultation.at >= start, Consultation.at < end, sieve)
        .order_by(Consultation.at, Consultation.id)
    )
    return [
        Showing(row.at, name, email, row.page)
        for row, name, email in session.execute(query)
        if contact_id in row.contact_ids
    ]


def _leavings(session: Session, contact_id: int, start: datetime, end: datetime) -> list[Leaving]:
    query = (
        select(HandOver, User.name, User.email)
        .outerjoin(User, User.id == HandOver.user_id)
        .where(HandOver.contact_id == contact_id, HandOver.at >= start, HandOver.at < end)
        .order_by(HandOver.at, HandOver.id)
    )
    return [
        Leaving(row.at, row.channel, row.recipient, row.reason, _profile(row.fields), name, email)
        for row, name, email in session.execute(query)
    ]


def _held(
    session: Session, contact_id: int, start: datetime, end: datetime, at: datetime
) -> list[Held]:
    """Values that a device may have held in the period.

    A value counts until its removal, or the value that replaced it, was confirmed or listed.
    """
    card = contacts.whole(session, contact_id)
    changes = _changes(session, contact_id)
    is_sole_trader = session.get_one(Contact, contact_id).is_sole_trader
    return [
        Held(
            holder=holder,
            is_replaced=row.closed_seq is not None and not row.is_gone,
            fields=_profile(row.profile),
            values=values_then(card, changes, row, is_sole_trader=is_sole_trader),
        )
        for row, holder in ledger.every_value(session, contact_id, at)
        if row.offered_at < end and may_have_had(holder, start)
    ]


def may_have_had(holder: Holder, start: datetime) -> bool:
    """Whether the device may still have had this value at `start`."""
    rid_of = {HoldingState.CONFIRMED: holder.confirmed_at, HoldingState.LISTED: holder.listed_at}
    rid_at = rid_of.get(holder.state)
    return rid_at is None or rid_at > start


def _changes(session: Session, contact_id: int) -> list[ValueChange]:
    query = select(ValueChange).where(ValueChange.contact_id == contact_id)
    newest_first = query.order_by(ValueChange.changed_at.desc(), ValueChange.id.desc())
    return list(session.scalars(newest_first))


def values_then(
    card: Card, changes: list[ValueChange], row: Holding, *, is_sole_trader: bool
) -> dict[str, Any]:
    """What stood on the card when it was offered: what stands there now, changes taken back.

    Exact but for an edit that was being committed at the very instant of the offer.
    """
    then = {name: value for name, value in asdict(card).items() if name not in _NOT_ON_A_CARD}
    kind = card.kind.value
    for change in changes:
        if row.version == card.version or change.changed_at <= row.offered_at:
            break
        if change.field == "kind":
            kind = change.old
        elif change.field == "categories":
            then["categories"] = tuple(filter(None, change.old.split("\n")))
        elif change.field in then:
            then[change.field] = history.said(change.field, change.old)
    is_natural = kind == ContactKind.PERSON or is_sole_trader
    fields = fields_of(row.profile, Channel.CARDDAV, is_natural=is_natural)
    shown = {name: value for name, value in then.items() if name in fields and value}
    return {"kind": kind, **shown, "has_photo": row.has_photo}


def _profile(level: int) -> str:
    return Profile(level).name.lower()
