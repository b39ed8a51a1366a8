"""Contacts handed out in a file: recorded one by one, before the file is made."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, insert, select
from sqlalchemy.orm import Session

from app.cards.card import Card
from app.errors import Invalid, NotFound, Refused
from app.models import Contact, Directory, HandOver
from app.policy import Channel, Viewer
from app.queries import contacts
from app.services import checks, suppressed_exports
from app.services.audit import Actor, record
from app.services.contact_rows import chunks


@dataclass(frozen=True, slots=True)
class Errand:
    """To whom a file goes, and why: in a person's words."""

    recipient: str
    reason: str


def hand_over(
    session: Session,
    actor: Actor,
    viewer: Viewer,
    directory_id: int,
    errand: Errand,
    at: datetime,
) -> list[Card]:
    """The cards of a directory that the viewer may export, each with a row about its leaving.

    `actor` is who does it, `viewer` in whose name. Who stopped the marketing that a directory is
    for is left out. The caller makes the file after the transaction is committed: a crash may
    leave rows of a file that never was, never a file without its rows. Raises NotFound for the
    directory, Invalid without a recipient or a reason, Refused where he may export nothing.
    """
    home = session.get(Directory, directory_id)
    if home is None:
        raise NotFound("there is no such directory")
    _check(errand)
    cards = contacts.everything(session, viewer, Channel.EXPORT, at, directory_id=home.id)
    cards = suppressed_exports.left(session, cards, at)
    if not cards:
        raise Refused(f"the directory {home.slug} holds nothing that this user may export")
    _leave(session, actor, viewer, cards, errand, at)
    return cards


def hand_over_chosen(
    session: Session,
    actor: Actor,
    viewer: Viewer,
    contact_ids: Sequence[int],
    errand: Errand,
    at: datetime,
) -> list[Card]:
    """The same for contacts chosen one by one, in the order of their names.

    Raises Invalid without a recipient or a reason, Refused where he may not export all of them.
    """
    _check(errand)
    cards = contacts.chosen(session, viewer, Channel.EXPORT, contact_ids, at)
    if not cards or len(cards) < len(contact_ids):
        raise Refused("this user may not export all of these contacts")
    cards = suppressed_exports.left(session, cards, at)
    if not cards:
        raise Refused("all of these people stopped what their directory is for")
    _leave(session, actor, viewer, cards, errand, at)
    return cards


def _check(errand: Errand) -> None:
    checks.name(errand.recipient, "to")
    if not checks.remark(errand.reason):
        raise Invalid("reason", "it is empty")


def _leave(
    session: Session,
    actor: Actor,
    viewer: Viewer,
    cards: Sequence[Card],
    errand: Errand,
    at: datetime,
) -> None:
    """A row for each card, and an audit row for each directory that they come from."""
    rows = [row for part in chunks(cards) for row in _rows_of(session, part)]
    levels = {card.public_id: card.profile for card in cards}
    said = {
        "at": at,
        "channel": Channel.EXPORT.value,
        "recipient": checks.name(errand.recipient, "to"),
        "reason": checks.remark(errand.reason),
        "user_id": viewer.user_id,
    }
    leaving = [said | {"contact_id": row.id, "fields": levels[row.public_id]} for row in rows]
    session.execute(insert(HandOver), leaving)
    for home, number in sorted(Counter(row.directory_id for row in rows).items()):
        told = {"user": viewer.user_id, "contacts": number}
        record(session, actor, "contact.export", ("directory", home), at, **told)


def _rows_of(session: Session, cards: Sequence[Card]) -> Sequence[Row[int, str, int]]:
    ids = [card.public_id for card in cards]
    query = select(Contact.id, Contact.public_id, Contact.directory_id)
    return session.execute(query.where(Contact.public_id.in_(ids))).all()
