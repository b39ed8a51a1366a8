"""What erasing a contact takes away, what stays and why, and which phones still have it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.db import FOREVER
from app.models import (
    Address,
    ConsentEvent,
    ConsentSubject,
    Contact,
    ContactPoint,
    Erasure,
    EventEvidence,
    HandOver,
    LegalBasis,
    OutboxMessage,
    SubjectRequest,
    ValueChange,
)
from app.models.facts import CONTACT_VALUES
from app.models.guards import BLANKABLE
from app.models.kinds import BasisKind, PointKind
from app.policy.visibility import live
from app.queries import ledger
from app.queries.ledger import HoldingState

OWED = (HoldingState.HELD, HoldingState.DUE, HoldingState.TOLD)
"""A phone in one of these states may show the card, and can still give it back."""

_AGAINST = (BasisKind.CONTRACT, BasisKind.LEGAL_OBLIGATION)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of what we have about a person: a word for it, how much, and why it stays."""

    what: str
    count: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of a contact that is erased; parts of which there is nothing are left out.

    `phones` count devices by state; `waits_for` are those that may still show the card.
    `against` are the reasons (GDPR Art. 17(3)) that say to keep it. `ordered_at` is set while an
    order waits, `erased_at` once it is done.
    """

    uid: str
    erased: tuple[Part, ...]
    kept: tuple[Part, ...]
    phones: dict[str, int]
    waits_for: int
    against: tuple[str, ...]
    ordered_at: datetime | None
    erased_at: datetime | None


def plan(session: Session, contact_id: int, at: datetime) -> Plan:
    """What erasing this contact would do now."""
    row = session.get_one(Contact, contact_id)
    phones = Counter(holder.state for holder in ledger.holders(session, contact_id, at))
    ordered = select(Erasure.ordered_at).where(
        Erasure.contact_id == contact_id, Erasure.ended_at > at
    )
    return Plan(
        uid=row.public_id,
        erased=_there(_erased(session, row)),
        kept=_there(_kept(session, contact_id)),
        phones={state.value: count for state, count in sorted(phones.items())},
        waits_for=sum(phones[state] for state in OWED),
        against=tuple(_against(session, contact_id, at)),
        ordered_at=session.scalar(ordered.order_by(Erasure.id).limit(1)),
        erased_at=row.erased_at if row.erased_at < FOREVER else None,
    )


def waiting(session: Session, at: datetime) -> list[int]:
    """The contacts that somebody ordered to erase and that still wait for phones."""
    query = select(Erasure.contact_id).where(Erasure.ended_at > at).order_by(Erasure.id)
    return list(dict.fromkeys(session.scalars(query)))


def owing(session: Session, contact_id: int, at: datetime) -> int:
    """How many devices may still show the card and can give it back."""
    return sum(holder.state in OWED for holder in ledger.holders(session, contact_id, at))


def _erased(session: Session, row: Contact) -> list[Part]:
    mine = _events(row.id)
    traces = or_(*(getattr(ConsentEvent, name) != "" for name in BLANKABLE))
    asked = SubjectRequest.subject_id.in_(_subjects(row.id))
    values = [name for name in CONTACT_VALUES if name != "photo_sha256"]
    return [
        Part("values", sum(bool(getattr(row, name)) for name in values)),
        Part("points", _count(session, ContactPoint.id, ContactPoint.contact_id == row.id)),
        Part("addresses", _count(session, Address.id, Address.contact_id == row.id)),
        Part("picture", int(bool(row.photo_sha256))),
        Part("history", _count(session, ValueChange.id, ValueChange.contact_id == row.id)),
        Part("traces", _count(session, ConsentEvent.id, mine, traces)),
        Part("words", _count(session, SubjectRequest.id, asked, SubjectRequest.words != "")),
    ]


def _kept(session: Session, contact_id: int) -> list[Part]:
    mine = _events(contact_id)
    proofs = select(func.count(EventEvidence.evidence_id.distinct())).join(
        ConsentEvent, ConsentEvent.id == EventEvidence.event_id
    )
    asked = SubjectRequest.subject_id.in_(_subjects(contact_id))
    emails = select(ContactPoint.value).where(
        ContactPoint.contact_id == contact_id, ContactPoint.kind == PointKind.EMAIL
    )
    out = HandOver.contact_id == contact_id
    mails = (OutboxMessage.to.in_(emails), OutboxMessage.erased_at.is_(None))
    return [
        Part("consents", _count(session, ConsentEvent.id, mine), "claims"),
        Part("evidence", session.scalar(proofs.where(mine)) or 0, "claims"),
        Part("requests", _count(session, SubjectRequest.id, asked), "accountability"),
        Part("hand-overs", _count(session, HandOver.id, out), "recipients"),
        Part("mails", _count(session, OutboxMessage.id, *mails), "month"),
        Part("record", 1, "accountability"),
        Part("mark", 1, "suppression"),
    ]


def _there(parts: Sequence[Part]) -> tuple[Part, ...]:
    return tuple(part for part in parts if part.count)


def _subjects(contact_id: int) -> Select[int]:
    return select(ConsentSubject.id).where(ConsentSubject.contact_id == contact_id)


def _events(contact_id: int) -> ColumnElement[bool]:
    return ConsentEvent.subject_id.in_(_subjects(contact_id))


def _count(session: Session, key: InstrumentedAttribute[int], *where: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count(key)).where(*where)) or 0


def _against(session: Session, contact_id: int, at: datetime) -> list[str]:
    query = select(LegalBasis.kind).where(
        LegalBasis.contact_id == contact_id,
        LegalBasis.kind.in_(_AGAINST),
        live(LegalBasis, at),
    )
    return sorted({kind.value for kind in session.scalars(query)})
