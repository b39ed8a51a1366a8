"""What we write to somebody about his request: it came, it takes longer, what became of it.

The letter goes to the address that the request names; without one a colleague tells him.
"""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.catalogues import OF_THE_OUTSIDE
from app.letters import compose, spoken
from app.models import OutboxMessage
from app.queries.requests import Case
from app.services import moments, outbox
from app.services.outbox import Cause
from app.services.posting import sender_of

CAUSE = "request"


def last_day(case: Case, zone: ZoneInfo) -> date:
    """The last day for an answer."""
    return moments.last_day(case.due_at, zone)


def tell(
    session: Session,
    case: Case,
    template: str,
    said: Mapping[str, object],
    zone: ZoneInfo,
    at: datetime,
) -> OutboxMessage | None:
    """Put a letter of templates/mail/public/ into the outbox; None where there is no address."""
    if not case.email:
        return None
    values = {
        "number": case.number,
        "kind": case.kind.value,
        "received": case.received_at.astimezone(zone).date(),
        "due": last_day(case, zone),
        **said,
    }
    language = spoken(case.language, among=OF_THE_OUTSIDE)
    letter = compose(f"public/{template}", language, sender_of(session, at), values)
    return outbox.write_to(
        session, case.email, letter, Cause(CAUSE, f"/requests/{case.number}"), at
    )
