"""Whoever has to answer for a lost phone hears of it by a mail that says nothing but that."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.letters import compose, spoken
from app.models import Incident, RoleName, User
from app.policy import each, in_role
from app.services import outbox
from app.services.outbox import Cause
from app.services.posting import sender_of

CAUSE = "incident"


def tell(session: Session, incident: Incident, language: str, at: datetime) -> None:
    """Write to every owner and data protection officer whose account is alive.

    Also to the one who reported it: where his session was in other hands, he hears of it. The
    `language` is for those who have chosen none.
    """
    asker = aliased(User, name="asker")
    answers = in_role(each("asker.id"), RoleName.OWNER, RoleName.DPO, at=at)
    sender = sender_of(session, at)
    page = f"/incidents/{incident.public_id}"
    values = {"address": sender.portal + page}
    for user in session.scalars(select(asker).where(answers).order_by(asker.id)).all():
        letter = compose("incident", spoken(user.language, language), sender, values)
        outbox.write(session, user, letter, Cause(CAUSE, page), at)
