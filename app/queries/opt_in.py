"""What a mailbox was asked, and what became of it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import CollectionPoint, ConsentEvent, ConsentSubject, NoticeVersion, TokenKind
from app.models.consent_kinds import ConsentType, Medium
from app.policy import consents as reading
from app.queries import consents, public_tokens


@dataclass(frozen=True, slots=True)
class Request:
    """What a link asks. `state` is waits, confirmed, withdrawn or over.

    `notice` is key, language and version of what was told; `until` is when a request lapses,
    or a consent ends.
    """

    nonce: str
    state: str
    form: str
    statements: tuple[str, ...]
    language: str
    asked_at: datetime
    confirmed_at: datetime | None
    notice: tuple[str, str, int] | None
    until: datetime


def asked(session: Session, token: str, at: datetime) -> tuple[Request, str] | None:
    """What this link asks, and the phone number that came with it; None for no such link."""
    held = public_tokens.find_ended(session, token, TokenKind.CONFIRM)
    nonce = held.scope.get("nonce", "") if held is not None else ""
    if held is None or not nonce:
        return None
    query = select(ConsentEvent).where(ConsentEvent.nonce == nonce).order_by(ConsentEvent.id)
    rows = session.scalars(query).all()
    requests = [row for row in rows if row.type is ConsentType.REQUESTED]
    if not requests:
        return None
    yes = [row for row in rows if row.type is ConsentType.CONFIRMED]
    first = requests[0]
    point = session.get(CollectionPoint, first.collection_point_id or 0)
    told = session.get(NoticeVersion, first.notice_version_id or 0)
    lines = [line for row in (yes or requests) for line in row.statement.split("\n")]
    found = Request(
        nonce=nonce,
        state=_state(session, requests, yes, at),
        form=point.public_key if point else "",
        statements=tuple(lines),
        language=first.language,
        asked_at=first.occurred_at,
        confirmed_at=yes[0].occurred_at if yes else None,
        notice=(told.key, told.language, told.version) if told else None,
        until=min(row.valid_until for row in (yes or requests)),
    )
    return found, str(held.scope.get("phone", ""))


def _state(
    session: Session, requests: list[ConsentEvent], yes: list[ConsentEvent], at: datetime
) -> str:
    subject = session.get_one(ConsentSubject, requests[0].subject_id)
    events, above = consents.events_for(session, subject), consents.tree(session)
    pairs = [(int(p), Medium(m)) for row in requests for p, m in row.covers]
    since = requests[0].occurred_at.replace(microsecond=0)
    closing = [e for e in events if e.type in reading.CLOSING and e.moment >= since]
    if pairs and all(any(reading.closes(e, above, pair) for e in closing) for pair in pairs):
        return "withdrawn"
    if yes:
        return "confirmed"
    return "over" if requests[0].valid_until <= at else "waits"
