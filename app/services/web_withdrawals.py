"""What a website hands in that a person takes back: the site's key answers for it.

It ends every consent that the form asks for, at once. Reasons of another kind stay: a contract
ends by other acts, and against our own interest a person objects himself. Of marketing it is kept
past the contacts, also for an address that nobody has.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Authority, CollectionPoint, Purpose, StopGround
from app.models.consent_kinds import ConsentType, Expression
from app.models.kinds import ActorKind
from app.services import checks, consents, outside_mail, persons_by_mail, suppressions
from app.services.audit import Actor
from app.services.consent_acts import Act
from app.services.opt_in import Desk
from app.services.outside_mail import Reader
from app.services.submissions import mark_of

_HIMSELF = Actor(ActorKind.SUBJECT)


def withdraw(
    session: Session, desk: Desk, point_id: int, email: str, at: datetime, *, site: str
) -> int:
    """Withdraw all that a form asks for, and what stands below it; of how many people it is.

    As often as one likes. Raises Invalid for what is no address.
    """
    mark = mark_of(desk.keys, email)
    point = session.get_one(CollectionPoint, point_id)
    query = select(Purpose.id).where(Purpose.id.in_(point.purpose_ids), Purpose.is_marketing)
    purposes = session.scalars(query.order_by(Purpose.id)).all()
    for purpose in purposes:
        coverage = suppressions.of_purpose(purpose)
        said = (mark, coverage, StopGround.WITHDRAWAL, at)
        suppressions.suppress(session, _HIMSELF, *said, authority=Authority.TYPED)
    subjects = persons_by_mail.everybody(session, mark, at)
    for subject in subjects:
        for purpose in point.purpose_ids:
            act = Act(
                ConsentType.WITHDRAWN,
                purpose,
                expression=Expression.BUTTON,
                collection_point_id=point.id,
                point=mark,
                origin=site,
                by_site=True,
            )
            consents.record(session, _HIMSELF, subject, act, at)
    return len(subjects)


def write_receipt(session: Session, email: str, language: str, at: datetime) -> None:
    """Tell a mailbox that it was taken off the list, and what to do if it was not him."""
    outside_mail.write(session, "stopped", Reader(checks.email(email), language), {}, at)
