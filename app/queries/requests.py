"""Requests of people as those who answer them read them: what was asked, how far it is, until when.

Nothing of that is stored: state, owner, pauses and the due day are read from the steps.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session, aliased

from app.errors import NotFound
from app.models import ConsentSubject, Contact, RequestStep, SubjectRequest, User
from app.models.requests import Identity, RequestKind, RequestOutcome, RequestWay, StepKind
from app.policy import deadlines


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened. `user` is None for the shell and for the person himself."""

    at: datetime
    user: str | None
    kind: StepKind
    value: str
    words: str


@dataclass(frozen=True, slots=True)
class Case:
    """One request. `contact_uid` and `contact_id` are None where it is nobody's whom we know.

    `due_at` is the end of the last day for an answer; `first_due_at` the one before any
    extension. A request that was answered keeps the term that held then.
    """

    id: int
    number: str
    kind: RequestKind
    way: RequestWay
    subject_id: int | None
    contact_id: int | None
    contact_uid: str | None
    is_erased: bool
    received_at: datetime
    recorded_at: datetime
    recorded_by: str | None
    language: str
    words: str
    wanted: dict[str, Any]
    email: str
    steps: tuple[Step, ...]
    due_at: datetime
    first_due_at: datetime

    @property
    def closing(self) -> Step | None:
        """How it ended, by the last word on it; None while it is open."""
        return self.last(StepKind.CLOSED)

    @property
    def outcome(self) -> RequestOutcome | None:
        """The word for how it ended."""
        return RequestOutcome(self.closing.value) if self.closing else None

    @property
    def closed_at(self) -> datetime | None:
        """When it was answered: the first time counts."""
        return next((step.at for step in self.steps if step.kind is StepKind.CLOSED), None)

    @property
    def is_open(self) -> bool:
        """Whether an answer is still owed."""
        return self.closing is None

    @property
    def owner(self) -> str:
        """Who takes care of it, by name; "" for nobody yet."""
        taken = self.last(StepKind.TAKEN)
        return (taken.user or "") if taken else ""

    @property
    def identity(self) -> Identity:
        """By what we know that it is he."""
        checked = self.last(StepKind.IDENTITY)
        return Identity(checked.value) if checked else Identity.NONE

    @property
    def is_waiting(self) -> bool:
        """Whether he was asked who he is, and has not shown it yet: the clock stands still."""
        found = [s for s in self.steps if s.kind in {StepKind.ASKED, StepKind.IDENTITY}]
        return self.is_open and bool(found) and found[-1].kind is StepKind.ASKED

    @property
    def extension(self) -> Step | None:
        """Why it takes longer; None where it does not."""
        return next((step for step in self.steps if step.kind is StepKind.EXTENDED), None)

    def left(self, at: datetime) -> int:
        """Whole days left, 0 on the last one; negative when it is overdue."""
        return (self.due_at - at) // timedelta(days=1)

    def is_late(self, at: datetime) -> bool:
        """Whether it is, or was, answered after the last day."""
        return (self.closed_at or at) >= self.due_at

    def last(self, kind: StepKind) -> Step | None:
        """The last step of this kind."""
        return next((step for step in reversed(self.steps) if step.kind is kind), None)


def get(session: Session, number: str) -> SubjectRequest:
    """The row with this number. Raises NotFound."""
    row = session.scalar(select(SubjectRequest).where(SubjectRequest.number == number))
    if row is None:
        raise NotFound("there is no such request")
    return row


def find(session: Session, number: str, zone: ZoneInfo, at: datetime) -> Case | None:
    """The request with this number, None for an absent one."""
    return next(iter(_cases(session, SubjectRequest.number == number, zone, at)), None)


def everything(session: Session, zone: ZoneInfo, at: datetime) -> list[Case]:
    """Every request: the open ones first, by when they are due, then the last answered."""
    found = _cases(session, SubjectRequest.id > 0, zone, at)
    ended = sorted((one for one in found if not one.is_open), key=lambda one: one.id, reverse=True)
    return _by_due(one for one in found if one.is_open) + ended


