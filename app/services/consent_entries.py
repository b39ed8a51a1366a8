"""What staff record of a consent that a person gave elsewhere: on paper, by mail, in a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.errors import Invalid
from app.models.consent_kinds import ConsentType, EvidenceKind, Expression, Medium, Precision
from app.services import checks, consent_subjects, consents, evidence
from app.services.audit import Actor
from app.services.consent_acts import Act
from app.services.consents import Recorded
from app.services.evidence import NewEvidence
from app.services.proof_files import Sealed


@dataclass(frozen=True, slots=True)
class Way:
    """One way: the event it makes where nothing is lacking, by what act, proved by what."""

    type: ConsentType
    expression: Expression
    evidence: EvidenceKind


WAYS: dict[str, Way] = {
    "paper": Way(ConsentType.GIVEN, Expression.SIGNATURE, EvidenceKind.PAPER_SCAN),
    "web": Way(ConsentType.GIVEN, Expression.NONE, EvidenceKind.WEB_LOG),
    "email": Way(ConsentType.GIVEN, Expression.NONE, EvidenceKind.EMAIL_COPY),
    "sms": Way(ConsentType.GIVEN, Expression.SMS, EvidenceKind.SMS_PROVIDER_FILE),
    "clause": Way(ConsentType.GIVEN, Expression.CLAUSE, EvidenceKind.CONTRACT),
    "oral": Way(ConsentType.GIVEN, Expression.VOICE, EvidenceKind.RECORDING),
    "import": Way(ConsentType.IMPORTED, Expression.NONE, EvidenceKind.IMPORT_FILE),
}


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A consent as somebody reads it off its proof.

    `how` is one of WAYS, `media` are words of Medium (none: all of the purpose). `file` is the
    proof (proof_files.sealed), `file_name` what it was called, `original_place` where the
    original is kept.
    """

    how: str
    purpose_id: int
    notice_id: int | None = None
    media: Sequence[str] = ()
    occurred_at: datetime | None = None
    precision: str = Precision.INSTANT.value
    valid_until: datetime | None = None
    file: Sealed | None = None
    file_name: str = ""
    original_place: str = ""


def enter(session: Session, actor: Actor, contact_id: int, new: NewEntry, at: datetime) -> Recorded:
    """Record it with its proof. Raises Invalid, NotFound and Refused as consents.record does."""
    if new.how not in WAYS:
        raise Invalid("how", f"{new.how!r} is none of {', '.join(WAYS)}")
    way = WAYS[new.how]
    subject = consent_subjects.of_contact(session, contact_id, at)
    act = Act(
        type=way.type,
        purpose_id=new.purpose_id,
        media=_media(new.media),
        notice_id=new.notice_id,
        evidence_ids=_proof(session, actor, way, new, at),
        occurred_at=new.occurred_at,
        precision=checks.choice(Precision, new.precision, "precision"),
        valid_until=new.valid_until,
        expression=way.expression,
        origin=new.file_name,
    )
    return consents.record(session, actor, subject, act, at)


def _media(words: Sequence[str]) -> tuple[Medium, ...]:
    return tuple(checks.choice(Medium, word, "medium") for word in words)


def _proof(
    session: Session, actor: Actor, way: Way, new: NewEntry, at: datetime
) -> tuple[int, ...]:
    if new.file is None and not new.original_place:
        return ()
    proof = NewEvidence(way.evidence, new.file, new.original_place)
    return (evidence.make(session, actor, proof, at).id,)
