"""What staff record of a consent that a person took back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.models.consent_kinds import ConsentType, Medium, Precision
from app.services import checks, consent_subjects, consents
from app.services.audit import Actor
from app.services.consent_acts import Act
from app.services.consents import Recorded


@dataclass(frozen=True, slots=True)
class Closing:
    """A withdrawal, a refusal or an objection: of what, over which media (none: all), when."""

    purpose_id: int
    media: Sequence[str] = ()
    occurred_at: datetime | None = None
    precision: str = Precision.INSTANT.value
    is_objection: bool = False
    is_refusal: bool = False

    @property
    def type(self) -> ConsentType:
        """As what it is recorded; an objection says more than a refusal."""
        if self.is_objection:
            return ConsentType.OBJECTED
        return ConsentType.REFUSED if self.is_refusal else ConsentType.WITHDRAWN


def close(
    session: Session, actor: Actor, contact_id: int, closing: Closing, at: datetime
) -> Recorded:
    """Record it, also for who is erased. Raises NotFound, and Invalid for an unknown word."""
    act = Act(
        type=closing.type,
        purpose_id=closing.purpose_id,
        media=tuple(checks.choice(Medium, word, "medium") for word in closing.media),
        occurred_at=closing.occurred_at,
        precision=checks.choice(Precision, closing.precision, "precision"),
    )
    subject = consent_subjects.of_contact(session, contact_id, at)
    return consents.record(session, actor, subject, act, at)
