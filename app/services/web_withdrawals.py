"""What a website hands in that a person takes back; an address that was merely typed.

It stops marketing at once. What would take a card off phones needs more than a typed address:
a press in the mailbox, or a colleague.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import tokens
from app.catalogues import OF_THE_OUTSIDE
from app.letters import compose, spoken
from app.models import CollectionPoint, OutboxMessage, Purpose
from app.models.consent_kinds import ConsentType, Expression
from app.models.kinds import ActorKind
from app.services import checks, consents, persons_by_mail, posting
from app.services.audit import Actor
from app.services.consent_acts import Act
from app.services.opt_in import Desk
from app.services.submissions import mark_of

_HIMSELF = Actor(ActorKind.SUBJECT)


def withdraw(
    session: Session, desk: Desk, point_id: int, email: str, at: datetime, *, site: str
) -> int:
    """Withdraw all marketing that a form asks for; of how many people the address is.

    As often as one likes. Raises Invalid for what is no address.
    """
    mark = mark_of(desk.keys, email)
    point = session.get_one(CollectionPoint, point_id)
    query = select(Purpose.id).where(Purpose.id.in_(point.purpose_ids), Purpose.is_marketing)
    purposes = session.scalars(query.order_by(Purpose.id)).all()
    subjects = persons_by_mail.everybody(session, mark, at)
    for subject in subjects:
        for purpose in purposes:
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
    sender = replace(posting.sender_of(session, at), portal="")
    letter = compose("public/stopped", spoken(language, among=OF_THE_OUTSIDE), sender, {})
    session.add(
        OutboxMessage(
            public_id=tokens.random_token(),
            to=checks.email(email),
            subject=letter.subject,
            body=letter.text,
            html=letter.html,
            language=letter.language,
            cause="consent.stopped",
            created_at=at,
            next_try_at=at,
        )
    )
    session.flush()
