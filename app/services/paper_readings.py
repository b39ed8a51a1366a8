"""What a colleague reads off a paper: the consent that was signed, or who stands on a card.

He types what he sees on the scan in front of him; the paper, or where it lies, is the proof.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cards.card import Draft, Point
from app.cards.points import email_norm, phone_norm
from app.cards.text import xml_safe
from app.db import FOREVER
from app.errors import Invalid, Refused
from app.keys import KeyName, KeyRing
from app.models import (
    CollectionPoint,
    ConsentForm,
    Contact,
    ContactPoint,
    Directory,
    Evidence,
    PaperForm,
    PaperOutcome,
    PaperPad,
    PaperScan,
)
from app.models.consent_kinds import ConsentType, Expression, Medium, Precision
from app.models.kinds import PointKind, SourceKind
from app.services import consent_subjects, consents, contacts, paper_serials, papers
from app.services.audit import Actor
from app.services.consent_acts import Act
from app.services.contacts import NewContact


@dataclass(frozen=True, slots=True)
class Person:
    """Who stands on a paper, as it was written there."""

    given: str = ""
    family: str = ""
    organisation: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """What a colleague reads off a signed paper: who, which boxes, and the day beside the name."""

    person: Person
    boxes: Sequence[str]
    signed_at: datetime


def give(
    session: Session, keys: KeyRing, actor: Actor, public_id: str, read: Read, at: datetime
) -> int:
    """Record what a paper says; the id of the contact, found by address or number, or added.

    What is known of a contact already is never overwritten. Raises Refused where the blank is
    not known yet, Invalid for boxes that are not on it, a day that is not possible, or a person
    who cannot be named or reached.
    """
    row, point = papers.waiting(session, actor, public_id, at)
    if row.is_card or row.paper_form_id is None:
        raise Refused("which blank it is has to be known first")
    pad = session.get_one(PaperPad, session.get_one(PaperForm, row.paper_form_id).pad_id)
    acts = _acts(session, keys, row, pad, point, read)
    serial = paper_serials.written(row.paper_form_id)
    contact = _person(session, actor, point, read.person, (SourceKind.PAPER, serial), at)
    subject = consent_subjects.of_contact(session, contact, at)
    for act in acts:
        consents.record(session, actor, subject, act, at)
    papers.settle(session, actor, row, PaperOutcome.GIVEN, at)
    return contact


def take_card(session: Session, actor: Actor, public_id: str, person: Person, at: datetime) -> int:
    """Enter who stands on a business card; that authorises no marketing. The contact's id.

    Raises NotFound, Refused, Invalid.
    """
    row, point = papers.waiting(session, actor, public_id, at)
    if not row.is_card:
        raise Refused("this is no business card")
    name = session.get_one(Evidence, row.evidence_id).public_id
    contact = _person(session, actor, point, person, (SourceKind.CARD, name), at)
    papers.settle(session, actor, row, PaperOutcome.CARD, at)
    return contact


def _acts(
    session: Session,
    keys: KeyRing,
    row: PaperScan,
    pad: PaperPad,
    point: CollectionPoint,
    read: Read,
) -> list[Act]:
    """One act for each purpose, with the very words that stand beside its boxes."""
    if read.signed_at < pad.printed_at - timedelta(days=1):
        raise Invalid("on", "the blank was printed later")
    form = session.get_one(ConsentForm, pad.form_id)
    labels = form.labels[pad.language]
    ticked = [name for name in labels if name in read.boxes]
    if not ticked or set(read.boxes) - set(labels):
        raise Invalid("boxes", "the blank has no such box" if ticked else "none is ticked")
    mark = _mark(session, keys, point, read.person, ticked)
    by_purpose: dict[int, list[str]] = {}
    for name in ticked:
        by_purpose.setdefault(int(name.partition(":")[0]), []).append(name)
    return [
        Act(
            type=ConsentType.GIVEN,
            purpose_id=purpose,
            media=tuple(Medium(name.partition(":")[2]) for name in names),
            notice_id=pad.notice_version_id,
            evidence_ids=(row.evidence_id,),
            occurred_at=read.signed_at,
            precision=Precision.DAY,
            expression=Expression.SIGNATURE,
            collection_point_id=point.id,
            form_id=form.id,
            form_sha256=form.sha256,
            statement="\n".join(labels[name] for name in names),
            language=pad.language,
            origin=paper_serials.written(row.paper_form_id or 0),
            point=mark,
        )
        for purpose, names in by_purpose.items()
    ]


def _mark(
    session: Session, keys: KeyRing, point: CollectionPoint, person: Person, ticked: Sequence[str]
) -> consent_subjects.Mark:
    """How he is reached. Raises Invalid where a ticked box needs what is not there."""
    country = session.get_one(Directory, point.directory_id).country
    media = {name.partition(":")[2] for name in ticked}
    by_number = {Medium.SMS.value, Medium.PHONE.value}
    if Medium.EMAIL.value in media and not email_norm(person.email):
        raise Invalid("email", "an e-mail address is needed for what is ticked")
    if media & by_number and not phone_norm(person.phone, country):
        raise Invalid("phone", "a number is needed for what is ticked")
    key = keys.current(KeyName.EVIDENCE)
    if person.email.strip():
        return consent_subjects.marked(key, PointKind.EMAIL, person.email)
    return consent_subjects.marked(key, PointKind.PHONE, person.phone, country)


def _person(
    session: Session,
    actor: Actor,
    point: CollectionPoint,
    person: Person,
    source: tuple[SourceKind, str],
    at: datetime,
) -> int:
    """The contact of this directory with his address or number and family name, or a new one."""
    home = session.get_one(Directory, point.directory_id)
    if not xml_safe(f"{person.given}{person.family}{person.organisation}").strip():
        raise Invalid("family", "the name is missing")
    known = _known(session, home, person)
    if known is not None:
        return known
    draft = Draft(
        given=person.given,
        family=person.family,
        organisation=person.organisation,
        emails=(Point(person.email),) if person.email else (),
        phones=(Point(person.phone),) if person.phone else (),
    )
    kind, name = source
    new = NewContact(draft, source=f"{point.name}, {name}", source_kind=kind)
    return contacts.add(session, actor, home.id, new, at).contact.id


def _known(session: Session, home: Directory, person: Person) -> int | None:
    norms = [
        (PointKind.EMAIL, email_norm(person.email)),
        (PointKind.PHONE, phone_norm(person.phone, home.country)),
    ]
    for kind, norm in norms:
        query = (
            select(Contact.id, Contact.family)
            .join(ContactPoint, ContactPoint.contact_id == Contact.id)
            .where(
                Contact.directory_id == home.id,
                ContactPoint.kind == kind,
                ContactPoint.norm == norm,
                Contact.erased_at == FOREVER,
                Contact.merged_at == FOREVER,
            )
            .order_by(Contact.id)
        )
        for inner_id, family in session.execute(query) if norm else ():
            if family.casefold().strip() == person.family.casefold().strip():
                return inner_id
    return None
