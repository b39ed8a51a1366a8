"""Stopping by a link: one press, no login, no reason, as often as one likes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from app.models import ConsentEvent, ConsentSubject, LegalBasis, Purpose
from app.models.consent_kinds import ConsentType, Expression
from app.models.kinds import BasisKind
from app.policy import consents as reading
from app.policy.visibility import live
from app.queries import consents as found
from app.services import consents
from app.services.audit import Actor
from app.services.consent_acts import Act

_OF_OUR_OWN_ACCORD = (BasisKind.LEGITIMATE_INTEREST, BasisKind.OWN_CUSTOMER)


@dataclass(frozen=True, slots=True)
class Press:
    """On which page the button was pressed, in which language."""

    language: str = ""
    page: str = ""


def stop(
    session: Session,
    actor: Actor,
    subject: ConsentSubject,
    purposes: Iterable[int],
    how: Press,
    at: datetime,
) -> list[int]:
    """Close these purposes and all below them; no purposes: everything that can be stopped.

    Of marketing it is an objection, which ends our own reasons, too (GDPR Art. 21); of anything
    else the withdrawal of the consent. What is kept by contract or law stays, for it is not his
    to stop. Says which purposes were closed.
    """
    wanted = sorted(set(purposes)) or stoppable(session, subject, at)
    rows = session.scalars(select(Purpose).where(Purpose.id.in_(wanted)).order_by(Purpose.id)).all()
    for purpose in rows:
        act = Act(
            type=ConsentType.OBJECTED if purpose.is_marketing else ConsentType.WITHDRAWN,
            purpose_id=purpose.id,
            expression=Expression.BUTTON,
            language=how.language,
            page=how.page,
        )
        consents.record(session, actor, subject, act, at)
    return [purpose.id for purpose in rows]


def stoppable(session: Session, subject: ConsentSubject, at: datetime) -> list[int]:
    """The purposes that ever came up for a person and are his to stop, the topmost of them."""
    above = found.tree(session)
    mine = (
        ConsentSubject.id == subject.id
        if subject.contact_id is None
        else ConsentSubject.contact_id == subject.contact_id
    )
    asked = select(ConsentEvent.purpose_id).join(
        ConsentSubject, ConsentSubject.id == ConsentEvent.subject_id
    )
    ids = set(session.scalars(asked.where(mine)))
    if subject.contact_id is not None:
        ids |= set(session.scalars(_with_a_basis(subject.contact_id, at)))
    return sorted(_topmost(ids, above))


def _with_a_basis(contact_id: int, at: datetime) -> Select[int]:
    return (
        select(LegalBasis.purpose_id)
        .join(Purpose, Purpose.id == LegalBasis.purpose_id)
        .where(
            LegalBasis.contact_id == contact_id,
            live(LegalBasis, at),
            or_(
                LegalBasis.kind == BasisKind.CONSENT,
                Purpose.is_marketing & LegalBasis.kind.in_(_OF_OUR_OWN_ACCORD),
            ),
        )
    )


def _topmost(ids: set[int], above: reading.Tree) -> Sequence[int]:
    return [
        one
        for one in ids
        if not any(other != one and reading.is_below(above, one, other) for other in ids)
    ]
