"""Whom an e-mail address means: contacts that have it, and people who are none yet."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cards.card import ContactKind, Draft, Point
from app.cards.points import email_norm
from app.errors import Refused
from app.models import CollectionPoint, ConsentEvent, ConsentSubject, Contact, ContactPoint
from app.models.kinds import PointKind, SourceKind
from app.services import consent_subjects, contacts
from app.services.audit import Actor
from app.services.consent_subjects import Mark
from app.services.contacts import NewContact


def contact_ids(session: Session, email: str, at: datetime, home: int | None = None) -> list[int]:
    """The people who have this address, those of the directory `home` first, then the oldest."""
    query = (
        select(Contact.id, Contact.directory_id)
        .join(ContactPoint, ContactPoint.contact_id == Contact.id)
        .where(
            ContactPoint.kind == PointKind.EMAIL,
            ContactPoint.norm == email_norm(email),
            Contact.kind == ContactKind.PERSON,
            Contact.erased_at > at,
            Contact.merged_at > at,
        )
    )
    rows = sorted(session.execute(query), key=lambda row: (row.directory_id != home, row.id))
    return list(dict.fromkeys(row.id for row in rows))


def asked(session: Session, mark: Mark, home: int | None, at: datetime) -> ConsentSubject:
    """Whom a form asks: a contact, or somebody who is none until his mailbox has said yes."""
    known = contact_ids(session, mark.value, at, home)
    if known:
        return consent_subjects.of_contact(session, known[0], at)
    return next(iter(_strangers(session, mark)), None) or consent_subjects.unknown(session, at)


def everybody(session: Session, mark: Mark, at: datetime) -> list[ConsentSubject]:
    """All whom an address means, for what closes."""
    known = contact_ids(session, mark.value, at)
    found = [consent_subjects.of_contact(session, one, at) for one in known]
    return [*found, *_strangers(session, mark)]


def settled(
    session: Session,
    actor: Actor,
    point: CollectionPoint,
    draft: Draft,
    at: datetime,
) -> int:
    """The contact of somebody whose mailbox said yes: found, and left as it is, or added.

    Raises Refused where he is unknown and the form adds nobody.
    """
    known = contact_ids(session, draft.emails[0].value, at, point.directory_id)
    if known:
        return known[0]
    if point.directory_id is None:
        raise Refused("this form adds nobody: it has no directory")
    new = NewContact(draft, source=point.name, source_kind=SourceKind.FORM)
    return contacts.add(session, actor, point.directory_id, new, at).contact.id


def draft(email: str, phone: str) -> Draft:
    """What a form says about a person."""
    phones = (Point(phone),) if phone else ()
    return Draft(emails=(Point(email),), phones=phones)


def _strangers(session: Session, mark: Mark) -> Sequence[ConsentSubject]:
    """Those without a contact to whom something happened under this address."""
    query = (
        select(ConsentSubject)
        .join(ConsentEvent, ConsentEvent.subject_id == ConsentSubject.id)
        .where(ConsentEvent.point_mac == mark.mac, ConsentSubject.contact_id.is_(None))
        .order_by(ConsentSubject.id)
        .distinct()
    )
    return session.scalars(query).all()
