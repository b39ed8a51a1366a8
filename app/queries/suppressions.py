"""What is stopped at which contact points: asked by whatever would write, bring in or hand out.

A point is compared by its keyed hash, under every key that ever was ours.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from app.cards.points import email_norm, phone_norm
from app.db import FOREVER
from app.keys import KeyName, KeyRing, point_mac
from app.models import (
    ConsentEvent,
    ConsentSubject,
    Contact,
    ContactPoint,
    Purpose,
    StopEnd,
    StopGround,
    StopScope,
    Suppression,
    ValueChange,
)
from app.models.consent_kinds import ConsentType, Medium
from app.models.kinds import PointKind
from app.policy import consents as reading
from app.policy.consents import Event, Tree

Whose = TypeVar("Whose")
Point = tuple[PointKind, str]
"""Its kind and its normal form."""

POINTS = (PointKind.EMAIL, PointKind.PHONE)
WITHOUT_KEYS = "this database was opened without the keys of its suppressions"
_FIELDS: dict[str, tuple[PointKind, Callable[[str], str]]] = {
    "emails": (PointKind.EMAIL, email_norm),
    "phones": (PointKind.PHONE, phone_norm),
}
_TYPES = {StopGround.WITHDRAWAL: ConsentType.WITHDRAWN}
_CHUNK = 500
_LAST = FOREVER - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stop:
    """What is stopped at a point, and whose it is (None: whoever has the point)."""

    id: int
    public_id: str
    subject_id: int | None
    scope: StopScope
    purpose_id: int | None
    media: frozenset[Medium]
    ground: StopGround
    begun_at: datetime
    valid_until: datetime

    def is_about(self, purpose_id: int, above: Tree, marketing: Collection[int]) -> bool:
        """Whether it covers a purpose."""
        if self.purpose_id is None:
            return purpose_id in marketing
        return reading.is_below(above, purpose_id, self.purpose_id)


def known_by(
    session: Session, points: Mapping[Whose, Iterable[Point]], at: datetime
) -> dict[Whose, list[Stop]]:
    """What is stopped at the points of each, whosever it is; those with nothing are left out."""
    by_mac: dict[str, set[Whose]] = defaultdict(set)
    for whose, said in points.items():
        for mac in macs(session, said):
            by_mac[mac].add(whose)
    found: dict[Whose, dict[int, Stop]] = defaultdict(dict)
    live = (Suppression.ended_at.is_(None), Suppression.valid_until > at)
    for mac, stop in _stops(session, sorted(by_mac), *live):
        for whose in by_mac[mac]:
            found[whose][stop.id] = stop
    return {whose: list(stops.values()) for whose, stops in found.items()}


def of_contacts(session: Session, ids: Collection[int], at: datetime) -> dict[int, list[Stop]]:
    """What is stopped for each of these contacts; those with nothing are left out.

    It is his own, or about his points, or somebody's with the same point before he came.
    """
    points: dict[int, set[Point]] = defaultdict(set)
    wanted = sorted(ids)
    for start in range(0, len(wanted), _CHUNK):
        query = select(ContactPoint.contact_id, ContactPoint.kind, ContactPoint.norm).where(
            ContactPoint.contact_id.in_(wanted[start : start + _CHUNK]),
            ContactPoint.kind.in_(POINTS),
            ContactPoint.norm != "",
        )
        for row in session.execute(query):
            points[row.contact_id].add((row.kind, row.norm))
    found = known_by(session, points, at)
    for one, stops in _by_former(session, wanted, at).items():
        known = {stop.id for stop in found.get(one, ())}
        found[one] = [*found.get(one, ()), *(stop for stop in stops if stop.id not in known)]
    if not found:
        return {}
    own = _subjects(session, found)
    made = {
        row.id: row.created_at
        for row in session.execute(
            select(Contact.id, Contact.created_at).where(Contact.id.in_(found))
        )
    }
    mine = {
        one: [s for s in stops if _is_his(s, own[one], made[one])] for one, stops in found.items()
    }
    return {one: stops for one, stops in mine.items() if stops}


def _by_former(session: Session, ids: Sequence[int], at: datetime) -> dict[int, list[Stop]]:
    """What was stopped at points that these contacts had then: to take one away opens nothing."""
    points: dict[tuple[int, datetime], list[Point]] = defaultdict(list)
    for start in range(0, len(ids), _CHUNK):
        query = select(
            ValueChange.contact_id, ValueChange.field, ValueChange.old, ValueChange.changed_at
        )
        query = query.where(
            ValueChange.contact_id.in_(ids[start : start + _CHUNK]),
            ValueChange.field.in_(_FIELDS),
            ValueChange.old != "",
        )
        for row in session.execute(query):
            for said in json.loads(row.old):
                kind, normal = _FIELDS[row.field]
                norm = normal(said["value"])
                points[row.contact_id, row.changed_at] += [(kind, norm)] if norm else []
    found: dict[int, list[Stop]] = defaultdict(list)
    for (one, changed_at), stops in known_by(session, points, at).items():
        found[one] += [stop for stop in stops if stop.begun_at <= changed_at]
    return {one: stops for one, stops in found.items() if stops}


def events_of(session: Session, contact_id: int) -> list[Event]:
    """The same for one contact, as closing acts for the reading of his consents.

    What has a term closes no consent, or it would open again by itself.
    """
    stops = of_contacts(session, [contact_id], _LAST).get(contact_id, [])
    return _closing(session, stops)


def events_of_stranger(session: Session, subject_id: int) -> list[Event]:
    """The same for somebody who is no contact, by the points that he gave."""
    query = select(ConsentEvent.point_mac).where(
        ConsentEvent.subject_id == subject_id, ConsentEvent.point_mac != ""
    )
    given = sorted(set(session.scalars(query)))
    return _closing(session, of_marks(session, given, _LAST))


def of_marks(session: Session, given: Collection[str], at: datetime) -> list[Stop]:
    """What is stopped at points of which only the hashes are at hand."""
    live = (Suppression.ended_at.is_(None), Suppression.valid_until > at)
    return [stop for _, stop in _stops(session, sorted(given), *live)]


def errors_of(session: Session, subjects: Select[int]) -> set[int]:
    """The consent events that two people said were recorded in error."""
    query = select(Suppression.event_id).where(
        Suppression.subject_id.in_(subjects), Suppression.ended_why == StopEnd.ERROR
    )
    return {one for one in session.scalars(query) if one is not None}


def marketing(session: Session) -> dict[int, int | None]:
    """All purposes of marketing, with what stands above them."""
    query = select(Purpose.id, Purpose.parent_id).where(Purpose.is_marketing)
    return {row.id: row.parent_id for row in session.execute(query)}


def macs(session: Session, points: Iterable[Point]) -> set[str]:
    """The keyed hashes of these points, under every key.

    Without keys nothing can be compared. Raises RuntimeError where there is something to.
    """
    keys = keys_of(session)
    if keys is None:
        if session.scalar(select(Suppression.id).limit(1)) is not None:
            raise RuntimeError(WITHOUT_KEYS)
        return set()
    return {
        point_mac(key, kind.value, norm)
        for kind, norm in points
        for key in keys.all(KeyName.EVIDENCE)
    }


def keys_of(session: Session) -> KeyRing | None:
    """The keys of the instance whose database this is; None where it was opened without them."""
    options = session.get_bind().get_execution_options()
    found: Callable[[], KeyRing] | None = options.get("kustod_keys")
    return found() if found is not None else None


def _stops(
    session: Session, given: Sequence[str], *live: ColumnElement[bool]
) -> list[tuple[str, Stop]]:
    found: list[tuple[str, Stop]] = []
    for start in range(0, len(given), _CHUNK):
        part = given[start : start + _CHUNK]
        query = select(Suppression).where(Suppression.point_mac.in_(part), *live)
        rows = session.scalars(query.order_by(Suppression.id))
        found += [(row.point_mac, _stop(row)) for row in rows]
    return found


def _stop(row: Suppression) -> Stop:
    media = frozenset(map(Medium, row.media))
    said = (row.scope, row.purpose_id, media, row.ground, row.begun_at, row.valid_until)
    return Stop(row.id, row.public_id, row.subject_id, *said)


def _subjects(session: Session, contacts: Collection[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    query = select(ConsentSubject.id, ConsentSubject.contact_id)
    for row in session.execute(query.where(ConsentSubject.contact_id.in_(contacts))):
        found[row.contact_id].add(row.id)
    return found


def _is_his(stop: Stop, subjects: Collection[int], made_at: datetime) -> bool:
    return stop.subject_id is None or stop.subject_id in subjects or stop.begun_at <= made_at


def _closing(session: Session, stops: Sequence[Stop]) -> list[Event]:
    """A stop as a closing act of each topmost purpose that it covers."""
    if not stops:
        return []
    ours = marketing(session)
    tops = [one for one, parent in ours.items() if parent not in ours]
    return [
        Event(
            id=-stop.id,
            type=_TYPES.get(stop.ground, ConsentType.OBJECTED),
            purpose_id=purpose,
            occurred_at=stop.begun_at,
            recorded_at=stop.begun_at,
            media=stop.media,
        )
        for stop in stops
        for purpose in ([stop.purpose_id] if stop.purpose_id is not None else tops)
    ]
