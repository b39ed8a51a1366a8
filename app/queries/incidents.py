"""Lost phones as owners and the data protection officer read them: facts, and the clock.

Whether an incident is open, and how much of its 72 hours is left, is read at the instant of the
question; nothing of it is stored.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session, aliased

from app.db import FOREVER
from app.errors import NotFound
from app.models import AuditEvent, Device, HandOver, Incident, IncidentFact, User
from app.models.kinds import FactKind, Reply, Verdict
from app.queries import ledger
from app.queries.ledger import DeviceView

TERM = timedelta(hours=72)
"""Within this of knowing it, the authority must be told, where it must be (GDPR Art. 33(1))."""


@dataclass(frozen=True, slots=True)
class Clock:
    """How the 72 hours stand: when they end, what is left of them, and whether they still count."""

    due_at: datetime
    left: timedelta
    is_open: bool

    @property
    def hours(self) -> int:
        """Whole hours left; 0 in the last hour and when it is overdue."""
        return max(0, self.left // timedelta(hours=1))

    @property
    def is_overdue(self) -> bool:
        """Whether it is past the term: still undecided, or decided too late."""
        return self.left <= timedelta(0)


class Act(StrEnum):
    """What was done about an incident besides saying something of it."""

    HANDED_OVER = "handed-over"


@dataclass(frozen=True, slots=True)
class Step:
    """One fact about an incident. `user` is None for the shell; see IncidentFact for the rest.

    Where the list was handed over, `value` is the number of contacts, `words` to whom and why.
    """

    at: datetime
    user: str | None
    kind: FactKind | Act
    value: str
    words: str
    since_at: datetime | None


@dataclass(frozen=True, slots=True)
class Report:
    """That a device was reported lost: what its owner may know of it."""

    public_id: str
    opened_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Case:
    """An incident: the device as it stands now, and what is known, advised and decided."""

    id: int
    device_id: int
    public_id: str
    device: DeviceView
    opened_at: datetime
    reporter: str | None
    was_managed: bool
    give_up_reason: str
    given_up_at: datetime | None
    steps: tuple[Step, ...]

    @property
    def known_at(self) -> datetime:
        """Since when the loss is known: what was said last, else the report itself."""
        said = self.last(FactKind.KNOWN)
        return said.since_at if said and said.since_at else self.opened_at

    @property
    def locked(self) -> Reply:
        """Whether the phone was locked."""
        return self._reply(FactKind.LOCKED)

    @property
    def encrypted(self) -> Reply:
        """Whether what is on the phone is encrypted."""
        return self._reply(FactKind.ENCRYPTED)

    @property
    def decision(self) -> Step | None:
        """The decision that holds, None while there is none."""
        return self.last(FactKind.DECISION)

    @property
    def verdict(self) -> Verdict | None:
        """Who is told, by that decision."""
        return Verdict(self.decision.value) if self.decision else None

    @property
    def is_open(self) -> bool:
        """Whether nothing is decided yet."""
        return self.decision is None

    def clock(self, at: datetime) -> Clock:
        """The 72 hours; they stop with the first decision."""
        decided = next((s.at for s in self.steps if s.kind is FactKind.DECISION), None)
        due_at = self.known_at + TERM
        return Clock(due_at, due_at - (decided or at), decided is None)

    def last(self, kind: FactKind) -> Step | None:
        """The last fact of this kind."""
        return next((step for step in reversed(self.steps) if step.kind is kind), None)

    def _reply(self, kind: FactKind) -> Reply:
        said = self.last(kind)
        return Reply(said.value) if said else Reply.UNKNOWN


def get(session: Session, public_id: str) -> Incident:
    """The row with this public id. Raises NotFound."""
    row = session.scalar(select(Incident).where(Incident.public_id == public_id))
    if row is None:
        raise NotFound("there is no such incident")
    return row


def find(session: Session, public_id: str, at: datetime) -> Case | None:
    """The incident with this public id, None for an absent one."""
    return next(iter(_cases(session, _query().where(Incident.public_id == public_id), at)), None)


def everything(session: Session, at: datetime) -> list[Case]:
    """Every incident: the open ones first, by when they are due, then the last decided."""
    found = _cases(session, _query(), at)
    waiting = sorted((one for one in found if one.is_open), key=lambda one: one.known_at)
    return waiting + [one for one in found if not one.is_open]


def undecided(session: Session, at: datetime) -> list[Case]:
    """The open ones, the first to be due first."""
    decision = IncidentFact.kind == FactKind.DECISION
    is_decided = exists().where(IncidentFact.incident_id == Incident.id, decision)
    found = _cases(session, _query().where(~is_decided), at)
    return sorted(found, key=lambda one: one.known_at)


def of_device(session: Session, device_id: int) -> Report | None:
    """The report about a device, None where it is not lost."""
    query = select(Incident).where(Incident.device_id == device_id)
    row = session.scalar(query)
    if row is None:
        return None
    decided = select(IncidentFact.at).where(
        IncidentFact.incident_id == row.id, IncidentFact.kind == FactKind.DECISION
    )
    return Report(
        row.public_id, row.opened_at, session.scalar(decided.order_by(IncidentFact.id).limit(1))
    )


def _query() -> Select[Incident, Device, str]:
    reporter = aliased(User)
    return (
        select(Incident, Device, reporter.name)
        .join(Device, Device.id == Incident.device_id)
        .outerjoin(reporter, reporter.id == Incident.reporter_id)
        .order_by(Incident.opened_at.desc(), Incident.id.desc())
    )


def _cases(session: Session, query: Select[Incident, Device, str], at: datetime) -> list[Case]:
    """The incidents of a query, in a number of statements that never grows."""
    rows = session.execute(query).all()
    if not rows:
        return []
    only = rows[0][1].id if len(rows) == 1 else None
    views = {view.public_id: view for view in ledger.devices(session, at, device_id=only)}
    steps = _steps(session, [row[0].id for row in rows])
    return [
        Case(
            id=row.id,
            device_id=device.id,
            public_id=row.public_id,
            device=views[device.public_id],
            opened_at=row.opened_at,
            reporter=reporter,
            was_managed=row.was_managed,
            give_up_reason=device.give_up_reason,
            given_up_at=device.given_up_at if device.given_up_at < FOREVER else None,
            steps=tuple(steps[row.id]),
        )
        for row, device, reporter in rows
    ]


def _steps(session: Session, ids: list[int]) -> dict[int, list[Step]]:
    query = (
        select(IncidentFact, User.name)
        .outerjoin(User, User.id == IncidentFact.user_id)
        .where(IncidentFact.incident_id.in_(ids))
        .order_by(IncidentFact.id)
    )
    found: dict[int, list[Step]] = {incident_id: [] for incident_id in ids}
    for row, user in session.execute(query):
        said = (row.at, user, row.kind, row.value, row.words, row.since_at)
        found[row.incident_id].append(Step(*said))
    for incident_id, step in _handed_over(session, ids):
        found[incident_id].append(step)
    return {key: sorted(steps, key=lambda step: step.at) for key, steps in found.items()}


def _handed_over(session: Session, ids: list[int]) -> Iterator[tuple[int, Step]]:
    """Each time that the list of one of these was taken out; to whom stands with the contacts."""
    events = (
        select(AuditEvent, User.name)
        .outerjoin(User, User.id == AuditEvent.actor_id)
        .where(
            AuditEvent.action == "incident.export",
            AuditEvent.subject_kind == "incident",
            AuditEvent.subject_id.in_(ids),
        )
        .order_by(AuditEvent.id)
    )
    taken = session.execute(events).all()
    out = select(HandOver.at, HandOver.user_id, HandOver.recipient, HandOver.reason).distinct()
    rows = session.execute(out.where(HandOver.at.in_([event.at for event, _ in taken])))
    errands = {(at, user_id): f"{recipient}: {reason}" for at, user_id, recipient, reason in rows}
    for event, user in taken:
        words = errands.get((event.at, event.actor_id), "")
        count = str(event.detail["contacts"])
        yield event.subject_id or 0, Step(event.at, user, Act.HANDED_OVER, count, words, None)
