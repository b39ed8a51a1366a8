"""What nobody confirmed, and where an act came from: forgotten when their terms are over.

That somebody was asked, and when, stays; who it was does not.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from app.models import ConsentEvent, Intake, PublicToken, TokenKind
from app.models.consent_kinds import ConsentType
from app.models.guards import BLANKABLE
from app.services.opt_in import TERM

NETWORK_KEPT = timedelta(days=365)
"""How long it is kept from which network and with which browser somebody acted."""

_OF_THE_BROWSER = ("ip", "user_agent")


def sweep(session: Session, at: datetime) -> int:
    """Forget what lapsed by now; of how many acts something was forgotten."""
    session.execute(delete(Intake).where(Intake.received_at <= at - TERM))
    _forget_numbers(session, at)
    return _forget_requests(session, at) + _forget_networks(session, at)


def _forget_requests(session: Session, at: datetime) -> int:
    """Who was asked and never said yes."""
    answer = aliased(ConsentEvent)
    said_yes = exists().where(
        answer.refers_to_id == ConsentEvent.id, answer.type == ConsentType.CONFIRMED
    )
    lapsed = update(ConsentEvent).where(
        ConsentEvent.type == ConsentType.REQUESTED,
        ConsentEvent.valid_until <= at,
        or_(*(getattr(ConsentEvent, name) != "" for name in BLANKABLE)),
        ~said_yes,
    )
    emptied = lapsed.values(dict.fromkeys(BLANKABLE, "")).returning(ConsentEvent.id)
    return len(session.scalars(emptied).all())


def _forget_networks(session: Session, at: datetime) -> int:
    old = update(ConsentEvent).where(
        ConsentEvent.recorded_at <= at - NETWORK_KEPT,
        or_(*(getattr(ConsentEvent, name) != "" for name in _OF_THE_BROWSER)),
    )
    emptied = old.values(dict.fromkeys(_OF_THE_BROWSER, "")).returning(ConsentEvent.id)
    return len(session.scalars(emptied).all())


def _forget_numbers(session: Session, at: datetime) -> None:
    """The phone numbers that wait in links which nobody can press any more."""
    over = select(PublicToken).where(
        PublicToken.kind == TokenKind.CONFIRM,
        PublicToken.valid_until <= at,
        PublicToken.scope["phone"].as_string() != "",
    )
    for row in session.scalars(over):
        row.scope = {**row.scope, "phone": ""}
    session.flush()
