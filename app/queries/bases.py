"""Why the data of a contact may be used: its legal bases, for every page that says so."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import FOREVER
from app.models import LegalBasis, Purpose
from app.policy.visibility import live


@dataclass(frozen=True, slots=True)
class Ground:
    """One kind of basis (a BasisKind) for one purpose, and until when; None is for ever."""

    purpose_id: int
    slug: str
    purpose: str
    kind: str
    text: str
    since: datetime
    until: datetime | None


def of_contact(session: Session, contact_id: int, at: datetime) -> tuple[Ground, ...]:
    """What holds now, by purpose; of two bases of one kind the one that holds longer."""
    query = (
        select(
            Purpose.id,
            Purpose.slug,
            Purpose.name,
            LegalBasis.kind,
            LegalBasis.text,
            LegalBasis.valid_from,
            LegalBasis.valid_until,
        )
        .join(Purpose, Purpose.id == LegalBasis.purpose_id)
        .where(LegalBasis.contact_id == contact_id, live(LegalBasis, at))
        .order_by(Purpose.name, Purpose.id, LegalBasis.valid_until.desc(), LegalBasis.id)
    )
    longest: dict[tuple[int, str], Ground] = {}
    for purpose, slug, name, kind, text, since, until in session.execute(query):
        end = None if until == FOREVER else until
        ground = Ground(purpose, slug, name, kind.value, text, since, end)
        longest.setdefault((purpose, kind.value), ground)
    return tuple(longest.values())
