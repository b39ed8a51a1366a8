"""What proves consents: that it exists, its digest, and where the original is."""

import hashlib
import mimetypes
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.errors import Invalid
from app.models import Evidence
from app.models.consent_kinds import EvidenceKind
from app.services import checks
from app.services.audit import Actor, record
from app.tokens import random_name


@dataclass(frozen=True, slots=True)
class NewEvidence:
    """A proof to be kept: the bytes of a file, or the place of an original, or both."""

    kind: EvidenceKind
    data: bytes = b""
    file_name: str = ""
    original_place: str = ""


def keep(session: Session, actor: Actor, new: NewEvidence, at: datetime) -> Evidence:
    """Keep a proof. Raises Invalid where there is neither a file nor a place."""
    row = make(session, actor, new, at)
    record(session, actor, "evidence.keep", ("evidence", row.id), at, kind=row.kind)
    return row


def make(session: Session, actor: Actor, new: NewEvidence, at: datetime) -> Evidence:
    """The row alone, for an act that brings its own proof along.

    Of a file the digest is noted; the bytes themselves are not kept yet: the original stays
    where it is.
    """
    place = checks.remark(new.original_place)
    if not new.data and not place:
        raise Invalid("evidence", "neither a file nor the place of the original")
    row = Evidence(
        public_id=random_name(),
        kind=new.kind,
        sha256=hashlib.sha256(new.data).hexdigest() if new.data else "",
        mime=(mimetypes.guess_type(new.file_name)[0] or "") if new.data else "",
        size=len(new.data),
        original_place=place,
        captured_by_id=actor.user_id,
        captured_at=at,
    )
    session.add(row)
    session.flush()
    return row
