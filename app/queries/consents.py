"""What happened to a contact's consents, and what holds of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.db import FOREVER
from app.models import (
    ConsentEvent,
    ConsentSubject,
    EventEvidence,
    Evidence,
    NoticeVersion,
    Purpose,
)
from app.models.consent_kinds import ChangeClass, ConsentActor, Medium, NoticeState
from app.policy import consents
from app.policy.consents import Event, Reading, Tree
from app.queries import suppressions


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds of one purpose over one medium; `until` is FOREVER where it has no end."""

    purpose: str
    purpose_name: str
    medium: str
    state: str
    reason: str
    event: str
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Proof:
    """One piece of evidence as it is named, never its bytes."""

    id: str
    kind: str
    sha256: str
    original_place: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One consent event as it is shown: what, how, when, what was told, and what proves it.

    `notice` is the public id of the notice version, `media` what it covers or closes.
    """

    id: str
    type: str
    purpose: str
    purpose_name: str
    covers: tuple[tuple[str, str], ...]
    media: tuple[str, ...]
    occurred_at: datetime
    precision: str
    recorded_at: datetime
    valid_until: datetime
    actor: str
    expression: str
    notice: str
    statement: str
    language: str
    page: str
    origin: str
    point: str
    ip: str
    user_agent: str
    evidence: tuple[Proof, ...]


def tree(session: Session) -> Tree:
    """What stands above each purpose."""
    return {row.id: row.parent_id for row in session.execute(select(Purpose.id, Purpose.parent_id))}


def purposes_below(session: Session, root_id: int) -> list[int]:
    """A purpose and everything below it."""
    above = tree(session)
    return [purpose for purpose in above if consents.is_below(above, purpose, root_id)]


def events_of(session: Session, contact_id: int) -> list[Event]:
    """Everything that happened to a contact's consents, for the reading."""
    mine = ConsentSubject.contact_id == contact_id
    return [*_events(session, mine), *suppressions.events_of(session, contact_id)]


def events_for(session: Session, subject: ConsentSubject) -> list[Event]:
    """The same for a subject: all of its contact, or its own while it has none."""
    if subject.contact_id is not None:
        return events_of(session, subject.contact_id)
    stopped = suppressions.events_of_stranger(session, subject.id)
    return [*_events(session, ConsentSubject.id == subject.id), *stopped]


def events_where(session: Session, mine: ColumnElement[bool]) -> list[Event]:
    """What happened to the subjects of a condition, without what is stopped at their points."""
    return _events(session, mine)


def state(
    session: Session, contact_id: int, purpose_id: int, medium: Medium, at: datetime
) -> Reading:
    """The state of a contact's consent to a purpose over a medium, with the event and why."""
    events = events_of(session, contact_id)
    return consents.read(events, tree(session), purpose_id, medium, at)


def holds(session: Session, contact_id: int, purpose_id: int, at: datetime) -> bool:
    """Whether a contact's consent to a purpose holds over any medium."""
    events = events_of(session, contact_id)
    return consents.holds_until(events, tree(session), purpose_id, at) is not None


def standings(session: Session, contact_id: int, at: datetime) -> list[Standing]:
    """What holds of every purpose and medium that ever came up for a contact."""
    events, above = events_of(session, contact_id), tree(session)
    rows = session.execute(select(Purpose).order_by(Purpose.slug)).scalars().all()
    found = []
    for purpose in rows:
        for medium in _media(purpose, events, above):
            reading = consents.read(events, above, purpose.id, medium, at)
            found.append(_standing(purpose, medium, reading))
    return found


def history(session: Session, contact_id: int) -> list[Entry]:
    """Every event of a contact's consents, the newest first."""
    query = (
        select(ConsentEvent)
        .join(ConsentSubject, ConsentSubject.id == ConsentEvent.subject_id)
        .where(ConsentSubject.contact_id == contact_id)
        .order_by(ConsentEvent.recorded_at.desc(), ConsentEvent.id.desc())
    )
    rows = session.scalars(query).all()
    names = {p.id: p for p in session.scalars(select(Purpose))}
    wanted = {row.notice_version_id for row in rows if row.notice_version_id}
    notices = select(NoticeVersion.id, NoticeVersion.public_id).where(NoticeVersion.id.in_(wanted))
    told = {found.id: found.public_id for found in session.execute(notices)}
    proofs = _proofs(session, [row.id for row in rows])
    return [_entry(row, names, told, proofs) for row in rows]


def _events(session: Session, mine: ColumnElement[bool]) -> list[Event]:
    query = (
        select(ConsentEvent)
        .join(ConsentSubject, ConsentSubject.id == ConsentEvent.subject_id)
        .where(mine)
        .order_by(ConsentEvent.id)
    )
    errors = suppressions.errors_of(session, select(ConsentSubject.id).where(mine))
    rows = [row for row in session.scalars(query) if row.id not in errors]
    ids = [row.id for row in rows]
    linked = select(EventEvidence.event_id).where(EventEvidence.event_id.in_(ids))
    evidenced = set(session.scalars(linked))
    renewals = _renewals(session, {row.notice_version_id for row in rows if row.notice_version_id})
    asked = {row.id: row.occurred_at for row in rows}
    return [_event(row, row.id in evidenced, renewals, asked) for row in rows]


