"""Double opt-in: the mailbox is asked, and says yes by the press of a button within seven days.

Asking authorises nothing. Looking at the page of the link changes nothing. An old link after a
withdrawal does nothing, and says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import tokens
from app.errors import NotFound, Refused
from app.keys import KeyRing
from app.models import (
    CollectionPoint,
    ConsentEvent,
    ConsentSubject,
    Purpose,
    TokenKind,
)
from app.models.consent_kinds import ConsentType, Expression
from app.models.kinds import ActorKind
from app.policy import consents as reading
from app.queries import consents as found
from app.services import consents, outside_mail, persons_by_mail, public_pages, public_tokens
from app.services.audit import Actor
from app.services.consent_acts import Act
from app.services.consent_subjects import Mark
from app.services.outside_mail import Reader

TERM = timedelta(days=7)
"""How long the mailbox may take."""

_MAILS_A_DAY = 5
_ONCE_IN = timedelta(minutes=10)
_HIMSELF = Actor(ActorKind.SUBJECT)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a form needs beside the database: the keys, and the address of the public pages."""

    keys: KeyRing
    base_url: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a press of the button did: how many consents it confirmed, and why not the others.

    `is_repeated` where all was confirmed before; `reasons` are in English.
    """

    confirmed: int
    is_repeated: bool
    reasons: tuple[str, ...]


def is_needed(session: Session, point: CollectionPoint, purposes: Sequence[int]) -> bool:
    """Whether the mailbox has to say yes, too, for the point or for one of the purposes."""
    query = select(Purpose.id).where(Purpose.id.in_(purposes), Purpose.double_opt_in).limit(1)
    return point.double_opt_in or session.scalar(query) is not None


def is_stale(session: Session, mark: Mark, acts: Sequence[Act], at: datetime) -> bool:
    """Whether something of it was taken back after the form was opened."""
    subjects = persons_by_mail.everybody(session, mark, at)
    events = [event for one in subjects for event in found.events_for(session, one)]
    above = found.tree(session)
    return any(
        event.type in reading.CLOSING
        and reading.closes(event, above, (act.purpose_id, medium))
        and act.rendered_at is not None
        and event.moment >= act.rendered_at.replace(microsecond=0)
        for event in events
        for act in acts
        for medium in act.media
    )


def ask(
    session: Session,
    desk: Desk,
    point: CollectionPoint,
    acts: Sequence[Act],
    phone: str,
    at: datetime,
) -> None:
    """Record the request and write the mail that asks; not twice in a row, nor day and night."""
    mark = acts[0].point
    if mark is None or _is_enough(session, point, mark, acts, at):
        return
    subject = persons_by_mail.asked(session, mark, point.directory_id, at)
    nonce = tokens.random_token()
    for act in acts:
        said = replace(
            act,
            type=ConsentType.REQUESTED,
            collection_point_id=point.id,
            nonce=nonce,
            valid_until=at + TERM,
        )
        consents.record(session, _HIMSELF, subject, said, at)
    scope = {"nonce": nonce, "phone": phone}
    token = public_tokens.issue(session, TokenKind.CONFIRM, subject.id, at, scope=scope, term=TERM)
    _write(session, desk, subject, acts, token, at)


def confirm(session: Session, nonce: str, phone: str, at: datetime) -> Answer:
    """Record that the mailbox said yes; twice is no error, and confirms once.

    Who was no contact becomes one now, in the directory of the form. Raises NotFound where
    nothing is known of it.
    """
    rows = _requests(session, nonce, lock=True)
    if not rows:
        raise NotFound("there is nothing to confirm")
    done = _confirmed(session, rows)
    waiting = [row for row in rows if row.id not in done]
    if not waiting:
        return Answer(0, is_repeated=True, reasons=())
    subject = session.get_one(ConsentSubject, rows[0].subject_id)
    reasons, count = [], 0
    for row in waiting:
        act = Act(
            type=ConsentType.CONFIRMED,
            purpose_id=row.purpose_id,
            refers_to_id=row.id,
            expression=Expression.BUTTON,
            collection_point_id=row.collection_point_id,
            form_id=row.form_id,
            form_sha256=row.form_sha256,
            statement=row.statement,
            language=row.language,
            nonce=nonce,
            page=row.page,
        )
        try:
            consents.record(session, _HIMSELF, subject, act, at)
        except (Refused, NotFound) as error:
            reasons.append(str(error))
        else:
            count += 1
    if count and subject.contact_id is None:
        _settle(session, subject, rows[0], phone, at)
    return Answer(count, is_repeated=False, reasons=tuple(reasons))


def _settle(
    session: Session, subject: ConsentSubject, row: ConsentEvent, phone: str, at: datetime
) -> None:
    point = session.get_one(CollectionPoint, row.collection_point_id)
    draft = persons_by_mail.draft(row.point_value, phone)
    contact = persons_by_mail.settled(session, _HIMSELF, point, draft, at)
    consents.adopt(session, _HIMSELF, subject, contact, at)


def _requests(session: Session, nonce: str, *, lock: bool = False) -> Sequence[ConsentEvent]:
    query = select(ConsentEvent).where(
        ConsentEvent.nonce == nonce, ConsentEvent.type == ConsentType.REQUESTED
    )
    query = query.order_by(ConsentEvent.id)
    return session.scalars(query.with_for_update() if lock else query).all()


def _confirmed(session: Session, rows: Sequence[ConsentEvent]) -> set[int]:
    query = select(ConsentEvent.refers_to_id).where(
        ConsentEvent.type == ConsentType.CONFIRMED,
        ConsentEvent.refers_to_id.in_([row.id for row in rows]),
    )
    return {one for one in session.scalars(query) if one is not None}


def _is_enough(
    session: Session, point: CollectionPoint, mark: Mark, acts: Sequence[Act], at: datetime
) -> bool:
    """Whether this mailbox was asked the same just now, or often enough today."""
    mine = (ConsentEvent.point_mac == mark.mac, ConsentEvent.type == ConsentType.REQUESTED)
    since = ConsentEvent.recorded_at > at - timedelta(days=1)
    count = func.count(func.distinct(ConsentEvent.nonce))
    if (session.scalar(select(count).where(*mine, since)) or 0) >= _MAILS_A_DAY:
        return True
    query = select(ConsentEvent).where(
        *mine,
        ConsentEvent.recorded_at > at - _ONCE_IN,
        ConsentEvent.collection_point_id == point.id,
    )
    asked = {(row.purpose_id, *row.media) for row in session.scalars(query)}
    return all((act.purpose_id, *act.media) in asked for act in acts)


def _write(
    session: Session,
    desk: Desk,
    subject: ConsentSubject,
    acts: Sequence[Act],
    token: str,
    at: datetime,
) -> None:
    mark, language = acts[0].point, acts[0].language
    values = {
        "link": f"{desk.base_url}/p/k/{token}?lang={language}",
        "statements": [line for act in acts for line in act.statement.split("\n")],
        "days": TERM.days,
    }
    of = sorted({act.purpose_id for act in acts})
    stop = public_pages.stop_link(session, subject.id, desk.base_url, at, purposes=of)
    to = mark.value if mark is not None else ""
    outside_mail.write(session, "consent", Reader(to, language, stop), values, at)
