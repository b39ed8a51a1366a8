"""The outbox: mails written with the act that causes them, claimed one by one, sent or kept.

Who sends a mail holds it for a while by the number of his claim; one that was thought dead and
wakes up finds another number, and what he says of the mail counts only where it went out.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from app import tokens
from app.errors import Conflict, NotFound
from app.letters import Letter
from app.models import OutboxMessage, User
from app.services.audit import SYSTEM, Actor, record

LEASE = timedelta(minutes=10)
"""A mail that somebody claimed and says nothing of for so long may be claimed anew."""

WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 360, 720, 1440))
"""How long to wait after the first try, the second and so on; after the last it has failed."""

KEPT = timedelta(days=30)
"""How long it can be read what a mail said; one that is not out by then is not sent any more."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Which act a mail belongs to, and the page of the portal that it is about."""

    name: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A mail to be sent by the one who holds this claim."""

    row_id: int
    number: int
    public_id: str
    to: str
    subject: str
    text: str
    html: str
    created_at: datetime
    unsubscribe: str = ""


def write(
    session: Session, user: User, letter: Letter, cause: Cause, at: datetime
) -> OutboxMessage:
    """Put a letter to a user into the outbox; the act that causes it leaves the audit row."""
    row = OutboxMessage(
        public_id=tokens.random_token(),
        user_id=user.id,
        to=user.email,
        subject=letter.subject,
        body=letter.text,
        html=letter.html,
        language=letter.language,
        cause=cause.name,
        link=cause.link,
        created_at=at,
        next_try_at=at,
    )
    session.add(row)
    session.flush()
    return row


def write_to(
    session: Session,
    address: str,
    letter: Letter,
    cause: Cause,
    at: datetime,
    *,
    unsubscribe: str = "",
) -> OutboxMessage:
    """Put a letter to somebody without an account into the outbox.

    `unsubscribe` is the whole address of the page that stops such mails (RFC 8058). Without an
    address the row says only that somebody asked: it is empty, and nobody can ever send it.
    """
    is_silent = not address
    row = OutboxMessage(
        public_id=tokens.random_token(),
        to=address,
        subject="" if is_silent else letter.subject,
        body="" if is_silent else letter.text,
        html="" if is_silent else letter.html,
        language=letter.language,
        cause=cause.name,
        link=cause.link,
        unsubscribe=unsubscribe,
        created_at=at,
        next_try_at=at,
        cancelled_at=at if is_silent else None,
        erased_at=at if is_silent else None,
    )
    session.add(row)
    session.flush()
    return row


def is_any_due(session: Session, at: datetime) -> bool:
    """Whether there is a mail to send."""
    return session.scalar(select(OutboxMessage.id).where(_due(at)).limit(1)) is not None


def claim(session: Session, at: datetime) -> Claimed | None:
    """Take the mail that waits longest; None where there is none to send."""
    order = (OutboxMessage.next_try_at, OutboxMessage.id)
    query = select(OutboxMessage).where(_due(at)).order_by(*order).limit(1)
    row = session.scalar(query.with_for_update(skip_locked=True))
    if row is None:
        return None
    row.claimed_at, row.claims, row.tries = at, row.claims + 1, row.tries + 1
    session.flush()
    said = (row.public_id, row.to, row.subject, row.body, row.html, row.created_at)
    return Claimed(row.id, row.claims, *said, row.unsubscribe)


def sent(session: Session, claimed: Claimed, at: datetime) -> None:
    """The server took the mail, whoever thinks now that he holds it."""
    row = _locked(session, OutboxMessage.id == claimed.row_id)
    row.sent_at, row.failed_at, row.claimed_at, row.problem = at, None, None, ""
    record(session, SYSTEM, "message.sent", ("message", row.id), at, tries=row.tries)
    session.flush()


def not_sent(
    session: Session, claimed: Claimed, words: str, at: datetime, *, is_final: bool
) -> None:
    """The server did not take it, with its words: it is tried again later, or has failed."""
    row = _locked(session, OutboxMessage.id == claimed.row_id)
    if row.claims != claimed.number or row.sent_at is not None:
        return
    row.claimed_at, row.problem = None, words
    if is_final or row.tries > len(WAITS):
        row.failed_at = at
        record(session, SYSTEM, "message.failed", ("message", row.id), at, tries=row.tries)
    else:
        row.next_try_at = at + WAITS[row.tries - 1]
    session.flush()


def again(session: Session, actor: Actor, public_id: str, at: datetime) -> None:
    """Send a mail that waits, failed or was cancelled, now and from the first try on.

    Raises NotFound, Conflict for one that is out or whose text is erased.
    """
    row = _named(session, public_id)
    if row.sent_at is not None:
        raise Conflict("this message has been sent already")
    if row.erased_at is not None:
        raise Conflict("the text of this message has been erased")
    row.failed_at = row.cancelled_at = row.claimed_at = None
    row.tries, row.next_try_at = 0, at
    record(session, actor, "message.again", ("message", row.id), at)
    session.flush()


def cancel(session: Session, actor: Actor, public_id: str, at: datetime) -> None:
    """Send a mail no more; one that is out stays out, and twice is no error. Raises NotFound."""
    row = _named(session, public_id)
    if row.sent_at is None and row.cancelled_at is None:
        row.cancelled_at = at
    record(session, actor, "message.cancel", ("message", row.id), at)
    session.flush()


def erase(session: Session, at: datetime) -> None:
    """Erase what old mails said; those that are not out by now are not sent any more."""
    old = (OutboxMessage.created_at <= at - KEPT, OutboxMessage.erased_at.is_(None))
    waiting = (OutboxMessage.sent_at.is_(None), OutboxMessage.cancelled_at.is_(None))
    session.execute(update(OutboxMessage).where(*old, *waiting).values(cancelled_at=at))
    session.execute(
        update(OutboxMessage).where(*old).values(body="", html="", unsubscribe="", erased_at=at)
    )


def _due(at: datetime) -> ColumnElement[bool]:
    """Whether a message is to be sent now by whoever comes."""
    held = OutboxMessage.claimed_at
    over = (
        OutboxMessage.sent_at,
        OutboxMessage.failed_at,
        OutboxMessage.cancelled_at,
        OutboxMessage.erased_at,
    )
    return and_(
        OutboxMessage.next_try_at <= at,
        or_(held.is_(None), held <= at - LEASE),
        *(column.is_(None) for column in over),
    )


def _named(session: Session, public_id: str) -> OutboxMessage:
    return _locked(session, OutboxMessage.public_id == public_id)


def _locked(session: Session, which: ColumnElement[bool]) -> OutboxMessage:
    query = select(OutboxMessage).where(which).with_for_update(key_share=True)
    row = session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise NotFound("there is no such message")
    return row