def _event(
    row: ConsentEvent,
    is_evidenced: bool,  # noqa: FBT001 - private, one caller
    renewals: Mapping[int, Sequence[NoticeVersion]],
    asked: Mapping[int, datetime],
) -> Event:
    covers = frozenset((int(purpose), Medium(medium)) for purpose, medium in row.covers)
    has_notice = row.notice_version_id is not None
    referred = asked.get(row.refers_to_id) if row.refers_to_id is not None else None
    return Event(
        id=row.id,
        type=row.type,
        purpose_id=row.purpose_id,
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
        precision=row.precision,
        covers=covers,
        media=frozenset(map(Medium, row.media)),
        since_at=min((i for i in (referred, row.rendered_at) if i is not None), default=None),
        valid_until=row.valid_until,
        is_proven=has_notice and (row.actor_kind is ConsentActor.SUBJECT or is_evidenced),
        renew_at=_renew_at(covers, renewals.get(row.notice_version_id or 0, ())),
        public_id=row.public_id,
    )


def _renewals(session: Session, told: Iterable[int]) -> dict[int, list[NoticeVersion]]:
    """Per notice version the later ones that ask anew, in whatever language."""
    versions = session.scalars(select(NoticeVersion).where(NoticeVersion.id.in_(set(told)))).all()
    keys = {version.key for version in versions}
    later = session.scalars(
        select(NoticeVersion).where(
            NoticeVersion.key.in_(keys),
            NoticeVersion.change_class == ChangeClass.PROCESSING,
            NoticeVersion.state != NoticeState.DRAFT,
        )
    ).all()
    return {
        version.id: [n for n in later if n.key == version.key and n.version > version.version]
        for version in versions
    }


def _renew_at(
    covers: Iterable[tuple[int, Medium]], later: Sequence[NoticeVersion]
) -> dict[int, datetime]:
    found: dict[int, datetime] = {}
    for purpose, _ in covers:
        for notice in later:
            if not notice.changes or purpose in notice.changes:
                starts = notice.effective_at or FOREVER
                found[purpose] = min(found.get(purpose, FOREVER), starts)
    return found


def _media(purpose: Purpose, events: Sequence[Event], above: Tree) -> list[Medium]:
    """The media of a purpose that came up: by being covered, or by being closed."""
    covered = {m for event in events for of, m in event.covers if of == purpose.id}
    closing = [e for e in events if e.type in consents.CLOSING]
    closed = [e for e in closing if consents.is_below(above, purpose.id, e.purpose_id)]
    named = {medium for event in closed for medium in event.media}
    if any(not event.media for event in closed):
        named |= set(media_of(purpose))
    return [medium for medium in Medium if medium in covered | named]


def media_of(purpose: Purpose) -> tuple[Medium, ...]:
    """The media a purpose may use; a purpose without any is about the use itself."""
    return tuple(map(Medium, purpose.media.split())) or (Medium.USE,)


def _standing(purpose: Purpose, medium: Medium, reading: Reading) -> Standing:
    event = reading.event
    return Standing(
        purpose=purpose.slug,
        purpose_name=purpose.name,
        medium=medium.value,
        state=reading.state.value,
        reason=reading.reason,
        event=event.public_id if event else "",
        since=event.moment if event else None,
        until=event.ends_at(purpose.id) if event and reading.holds else None,
    )


def _proofs(session: Session, ids: Sequence[int]) -> dict[int, list[Proof]]:
    query = (
        select(EventEvidence.event_id, Evidence)
        .join(Evidence, Evidence.id == EventEvidence.evidence_id)
        .where(EventEvidence.event_id.in_(ids))
        .order_by(Evidence.id)
    )
    found: dict[int, list[Proof]] = defaultdict(list)
    for event_id, row in session.execute(query):
        proof = Proof(row.public_id, row.kind.value, row.sha256, row.original_place)
        found[event_id].append(proof)
    return found


def _entry(
    row: ConsentEvent,
    names: Mapping[int, Purpose],
    told: Mapping[int, str],
    proofs: Mapping[int, Sequence[Proof]],
) -> Entry:
    return Entry(
        id=row.public_id,
        type=row.type.value,
        purpose=names[row.purpose_id].slug,
        purpose_name=names[row.purpose_id].name,
        covers=tuple((names[purpose].slug, medium) for purpose, medium in row.covers),
        media=tuple(row.media),
        occurred_at=row.occurred_at,
        precision=row.precision.value,
        recorded_at=row.recorded_at,
        valid_until=row.valid_until,
        actor=row.actor_kind.value,
        expression=row.expression.value,
        notice=told.get(row.notice_version_id or 0, ""),
        statement=row.statement,
        language=row.language,
        page=row.page,
        origin=row.origin,
        point=row.point_value,
        ip=row.ip,
        user_agent=row.user_agent,
        evidence=tuple(proofs.get(row.id, ())),
    )
