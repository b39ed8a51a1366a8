"""What an objection does (GDPR Art. 21): advertising ends at once, the rest is weighed meanwhile.

While it is weighed the contact is only stored, where nothing but our own interest keeps it.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import ConsentSubject, Contact, Directory, LegalBasis, Purpose, StopGround
from app.models.consent_kinds import ConsentType, Expression
from app.models.kinds import BasisKind
from app.policy.visibility import live
from app.services import consents, periods, public_stops, restrictions, suppressions
from app.services.audit import Actor
from app.services.consent_acts import Act
from app.services.public_stops import Press

OURS = (BasisKind.LEGITIMATE_INTEREST, BasisKind.OWN_CUSTOMER)


def weigh(session: Session, actor: Actor, subject_id: int, number: str, at: datetime) -> None:
    """Stop all advertising, and shut the contact away where its purpose is ours to weigh."""
    subject = session.get_one(ConsentSubject, subject_id)
    wanted = public_stops.stoppable(session, subject, at)
    marketing = select(Purpose.id).where(Purpose.id.in_(wanted), Purpose.is_marketing)
    purposes = session.scalars(marketing).all()
    if purposes:
        public_stops.stop(session, actor, subject, purposes, Press(), at)
    if subject.contact_id is None:
        return
    stop = (suppressions.ALL_MARKETING, StopGround.OBJECTION)
    suppressions.suppress_contact(session, actor, subject.contact_id, *stop, at)
    if _is_ours_alone(session, subject.contact_id, at):
        restrictions.restrict(session, actor, subject.contact_id, number, at)


def accept(session: Session, actor: Actor, subject_id: int, at: datetime) -> None:
    """End our own reasons for the purpose of the contact's directory, which none replaces."""
    subject = session.get_one(ConsentSubject, subject_id)
    if subject.contact_id is None:
        return
    purpose_id = _home_purpose(session, subject.contact_id)
    act = Act(ConsentType.OBJECTED, purpose_id, expression=Expression.NONE)
    consents.record(session, actor, subject, act, at)
    rows = periods.unfinished(
        session,
        LegalBasis,
        at,
        LegalBasis.contact_id == subject.contact_id,
        LegalBasis.purpose_id == purpose_id,
        LegalBasis.kind.in_(OURS),
    )
    periods.end(rows, at)
    session.flush()


def _is_ours_alone(session: Session, contact_id: int, at: datetime) -> bool:
    query = select(LegalBasis.kind).where(
        LegalBasis.contact_id == contact_id,
        LegalBasis.purpose_id == _home_purpose(session, contact_id),
        live(LegalBasis, at),
    )
    kinds = set(session.scalars(query))
    return bool(kinds) and kinds <= set(OURS)


def _home_purpose(session: Session, contact_id: int) -> int:
    query = (
        select(Directory.purpose_id)
        .join(Contact, Contact.directory_id == Directory.id)
        .where(Contact.id == contact_id)
    )
    return session.scalars(query).one()
