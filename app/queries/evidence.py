"""What proves consents, as pages show it: never its bytes."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session

from app.models import (
    ConsentEvent,
    ConsentSubject,
    EventEvidence,
    Evidence,
    EvidenceOpening,
    PaperScan,
    User,
)
from app.policy import Viewer, opens_evidence

CARD = "business-card"
"""What a proof is called that proves no consent."""

LOOKED_AT = timedelta(minutes=15)
"""How long who opened a proof may look at it."""


@dataclass(frozen=True, slots=True)
class Proof:
    """One proof. `is_kept`: its bytes are here; `may_open`: by this viewer.

    `size` is in bytes; `by` whoever brought it, "" for the operator or nobody.
    """

    id: str
    kind: str
    sha256: str
    mime: str
    size: int
    place: str
    by: str
    at: datetime
    is_kept: bool
    erased_at: datetime | None
    may_open: bool


@dataclass(frozen=True, slots=True)
class Opening:
    """That a proof was opened; `until` is when who opened it has to ask again."""

    id: str
    proof: str
    by: str
    reason: str
    at: datetime
    until: datetime


def evidence_of(
    session: Session, viewer: Viewer, contact_id: int, at: datetime
) -> dict[str, list[Proof]]:
    """Public id of each consent event of a contact -> what proves it; none: not among the keys.

    Whoever asks has made sure that the viewer may see this contact.
    """
    query = (
        _proofs(viewer, at)
        .add_columns(ConsentEvent.public_id)
        .join(EventEvidence, EventEvidence.evidence_id == Evidence.id)
        .join(ConsentEvent, ConsentEvent.id == EventEvidence.event_id)
        .join(ConsentSubject, ConsentSubject.id == ConsentEvent.subject_id)
        .where(ConsentSubject.contact_id == contact_id)
        .order_by(Evidence.id)
    )
    found: dict[str, list[Proof]] = defaultdict(list)
    for row in session.execute(query):
        evidence, by, may_open, is_card, event = row
        found[event].append(_proof(evidence, by, may_open=may_open, is_card=is_card))
    return dict(found)


def find(session: Session, viewer: Viewer, public_id: str, at: datetime) -> Proof | None:
    """The proof with this public id, where the viewer may open it."""
    query = _proofs(viewer, at, Evidence.public_id == public_id, opens_evidence(viewer, at))
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    evidence, by, may_open, is_card = row
    return _proof(evidence, by, may_open=may_open, is_card=is_card)


def openings(session: Session, proof: str) -> list[Opening]:
    """Who opened a proof and why, the newest first."""
    return _openings(session, Evidence.public_id == proof)


def opening(session: Session, viewer: Viewer, public_id: str, at: datetime) -> Opening | None:
    """The opening by this viewer while it lasts."""
    found = _openings(
        session,
        EvidenceOpening.public_id == public_id,
        EvidenceOpening.user_id == viewer.user_id,
        EvidenceOpening.opened_at > at - LOOKED_AT,
    )
    return found[0] if found else None


def _openings(session: Session, *where: ColumnElement[bool]) -> list[Opening]:
    query = (
        select(
            EvidenceOpening.public_id,
            Evidence.public_id,
            User.name,
            EvidenceOpening.reason,
            EvidenceOpening.opened_at,
        )
        .join(Evidence, Evidence.id == EvidenceOpening.evidence_id)
        .outerjoin(User, User.id == EvidenceOpening.user_id)
        .where(*where)
        .order_by(EvidenceOpening.id.desc())
    )
    return [
        Opening(own, proof, by or "", why, opened_at, opened_at + LOOKED_AT)
        for own, proof, by, why, opened_at in session.execute(query)
    ]


def _proofs(
    viewer: Viewer, at: datetime, *where: ColumnElement[bool]
) -> Select[Evidence, str | None, bool, bool]:
    is_card = exists().where(PaperScan.evidence_id == Evidence.id, PaperScan.is_card)
    return (
        select(Evidence, User.name, opens_evidence(viewer, at), is_card)
        .outerjoin(User, User.id == Evidence.captured_by_id)
        .where(*where)
    )


def _proof(row: Evidence, by: str | None, *, may_open: bool, is_card: bool) -> Proof:
    return Proof(
        id=row.public_id,
        kind=CARD if is_card else row.kind.value,
        sha256=row.sha256,
        mime=row.mime,
        size=row.size,
        place=row.original_place,
        by=by or "",
        at=row.captured_at,
        is_kept=row.blob_sha256 is not None,
        erased_at=row.erased_at,
        may_open=may_open,
    )
