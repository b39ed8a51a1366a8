"""What proves consents: kept sealed, opened with a reason, erased when claims have lapsed.

No mail, card, export or page but those of the proof itself carries its bytes.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import Session

from app.errors import Invalid, NotFound, Refused
from app.keys import KeyRing
from app.models import (
    Blob,
    ConsentEvent,
    ConsentSubject,
    EventEvidence,
    Evidence,
    EvidenceOpening,
    LegalBasis,
)
from app.models.consent_kinds import EvidenceKind
from app.models.kinds import BasisKind
from app.policy import Viewer, opens_evidence
from app.queries.evidence import LOOKED_AT
from app.services import checks, proof_files
from app.services.audit import SYSTEM, Actor, record
from app.services.proof_files import Sealed
from app.tokens import random_name, random_token

TERM = timedelta(days=4 * 365 + 1)
"""How long a proof is kept after it has served: until claims lapse (GDPR Art. 17(3)(e))."""

_SEALED = "application/octet-stream"
_BATCH = 100


@dataclass(frozen=True, slots=True)
class NewEvidence:
    """A proof to be kept: a file (proof_files.sealed), or the place of an original, or both."""

    kind: EvidenceKind
    file: Sealed | None = None
    original_place: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """What a proof is, for whom opened it."""

    public_id: str
    mime: str
    data: bytes


def keep(session: Session, actor: Actor, new: NewEvidence, at: datetime) -> Evidence:
    """Keep a proof. Raises Invalid where there is neither a file nor a place."""
    row = make(session, actor, new, at)
    record(session, actor, "evidence.keep", ("evidence", row.id), at, kind=row.kind)
    return row


def make(session: Session, actor: Actor, new: NewEvidence, at: datetime) -> Evidence:
    """The row and its bytes, for an act that brings its own proof along."""
    place = checks.remark(new.original_place)
    if new.file is None and not place:
        raise Invalid("evidence", "neither a file nor the place of the original")
    row = Evidence(
        public_id=random_name(),
        kind=new.kind,
        original_place=place,
        captured_by_id=actor.user_id,
        captured_at=at,
    )
    if new.file is not None:
        row.sha256, row.mime, row.size = new.file.sha256, new.file.mime, new.file.size
        row.blob_sha256 = _lay_down(session, new.file, at)
    session.add(row)
    session.flush()
    return row


def unlock(
    session: Session, actor: Actor, public_id: str, reason: str, at: datetime
) -> EvidenceOpening:
    """Let the actor look at a proof for a quarter of an hour. Audited with its reason.

    Raises NotFound where it is not there or not for him, Invalid without a reason, Refused
    where its bytes are not kept (any more).
    """
    row = _found(session, actor, public_id, at)
    why = checks.remark(reason)
    if not why:
        raise Invalid("reason", "say why it is opened")
    if row.blob_sha256 is None:
        raise Refused("only the digest or the place of this proof is known")
    opening = EvidenceOpening(
        public_id=random_token(),
        evidence_id=row.id,
        user_id=actor.user_id,
        reason=why,
        opened_at=at,
    )
    session.add(opening)
    session.flush()
    about = ("evidence", row.id)
    record(session, actor, "evidence.open", about, at, opening=opening.id)
    return opening


def look(session: Session, keys: KeyRing, actor: Actor, opening: str, at: datetime) -> Opened:
    """The bytes, for who opened it and as long as that lasts. Raises NotFound, Refused."""
    query = (
        select(Evidence)
        .join(EvidenceOpening, EvidenceOpening.evidence_id == Evidence.id)
        .where(
            EvidenceOpening.public_id == opening,
            EvidenceOpening.user_id == actor.user_id,
            EvidenceOpening.opened_at > at - LOOKED_AT,
        )
    )
    row = session.scalar(query)
    blob = session.get(Blob, row.blob_sha256) if row is not None and row.blob_sha256 else None
    if row is None or blob is None:
        raise NotFound("there is no such proof")
    file = Sealed(row.sha256, row.mime, row.size, blob.key_id, blob.bytes)
    return Opened(row.public_id, row.mime, proof_files.unsealed(keys, file))


def erase(session: Session, actor: Actor, rows: Sequence[Evidence], at: datetime) -> None:
    """Erase the bytes of these proofs; digests and what they proved stay."""
    blobs = [row.blob_sha256 for row in rows if row.blob_sha256 is not None]
    for row in rows:
        if row.blob_sha256 is not None:
            row.blob_sha256, row.erased_at = None, at
            record(session, actor, "evidence.erase", ("evidence", row.id), at)
    session.flush()
    needed = select(Evidence.blob_sha256).where(Evidence.blob_sha256.in_(blobs))
    gone = set(blobs) - set(session.scalars(needed))
    session.execute(delete(Blob).where(Blob.sha256.in_(gone)))


def sweep(session: Session, at: datetime) -> int:
    """Erase the bytes of proofs whose claims have lapsed; how many there were, at most a batch.

    TERM runs from when a proof came in, from each event that it proves, and from the end of the
    consent that follows; what is consented to still keeps its proof.
    """
    limit = at - TERM
    consented = exists().where(
        LegalBasis.contact_id == ConsentSubject.contact_id,
        LegalBasis.purpose_id == ConsentEvent.purpose_id,
        LegalBasis.kind == BasisKind.CONSENT,
        LegalBasis.valid_until > limit,
    )
    needed = (
        select(EventEvidence.evidence_id)
        .join(ConsentEvent, ConsentEvent.id == EventEvidence.event_id)
        .join(ConsentSubject, ConsentSubject.id == ConsentEvent.subject_id)
        .where(
            EventEvidence.evidence_id == Evidence.id,
            or_(ConsentEvent.recorded_at > limit, consented),
        )
    )
    query = select(Evidence).where(
        Evidence.blob_sha256.is_not(None), Evidence.captured_at <= limit, ~needed.exists()
    )
    rows = session.scalars(query.order_by(Evidence.id).limit(_BATCH)).all()
    erase(session, SYSTEM, rows, at)
    return len(rows)


def _lay_down(session: Session, file: Sealed, at: datetime) -> str:
    """The sealed bytes as a blob; only what was sealed once and is kept twice shares one."""
    name = hashlib.sha256(file.bytes).hexdigest()
    if session.get(Blob, name) is not None:
        return name
    row = Blob(sha256=name, mime=_SEALED, bytes=file.bytes, key_id=file.key_id, created_at=at)
    session.add(row)
    session.flush()
    return name


def _found(session: Session, actor: Actor, public_id: str, at: datetime) -> Evidence:
    query = select(Evidence).where(Evidence.public_id == public_id)
    if actor.user_id is not None:
        query = query.where(opens_evidence(Viewer(actor.user_id), at))
    row = session.scalar(query)
    if row is None:
        raise NotFound("there is no such proof")
    return row
