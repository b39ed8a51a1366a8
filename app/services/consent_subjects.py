"""Whose consents they are, and by which address or number he is known without naming it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cards.points import email_norm, phone_norm
from app.db import FOREVER
from app.errors import Invalid, NotFound
from app.keys import Key, point_mac
from app.models import ConsentSubject, Contact
from app.models.kinds import PointKind
from app.tokens import random_token


@dataclass(frozen=True, slots=True)
class Mark:
    """A contact point with the keyed hash that finds it again when its value is erased."""

    kind: PointKind
    value: str
    mac: str
    key_id: str


def marked(key: Key, kind: PointKind, value: str, country: str = "CZ") -> Mark:
    """Mark an e-mail address or a phone number. Raises Invalid where it is neither.

    The hash is of the normal form, under a name of its own, so that it serves nothing else.
    """
    said = normal(kind, value, country)
    if not said:
        raise Invalid("point", f"{value!r} is neither an e-mail address nor a phone number")
    return Mark(kind, value.strip(), point_mac(key, kind.value, said), key.id)


def normal(kind: PointKind, value: str, country: str = "CZ") -> str:
    """The form by which two addresses or numbers are the same; empty for what is neither."""
    if kind is PointKind.EMAIL:
        return email_norm(value)
    return phone_norm(value, country) if kind is PointKind.PHONE else ""


def of_contact(session: Session, contact_id: int, at: datetime) -> ConsentSubject:
    """The subject that a contact is, made when it is first asked for. Raises NotFound.

    Holds the contact until the commit, so that two acts about one person come one by one.
    """
    held = select(Contact.id).where(Contact.id == contact_id).with_for_update(key_share=True)
    if session.scalar(held) is None:
        raise NotFound("there is no such contact")
    mine = select(ConsentSubject).where(ConsentSubject.contact_id == contact_id)
    row = session.scalar(mine.order_by(ConsentSubject.id).limit(1))
    return row or _made(session, contact_id, at)


def contact_id(session: Session, public_id: str) -> int:
    """The id of a contact, erased or not: who is erased can still withdraw. Raises NotFound."""
    found = session.scalar(select(Contact.id).where(Contact.public_id == public_id))
    if found is None:
        raise NotFound("there is no such contact")
    return found


def unknown(session: Session, at: datetime) -> ConsentSubject:
    """A subject for somebody who was asked and has no contact yet."""
    return _made(session, None, at)


def is_erased(session: Session, subject: ConsentSubject, at: datetime) -> bool:
    """Whether the contact is erased, so that nothing can be given any more."""
    if subject.contact_id is None:
        return False
    erased: datetime = session.get_one(Contact, subject.contact_id).erased_at
    return erased != FOREVER and erased <= at


def _made(session: Session, contact_id: int | None, at: datetime) -> ConsentSubject:
    row = ConsentSubject(ref=random_token(), contact_id=contact_id, created_at=at)
    session.add(row)
    session.flush()
    return row
