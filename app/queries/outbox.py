"""The outbox as administrators read it: what waits, what is out, what the server said."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from app.models import OutboxMessage, User

PAGE = 50
WAITS = timedelta(hours=1)
"""Mail that waits so long does not go out by itself."""

_LINK = re.compile(r"(/p/[a-z/-]*/)[A-Za-z0-9_-]{22,}")


class MessageState(StrEnum):
    """Where a mail stands: read from what happened to it."""

    WAITING = "waiting"
    FAILED = "failed"
    SENT = "sent"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class MessageLine:
    """One mail in the list; `name` is that of the user, `problem` the server's last words."""

    public_id: str
    to: str
    name: str
    subject: str
    cause: str
    link: str
    state: MessageState
    created_at: datetime
    tries: int
    next_try_at: datetime
    problem: str
    ended_at: datetime | None
    erased_at: datetime | None


@dataclass(frozen=True, slots=True)
class Message:
    """One mail with what it says; the texts are empty where they are erased."""

    line: MessageLine
    text: str
    html: str
    language: str


@dataclass(frozen=True, slots=True)
class MailStanding:
    """How mail stands: for whoever looks after the server."""

    waiting: int
    oldest_waiting_at: datetime | None
    failed: int
    last_sent_at: datetime | None
    last_problem: str

    def is_stuck(self, at: datetime) -> bool:
        """Whether somebody has to look: a mail was given up, or waits longer than it should."""
        oldest = self.oldest_waiting_at
        return self.failed > 0 or (oldest is not None and oldest + WAITS <= at)


def lines(
    session: Session, state: MessageState | None = None, before: str = ""
) -> list[MessageLine]:
    """A page of mails and one more, the newest first; those after the one named `before`."""
    query = select(OutboxMessage, User.name).outerjoin(User, User.id == OutboxMessage.user_id)
    if state is not None:
        query = query.where(_in_state(state))
    if before:
        place = select(OutboxMessage.id).where(OutboxMessage.public_id == before)
        query = query.where(OutboxMessage.id < place.scalar_subquery())
    query = query.order_by(OutboxMessage.id.desc()).limit(PAGE + 1)
    return [_line(row, name) for row, name in session.execute(query)]


def one(session: Session, public_id: str) -> Message | None:
    """One mail with its text; None where there is none of this name."""
    query = select(OutboxMessage, User.name).outerjoin(User, User.id == OutboxMessage.user_id)
    found = session.execute(query.where(OutboxMessage.public_id == public_id)).one_or_none()
    if found is None:
        return None
    row, name = found
    return Message(_line(row, name), _masked(row.body), _masked(row.html), row.language)


def _masked(text: str) -> str:
    """Without the links that only the reader of the mail may use: they speak in his name."""
    return _LINK.sub(r"\1…", text)


def counts(session: Session) -> dict[MessageState, int]:
    """How many mails there are in each state."""
    columns = [func.count().filter(_in_state(state)) for state in MessageState]
    row = session.execute(select(*columns).select_from(OutboxMessage)).one()
    return dict(zip(MessageState, row, strict=True))


def standing(session: Session) -> MailStanding:
    """How mail stands, whether or not it is set up."""
    waiting, failed = _in_state(MessageState.WAITING), _in_state(MessageState.FAILED)
    row = session.execute(
        select(
            func.count().filter(waiting),
            func.min(OutboxMessage.created_at).filter(waiting),
            func.count().filter(failed),
            func.max(OutboxMessage.sent_at),
        ).select_from(OutboxMessage)
    ).one()
    troubled = select(OutboxMessage.problem).where(OutboxMessage.problem != "", waiting | failed)
    last = session.scalar(troubled.order_by(OutboxMessage.id.desc()).limit(1))
    return MailStanding(*row, last or "")


def _in_state(state: MessageState) -> ColumnElement[bool]:
    sent, cancelled = OutboxMessage.sent_at, OutboxMessage.cancelled_at
    failed = OutboxMessage.failed_at
    return {
        MessageState.SENT: sent.is_not(None),
        MessageState.CANCELLED: and_(sent.is_(None), cancelled.is_not(None)),
        MessageState.FAILED: and_(sent.is_(None), cancelled.is_(None), failed.is_not(None)),
        MessageState.WAITING: and_(sent.is_(None), cancelled.is_(None), failed.is_(None)),
    }[state]


def _state(row: OutboxMessage) -> MessageState:
    ends = (
        (MessageState.SENT, row.sent_at),
        (MessageState.CANCELLED, row.cancelled_at),
        (MessageState.FAILED, row.failed_at),
    )
    return next((state for state, at in ends if at is not None), MessageState.WAITING)


def _line(row: OutboxMessage, name: str | None) -> MessageLine:
    return MessageLine(
        public_id=row.public_id,
        to=row.to,
        name=name or "",
        subject=row.subject,
        cause=row.cause,
        link=row.link,
        state=_state(row),
        created_at=row.created_at,
        tries=row.tries,
        next_try_at=row.next_try_at,
        problem=row.problem,
        ended_at=row.sent_at or row.cancelled_at or row.failed_at,
        erased_at=row.erased_at,
    )
