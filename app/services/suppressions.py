"""What is stopped at a contact point, kept by a keyed hash: it outlives the contact.

Anybody's word is enough to stop. Nothing here starts anything again but the mailbox's "it was
not me" (app.services.typed_stops) and two people who say that it was recorded in error
(app.services.stop_doubts). A later act of the person, with proof, is stronger for exactly what
it covers; that is how consents are read.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.db import FOREVER
from app.keys import KeyName, point_mac
from app.models import (
    Authority,
    ConsentEvent,
    ConsentSubject,
    Contact,
    ContactPoint,
    Directory,
    Purpose,
    StopEnd,
    StopGround,
    StopScope,
    Suppression,
)
from app.models.consent_kinds import ConsentActor, ConsentType, Medium
from app.models.kinds import ActorKind, PointKind
from app.policy import consents as reading
from app.queries import consents as found
from app.queries import suppressions as stopped
from app.queries.suppressions import Point, Stop, Whose
from app.services import consent_bases, consent_subjects, stop_bases
from app.services.audit import Actor, record
from app.services.consent_subjects import Mark
from app.services.stop_bases import Coverage
from app.tokens import random_name

_TERMS = {StopGround.BOUNCE: timedelta(days=180)}
"""All others hold as long as we might get the address again."""


ALL_MARKETING = Coverage(StopScope.MARKETING)
NO_RETURN = Coverage(StopScope.REIMPORT)
"""All marketing, and no file brings the person back: for who was erased."""


def of_purpose(purpose_id: int, media: Sequence[Medium] = ()) -> Coverage:
    """One purpose and everything below it."""
    return Coverage(StopScope.PURPOSE, purpose_id, tuple(media))


def suppress(  # noqa: PLR0913 - what every caller says, and what one does
    session: Session,
    actor: Actor,
    point: Mark,
    coverage: Coverage,
    ground: StopGround,
    at: datetime,
    *,
    authority: Authority | None = None,
) -> Suppression:
    """Stop this at a point, whoever has it, and end what rested on it; as often as one likes.

    The mark is of app.services.consent_subjects.marked, or of `marks_of` for a contact's own.
    Who gave, and gives again later with proof, is not stopped for what he gave.
    """
    closed = stop_bases.end(session, coverage, ground, at, _having(point))
    row = _row(point, coverage, ground, at)
    row.authority, row.closed = authority or _word(actor), closed
    return _kept(session, actor, row, at)


def suppress_contact(
    session: Session,
    actor: Actor,
    contact_id: int,
    coverage: Coverage,
    ground: StopGround,
    at: datetime,
) -> list[Suppression]:
    """The same at all e-mail addresses and phones of a contact, before they are erased.

    It is his alone: others who share a point keep what is theirs, and a phone that they share
    brings nobody's return into doubt. Raises NotFound.
    """
    subject = consent_subjects.of_contact(session, contact_id, at)
    closed = stop_bases.end(session, coverage, ground, at, [contact_id])
    rows: list[Suppression] = []
    for point in marks_of(session, contact_id):
        if coverage.scope is StopScope.REIMPORT and _is_shared(session, point, contact_id, at):
            continue
        row = _row(point, coverage, ground, at)
        row.subject_id = subject.id
        row.authority = _word(actor)
        row.closed = closed if not rows else []
        rows.append(_kept(session, actor, row, at))
    return rows


def follow_event(session: Session, actor: Actor, event: ConsentEvent, at: datetime) -> None:
    """Let a withdrawal of marketing, or an objection, outlive its contact.

    To be called before the bases follow the event. Where the act says at which point, it is
    that one; else all of the contact.
    """
    if event.type not in _GROUNDS or not _is_kept(session, event):
        return
    is_typed = event.actor_kind is ConsentActor.SITE
    coverage = of_purpose(event.purpose_id, [Medium(word) for word in event.media])
    moment = _moment(event)
    closed = stop_bases.open_before(session, event, at)
    for point in _points_of(session, event):
        row = _row(point, coverage, _GROUNDS[event.type], at)
        row.begun_at, row.event_id, row.subject_id = moment, event.id, event.subject_id
        row.authority = Authority.TYPED if is_typed else _word(actor)
        row.closed, closed = closed, []
        _kept(session, actor, row, at)


def end(
    session: Session, actor: Actor, rows: Sequence[Suppression], why: StopEnd, at: datetime
) -> None:
    """Let these count no more, and what rested on them hold again where nothing else closed it.

    For the mailbox that says it was not him, and for two people who agree that we erred.
    """
    for row in rows:
        row.ended_at, row.ended_why = at, why
        record(session, actor, f"suppression.{why.value}", ("suppression", row.id), at)
    session.flush()
    query = select(Suppression.closed).where(
        Suppression.point_mac.in_([row.point_mac for row in rows]),
        Suppression.ended_at.is_not(None),
    )
    closed = [basis for found_there in session.scalars(query) for basis in found_there]
    stop_bases.restore(session, closed, at)
    for subject_id, purpose_id in {(row.subject_id, row.purpose_id) for row in rows}:
        his = session.get(ConsentSubject, subject_id or 0)
        if his is not None and his.contact_id is not None and purpose_id is not None:
            below = found.purposes_below(session, purpose_id)
            consent_bases.follow(session, his.contact_id, below, at, may_open=True)


def carry(session: Session, ids: Collection[int], at: datetime) -> None:
    """Let what is stopped at the points of these contacts hold for them: their points changed."""
    above = found.tree(session)
    ours = stopped.marketing(session)
    for contact_id, stops in stopped.of_contacts(session, ids, at).items():
        for stop in _lasting(stops):
            covered = [one for one in above if stop.is_about(one, above, ours)]
            consent_bases.follow(session, contact_id, covered, at)
            if stop.ground not in stop_bases.CONSENT_ONLY and not stop.media:
                consent_bases.object_to(session, contact_id, covered, at)


def forbids(
    stops: Sequence[Stop], purpose: Purpose, above: reading.Tree, marketing: Collection[int]
) -> bool:
    """Whether these stops leave no medium of a purpose that we would use of our own accord."""
    about = [stop for stop in _lasting(stops) if stop.is_about(purpose.id, above, marketing)]
    about = [s for s in about if purpose.is_marketing or s.ground is StopGround.OBJECTION]
    return all(
        any(not stop.media or medium in stop.media for stop in about)
        for medium in found.media_of(purpose)
    )


def forbidden(
    session: Session, home: Directory, points: Mapping[Whose, Iterable[Point]], at: datetime
) -> dict[Whose, list[Stop]]:
    """Whom of those who would come into a directory what they asked keeps from a basis there."""
    stops = stopped.known_by(session, points, at)
    if not stops:
        return {}
    above, ours = found.tree(session), stopped.marketing(session)
    purpose = session.get_one(Purpose, home.purpose_id)
    return {who: said for who, said in stops.items() if forbids(said, purpose, above, ours)}


def brings_nobody_back(stops: Sequence[Stop]) -> bool:
    """Whether somebody with such a point was erased, so that no file makes him anew."""
    return any(stop.scope is StopScope.REIMPORT for stop in stops)


def marks_of(session: Session, contact_id: int) -> list[Mark]:
    """The e-mail addresses and phones of a contact, with their keyed hashes."""
    keys = stopped.keys_of(session)
    query = select(ContactPoint).where(
        ContactPoint.contact_id == contact_id,
        ContactPoint.kind.in_(stopped.POINTS),
        ContactPoint.norm != "",
    )
    rows = session.scalars(query.order_by(ContactPoint.id)).all()
    if rows and keys is None:
        raise RuntimeError(stopped.WITHOUT_KEYS)
    if keys is None:
        return []
    key = keys.current(KeyName.EVIDENCE)
    points = dict.fromkeys((row.kind, row.norm) for row in rows)
    return [Mark(kind, norm, point_mac(key, kind.value, norm), key.id) for kind, norm in points]


def _lasting(stops: Sequence[Stop]) -> list[Stop]:
    return [stop for stop in stops if stop.ground is not StopGround.BOUNCE]


_GROUNDS = {
    ConsentType.WITHDRAWN: StopGround.WITHDRAWAL,
    ConsentType.OBJECTED: StopGround.OBJECTION,
}


def _word(actor: Actor) -> Authority:
    words = {ActorKind.SUBJECT: Authority.SUBJECT, ActorKind.SYSTEM: Authority.SYSTEM}
    return words.get(actor.kind, Authority.STAFF)


def _is_kept(session: Session, event: ConsentEvent) -> bool:
    is_marketing = session.get_one(Purpose, event.purpose_id).is_marketing
    return is_marketing or event.type is ConsentType.OBJECTED


def _points_of(session: Session, event: ConsentEvent) -> list[Mark]:
    if event.point_mac and event.point_kind is not None:
        return [Mark(event.point_kind, "", event.point_mac, event.point_key_id)]
    subject = session.get_one(ConsentSubject, event.subject_id)
    if subject.contact_id is not None:
        return marks_of(session, subject.contact_id)
    query = (
        select(ConsentEvent.point_kind, ConsentEvent.point_mac, ConsentEvent.point_key_id)
        .where(ConsentEvent.subject_id == subject.id, ConsentEvent.point_mac != "")
        .distinct()
    )
    rows = session.execute(query.order_by(ConsentEvent.point_mac))
    return [Mark(row[0], "", row[1], row[2]) for row in rows if row[0] is not None]


def _moment(event: ConsentEvent) -> datetime:
    said = (event.id, event.type, event.purpose_id, event.occurred_at, event.recorded_at)
    return reading.Event(*said, precision=event.precision).moment


def _row(point: Mark, coverage: Coverage, ground: StopGround, at: datetime) -> Suppression:
    term = _TERMS.get(ground)
    return Suppression(
        public_id=random_name(),
        point_kind=point.kind,
        point_mac=point.mac,
        point_key_id=point.key_id,
        scope=coverage.scope,
        purpose_id=coverage.purpose_id,
        media=[medium.value for medium in coverage.media],
        ground=ground,
        begun_at=at,
        recorded_at=at,
        valid_until=FOREVER if term is None else at + term,
    )


def _kept(session: Session, actor: Actor, row: Suppression, at: datetime) -> Suppression:
    session.add(row)
    session.flush()
    detail = {"ground": row.ground, "scope": row.scope, "purpose": row.purpose_id}
    record(session, actor, "suppression.add", ("suppression", row.id), at, **detail)
    session.flush()
    return row


def _having(point: Mark) -> Select[int]:
    """The contacts that have this point now."""
    norm = consent_subjects.normal(point.kind, point.value)
    return select(ContactPoint.contact_id).where(
        ContactPoint.kind == point.kind, ContactPoint.norm == norm, ContactPoint.norm != ""
    )


def _is_shared(session: Session, point: Mark, contact_id: int, at: datetime) -> bool:
    if point.kind is not PointKind.PHONE:
        return False
    others = (
        select(ContactPoint.id)
        .join(Contact, Contact.id == ContactPoint.contact_id)
        .where(
            ContactPoint.kind == point.kind,
            ContactPoint.norm == consent_subjects.normal(point.kind, point.value),
            Contact.id != contact_id,
            Contact.erased_at > at,
        )
    )
    return session.scalar(others.limit(1)) is not None
