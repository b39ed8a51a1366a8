"""Requests of people about their data: entered, taken care of, extended in time, answered.

A request is never refused entry, and never changed: each thing that happens to it is a row of
its own, with its audit row.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cards.points import email_norm
from app.cards.text import xml_safe
from app.errors import Invalid, Refused
from app.models import RequestStep, RoleName, SubjectRequest, UserRole
from app.models.requests import Identity, RequestKind, RequestOutcome, RequestWay, StepKind
from app.policy import Viewer, in_role
from app.queries import requests as readers
from app.queries.requests import Case
from app.services import audit, checks, erasing, objections, request_mail
from app.services.audit import Actor

WANTED = ("name", "phone", "email", "address")
"""What somebody may say of himself anew."""

_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_SAME = timedelta(days=1)
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class NewRequest:
    """What somebody asks for; `subject_id` is None where nobody knows yet who it is."""

    kind: str
    way: str
    subject_id: int | None = None
    received_at: datetime | None = None
    language: str = ""
    words: str = ""
    wanted: Mapping[str, str] = field(default_factory=dict)
    email: str = ""


def enter(session: Session, actor: Actor, new: NewRequest, zone: ZoneInfo, at: datetime) -> Case:
    """Enter a request and write its receipt; the same again within a day is the one before.

    An objection shuts the contact away while it is weighed (GDPR Art. 18(1)(d)), where it is
    ours to weigh. Raises Invalid for an unknown word, a day to come, or what is no address.
    """
    row = _row(actor, new, at)
    twin = _twin(session, row, at)
    if twin is not None:
        return _case(session, twin.number, zone, at)
    session.add(row)
    session.flush()
    subject, said = ("request", row.id), {"kind": row.kind.value, "way": row.way.value}
    audit.record(session, actor, "request.add", subject, at, **said)
    if row.way is RequestWay.PAGE:
        _add(session, actor, row, (StepKind.IDENTITY, Identity.MAILBOX.value, ""), at)
    if row.kind is RequestKind.OBJECTION and row.subject_id is not None:
        objections.weigh(session, actor, row.subject_id, row.number, at)
    session.flush()
    case = _case(session, row.number, zone, at)
    request_mail.tell(session, case, "request", {}, zone, at)
    return case


def take(session: Session, actor: Actor, number: str, at: datetime) -> None:
    """Say that the actor takes care of it from now on. Raises NotFound, Refused."""
    _add(session, actor, _mine(session, actor, number, at), (StepKind.TAKEN, "", ""), at)


def note(session: Session, actor: Actor, number: str, words: str, at: datetime) -> None:
    """Add a note. Raises NotFound, Refused, Invalid for an empty one."""
    row = _mine(session, actor, number, at)
    _add(session, actor, row, (StepKind.NOTE, "", _reason(words, "words")), at)


def identify(
    session: Session, actor: Actor, number: str, identity: str, words: str, at: datetime
) -> None:
    """Say by what we know who he is; with none, that he was asked, and the clock stands still.

    Raises NotFound, Refused for one that is answered, Invalid.
    """
    row = _mine(session, actor, number, at)
    known = checks.choice(Identity, identity, "identity")
    _demand_open(session, row)
    kind = StepKind.ASKED if known is Identity.NONE else StepKind.IDENTITY
    value = "" if known is Identity.NONE else known.value
    _add(session, actor, row, (kind, value, checks.remark(words)), at)


def extend(
    session: Session, actor: Actor, number: str, reason: str, zone: ZoneInfo, at: datetime
) -> Case:
    """Take two more months, and tell him why (GDPR Art. 12(3)).

    Raises NotFound, Invalid without a reason; Refused for one that is answered or extended
    already, and after the first month, within which he has to be told.
    """
    row = _mine(session, actor, number, at)
    words = _reason(reason)
    case = _case(session, number, zone, at)
    if not case.is_open:
        raise Refused("this request is answered")
    if case.extension is not None:
        raise Refused("it was extended already, and that can be done once")
    if at >= case.first_due_at:
        raise Refused("the month is over: the extension had to be told within it")
    _add(session, actor, row, (StepKind.EXTENDED, "", words), at)
    session.flush()
    longer = _case(session, number, zone, at)
    request_mail.tell(session, longer, "request_longer", {"reason": words}, zone, at)
    return longer


def close(  # noqa: PLR0913 - who decides what, why, and when
    session: Session,
    actor: Actor,
    number: str,
    outcome: str,
    reason: str,
    zone: ZoneInfo,
    at: datetime,
) -> Case:
    """Say what became of it, and write that to him; doing so anew replaces what was said.

    The reason goes to him as it stands here, with his remedies. An objection that was accepted
    ends what it objects to. Raises NotFound, Refused, Invalid without a reason.
    """
    row = _mine(session, actor, number, at)
    ended = checks.choice(RequestOutcome, outcome, "outcome")
    words = _reason(reason)
    _add(session, actor, row, (StepKind.CLOSED, ended.value, words), at)
    accepted = ended in {RequestOutcome.DONE, RequestOutcome.PARTLY}
    if row.kind is RequestKind.OBJECTION and row.subject_id is not None and accepted:
        objections.accept(session, actor, row.subject_id, at)
    session.flush()
    case = _case(session, number, zone, at)
    said = {"outcome": ended.value, "reason": words}
    request_mail.tell(session, case, "request_closed", said, zone, at)
    if case.is_erased and case.contact_id is not None:
        erasing.forget_words(session, [case.contact_id])
    return case


def _row(actor: Actor, new: NewRequest, at: datetime) -> SubjectRequest:
    received = new.received_at or at
    if received > at:
        raise Invalid("received", "that day is still to come")
    if new.email and not email_norm(new.email):
        raise Invalid("email", f"{new.email!r} is not an e-mail address")
    texts = {name: xml_safe(new.wanted.get(name, "")).strip()[:_LONGEST] for name in WANTED}
    return SubjectRequest(
        number=f"{at.year}-{''.join(secrets.choice(_LETTERS) for _ in range(6))}",
        kind=checks.choice(RequestKind, new.kind, "kind"),
        way=checks.choice(RequestWay, new.way, "way"),
        subject_id=new.subject_id,
        received_at=received,
        recorded_at=at,
        user_id=actor.user_id,
        language=new.language,
        words=checks.remark(new.words),
        wanted={name: text for name, text in texts.items() if text},
        email=new.email.strip(),
    )


def _twin(session: Session, row: SubjectRequest, at: datetime) -> SubjectRequest | None:
    """The same request of the same person over the page, sent a second time."""
    if row.way is not RequestWay.PAGE or row.subject_id is None:
        return None
    query = select(SubjectRequest).where(
        SubjectRequest.subject_id == row.subject_id,
        SubjectRequest.kind == row.kind,
        SubjectRequest.way == RequestWay.PAGE,
        SubjectRequest.words == row.words,
        SubjectRequest.recorded_at > at - _SAME,
    )
    earlier = session.scalars(query.order_by(SubjectRequest.id.desc()))
    return next((one for one in earlier if one.wanted == row.wanted), None)


def _case(session: Session, number: str, zone: ZoneInfo, at: datetime) -> Case:
    found = readers.find(session, number, zone, at)
    if found is None:
        raise AssertionError(number)
    return found


def _mine(session: Session, actor: Actor, number: str, at: datetime) -> SubjectRequest:
    """The request, held until the commit, for who answers requests: owners and the DPO."""
    if actor.user_id is not None:
        holds = in_role(Viewer(actor.user_id), RoleName.OWNER, RoleName.DPO, at=at)
        held = select(UserRole.role).where(UserRole.user_id == actor.user_id, holds)
        if session.scalar(held.limit(1)) is None:
            raise Refused("owners and the data protection officer answer requests")
    row = readers.get(session, number)
    session.refresh(row, with_for_update=True)
    return row


def _demand_open(session: Session, row: SubjectRequest) -> None:
    closed = select(RequestStep.id).where(
        RequestStep.request_id == row.id, RequestStep.kind == StepKind.CLOSED
    )
    if session.scalar(closed.limit(1)) is not None:
        raise Refused("this request is answered")


def _add(
    session: Session,
    actor: Actor,
    row: SubjectRequest,
    said: tuple[StepKind, str, str],
    at: datetime,
) -> None:
    kind, value, words = said
    step = RequestStep(
        request_id=row.id, at=at, user_id=actor.user_id, kind=kind, value=value, words=words
    )
    session.add(step)
    told = {"value": value} if value else {}
    audit.record(session, actor, f"request.{kind.value}", ("request", row.id), at, **told)


def _reason(raw: str, name: str = "reason") -> str:
    words = checks.remark(raw)
    if not words:
        raise Invalid(name, "it is empty")
    return words