def undecided(session: Session, zone: ZoneInfo, at: datetime) -> list[Case]:
    """The open ones, the first to be due first."""
    closed = exists().where(
        RequestStep.request_id == SubjectRequest.id, RequestStep.kind == StepKind.CLOSED
    )
    return _by_due(_cases(session, ~closed, zone, at))


def of_subjects(
    session: Session, subjects: Collection[int], zone: ZoneInfo, at: datetime
) -> list[Case]:
    """What these subjects of consents asked for, the newest first."""
    found = _cases(session, SubjectRequest.subject_id.in_(subjects), zone, at) if subjects else []
    return sorted(found, key=lambda one: one.id, reverse=True)


def of_contacts(
    session: Session, contacts: Collection[int], zone: ZoneInfo, at: datetime
) -> list[Case]:
    """What these contacts asked for, the newest first."""
    mine = select(ConsentSubject.id).where(ConsentSubject.contact_id.in_(contacts))
    return of_subjects(session, session.scalars(mine).all(), zone, at)


def _by_due(found: Iterable[Case]) -> list[Case]:
    return sorted(found, key=lambda one: (one.due_at, one.id))


def _cases(
    session: Session, which: ColumnElement[bool], zone: ZoneInfo, at: datetime
) -> list[Case]:
    """The requests of a query, in a number of statements that never grows."""
    recorder = aliased(User)
    query = (
        select(SubjectRequest, Contact.id, Contact.public_id, Contact.erased_at, recorder.name)
        .outerjoin(ConsentSubject, ConsentSubject.id == SubjectRequest.subject_id)
        .outerjoin(Contact, Contact.id == ConsentSubject.contact_id)
        .outerjoin(recorder, recorder.id == SubjectRequest.user_id)
        .where(which)
        .order_by(SubjectRequest.id)
    )
    rows = session.execute(query).all()
    steps = _steps(session, [row[0].id for row in rows])
    return [_case(tuple(row), tuple(steps[row[0].id]), zone, at) for row in rows]


def _case(row: tuple[Any, ...], steps: tuple[Step, ...], zone: ZoneInfo, at: datetime) -> Case:
    asked, contact_id, uid, erased_at, recorder = row
    ended = next((step.at for step in steps if step.kind is StepKind.CLOSED), at)
    waited = _waited(steps, zone, ended)
    is_extended = any(step.kind is StepKind.EXTENDED for step in steps)
    received = asked.received_at
    first = deadlines.due_at(received, zone, deadlines.TERM, waited)
    longest = deadlines.due_at(received, zone, deadlines.LONGEST, waited)
    return Case(
        id=asked.id,
        number=asked.number,
        kind=asked.kind,
        way=asked.way,
        subject_id=asked.subject_id,
        contact_id=contact_id,
        contact_uid=uid,
        is_erased=erased_at is not None and erased_at <= at,
        received_at=received,
        recorded_at=asked.recorded_at,
        recorded_by=recorder,
        language=asked.language,
        words=asked.words,
        wanted=dict(asked.wanted),
        email=asked.email,
        steps=steps,
        due_at=longest if is_extended else first,
        first_due_at=first,
    )


def _waited(steps: tuple[Step, ...], zone: ZoneInfo, until: datetime) -> int:
    """Days between asking him who he is and his answer: the clock stood still (EDPB 01/2022)."""
    asked: datetime | None = None
    days = 0
    for step in steps:
        if step.kind is StepKind.ASKED:
            asked = asked or step.at
        elif step.kind is StepKind.IDENTITY and asked is not None:
            days += _days(asked, step.at, zone)
            asked = None
    return days + (_days(asked, until, zone) if asked is not None else 0)


def _days(start: datetime, end: datetime, zone: ZoneInfo) -> int:
    return max(0, (end.astimezone(zone).date() - start.astimezone(zone).date()).days)


def _steps(session: Session, ids: list[int]) -> dict[int, list[Step]]:
    query = (
        select(RequestStep, User.name)
        .outerjoin(User, User.id == RequestStep.user_id)
        .where(RequestStep.request_id.in_(ids))
        .order_by(RequestStep.id)
    )
    found: dict[int, list[Step]] = defaultdict(list)
    for row, user in session.execute(query):
        found[row.request_id].append(Step(row.at, user, row.kind, row.value, row.words))
    return found
