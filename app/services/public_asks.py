"""Somebody asks what we hold under an address: the answer goes to the mailbox on file, or nowhere.

The same statements run whether or not anything is held, and leave the same rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cards.points import email_norm
from app.catalogues import OF_THE_OUTSIDE
from app.keys import KeyName, KeyRing
from app.letters import compose, spoken
from app.models import (
    ConsentEvent,
    ConsentSubject,
    Contact,
    ContactPoint,
    Organisation,
    TokenKind,
)
from app.models.kinds import ActorKind, PointKind
from app.queries import public_tokens as held_tokens
from app.services import consent_subjects, outbox, public_tokens
from app.services.audit import Actor, record
from app.services.outbox import Cause
from app.services.posting import sender_of

HIMSELF = Actor(ActorKind.SUBJECT)
CAUSE = "ask"


@dataclass(frozen=True, slots=True)
class Way:
    """How the answer comes back: the keys, our address, and the language of who asks."""

    keys: KeyRing
    base_url: str
    language: str


def ask(session: Session, typed: str, way: Way, at: datetime) -> None:
    """Write to the address on file, where this one is on file. Raises Invalid for no address.

    What was typed is kept nowhere, unless the organisation tells also those it does not know.
    """
    marks = [
        consent_subjects.marked(key, PointKind.EMAIL, typed).mac
        for key in way.keys.all(KeyName.EVIDENCE)
    ]
    contacts = _contacts(session, email_norm(typed), at)
    strangers = _strangers(session, marks)
    stored = [value for _, value in (*contacts, *strangers)]
    scope = {
        "contacts": list(dict.fromkeys(found for found, _ in contacts)),
        "subjects": list(dict.fromkeys(found for found, _ in strangers)),
        "email": stored[0] if stored else "",
    }
    tells = session.scalar(select(Organisation.tells_unknown).limit(1))
    _answer(session, scope, email_norm(typed) if tells else "", way, at)


def stored(session: Session, typed: str, keys: KeyRing, at: datetime) -> str:
    """The address on file that a typed one means; empty where there is none."""
    marks = [
        consent_subjects.marked(key, PointKind.EMAIL, typed).mac
        for key in keys.all(KeyName.EVIDENCE)
    ]
    found = (*_contacts(session, email_norm(typed), at), *_strangers(session, marks))
    return found[0][1] if found else ""


def again(session: Session, token: str, way: Way, at: datetime) -> None:
    """Send a fresh link to where this one once went; for any other token do as much for nobody."""
    held = held_tokens.find_ended(session, token, TokenKind.PREFERENCES)
    scope = held.scope if held is not None else {"contacts": [], "subjects": [], "email": ""}
    _answer(session, scope, "", way, at)


def _answer(session: Session, scope: dict[str, Any], stranger: str, way: Way, at: datetime) -> None:
    known = bool(scope["email"])
    token = public_tokens.issue(
        session,
        TokenKind.PREFERENCES,
        None,
        at,
        scope=scope,
        term=None if known else timedelta(0),
    )
    language = spoken(way.language, among=OF_THE_OUTSIDE)
    values = {"link": f"{way.base_url}/p/mine/{token}?lang={language}"}
    template = "public/preferences" if known else "public/nothing"
    letter = compose(template, language, sender_of(session, at), values)
    row = outbox.write_to(session, scope["email"] or stranger, letter, Cause(CAUSE), at)
    record(session, HIMSELF, "public.ask", ("message", row.id), at)
    session.flush()


def _contacts(session: Session, norm: str, at: datetime) -> Sequence[tuple[int, str]]:
    query = (
        select(Contact.id, ContactPoint.value)
        .join(ContactPoint, ContactPoint.contact_id == Contact.id)
        .where(
            ContactPoint.kind == PointKind.EMAIL,
            ContactPoint.norm == norm,
            Contact.erased_at > at,
            Contact.merged_at > at,
        )
        .order_by(Contact.id, ContactPoint.id)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def _strangers(session: Session, marks: Sequence[str]) -> Sequence[tuple[int, str]]:
    """Those who are no contact, and whose consents we keep under this address."""
    query = (
        select(ConsentSubject.id, ConsentEvent.point_value)
        .join(ConsentEvent, ConsentEvent.subject_id == ConsentSubject.id)
        .where(
            ConsentEvent.point_mac.in_(marks),
            ConsentEvent.point_value != "",
            ConsentSubject.contact_id.is_(None),
        )
        .order_by(ConsentSubject.id, ConsentEvent.id)
    )
    return [(row[0], row[1]) for row in session.execute(query)]
