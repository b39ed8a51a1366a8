"""Contacts into rows, many at a time: a single entry and an import of ten thousand alike."""

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import itemgetter
from typing import Any, TypeVar

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app.cards.card import Address, Draft, Photo, Point
from app.models import Address as AddressRow
from app.models import Blob, Contact, ContactPoint, Directory, LegalBasis, Source, ValueChange
from app.models.kinds import PointKind, SourceKind
from app.services import suppressions
from app.services.audit import Actor
from app.services.bases import Ground
from app.services.contact_values import (
    ADDRESS_PARTS,
    COLUMNS,
    LISTS,
    POINTS,
    State,
    Value,
    address_rows,
    column_values,
    differences,
    point_norm,
    point_rows,
    points_of,
    text_of,
)
from app.services.stop_bases import OF_OUR_OWN_ACCORD

STOPPED = "Hidden: whoever has this e-mail or phone asked us to stop this."
_CHUNK = 500
_FIELD_OF = {kind: name for name, kind in POINTS.items()}

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Fresh:
    """A contact that is not there yet; `columns` where they were made before the transaction."""

    public_id: str
    draft: Draft
    state: State
    ground: Ground
    fingerprint: str
    is_sole_trader: bool = False
    columns: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A contact that says something else from now on."""

    contact_id: int
    old: State
    new: State
    photo: Photo | None = None


@dataclass(frozen=True, slots=True)
class Writing:
    """Within which directory, from which source, by whom and when rows are written."""

    home: Directory
    source_id: int
    actor: Actor
    at: datetime


def new_public_id() -> str:
    """The name of a contact outside: random, and a UUID because clients expect one."""
    return str(uuid.uuid4())


def add_source(
    session: Session, actor: Actor, kind: SourceKind, detail: str, at: datetime
) -> Source:
    """A row that says where data came from."""
    row = Source(kind=kind, detail=detail, obtained_at=at, user_id=actor.user_id)
    session.add(row)
    session.flush()
    return row


def insert_contacts(session: Session, writing: Writing, fresh: Sequence[Fresh]) -> dict[str, int]:
    """Insert contacts with points, addresses, photos and bases; their ids by public id."""
    if not fresh:
        return {}
    _insert_photos(session, (item.draft.photo for item in fresh), writing.at)
    rows = [_contact_row(item, writing) for item in fresh]
    query = insert(Contact).returning(Contact.public_id, Contact.id)
    ids = {row[0]: row[1] for row in session.execute(query, rows)}
    country = writing.home.country
    points = [row for i in fresh for row in point_rows(ids[i.public_id], i.state, country)]
    addresses = [row for i in fresh for row in address_rows(ids[i.public_id], i.state)]
    stopped = _stopped(session, writing, fresh)
    bases = [
        _basis_row(ids[item.public_id], item.ground, writing)
        for item in fresh
        if item.ground.kind is not None and item.public_id not in stopped
    ]
    _insert_all(session, ContactPoint, points)
    _insert_all(session, AddressRow, addresses)
    _insert_all(session, LegalBasis, bases)
    return ids


def apply_changes(session: Session, writing: Writing, changes: Sequence[Change]) -> None:
    """Write new values over old ones, and what they were into the history of values."""
    country = writing.home.country
    _insert_photos(session, (change.photo for change in changes), writing.at)
    columns, history, points, addresses = [], [], [], []
    stale: dict[str, list[int]] = defaultdict(list)
    for change in changes:
        moved = differences(change.old, change.new)
        columns.append({"id": change.contact_id, **column_values(change.new, country)})
        history += [_history_row(change, field, *both, writing) for field, both in moved.items()]
        lists = [name for name in LISTS if name in moved]
        for name in lists:
            stale[name].append(change.contact_id)
        points += point_rows(change.contact_id, change.new, country, lists)
        if "addresses" in lists:
            addresses += address_rows(change.contact_id, change.new)
    if columns:
        session.execute(update(Contact), columns)
    for name, ids in stale.items():
        _delete_list(session, name, ids)
    _insert_all(session, ContactPoint, points)
    _insert_all(session, AddressRow, addresses)
    _insert_all(session, ValueChange, history)
    session.expire_all()
    reached = {*stale["phones"], *stale["emails"]}
    if reached:
        suppressions.carry(session, reached, writing.at)


def compared(state: State, country: str) -> list[tuple[PointKind, str]]:
    """The points of a contact by which he is known again."""
    said = [
        (POINTS[name], point_norm(name, point.value, country))
        for name in ("emails", "phones")
        for point in points_of(state, name)
    ]
    return [(kind, norm) for kind, norm in said if norm]


def lawful(session: Session, home: Directory, ground: Ground, state: State, at: datetime) -> Ground:
    """The same ground, unless whoever has one of these points asked us to stop that."""
    if ground.kind not in OF_OUR_OWN_ACCORD:
        return ground
    points = {"": compared(state, home.country)}
    is_stopped = bool(suppressions.forbidden(session, home, points, at))
    return replace(ground, kind=None, note=STOPPED) if is_stopped else ground


def lock(session: Session, ids: Sequence[int]) -> None:
    """Let nobody else change these contacts before this transaction ends.

    On SQLite a writer is alone anyway. Nobody who only points at a contact has to wait.
    """
    if session.get_bind().dialect.name == "postgresql":
        query = select(Contact.id).where(Contact.id.in_(ids)).order_by(Contact.id)
        session.execute(query.with_for_update(key_share=True)).all()


def states(session: Session, ids: Sequence[int]) -> dict[int, dict[str, Value]]:
    """What these contacts say now."""
    found: dict[int, dict[str, Value]] = {}
    for part in chunks(ids):
        columns = [getattr(Contact, name) for name in COLUMNS]
        for row in session.execute(select(Contact.id, *columns).where(Contact.id.in_(part))):
            found[row[0]] = dict(zip(COLUMNS, row[1:], strict=True)) | dict.fromkeys(LISTS, ())
        _load_points(session, part, found)
        _load_addresses(session, part, found)
    for state in found.values():
        state["kind"] = str(state["kind"])
    return found


def chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """The items in parts that a statement can name."""
    return (items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK))


def _load_points(session: Session, ids: Sequence[int], found: dict[int, dict[str, Value]]) -> None:
    query = select(ContactPoint).where(ContactPoint.contact_id.in_(ids))
    for row in session.scalars(query.order_by(ContactPoint.position, ContactPoint.id)):
        state, name = found[row.contact_id], _FIELD_OF[row.kind]
        point = Point(row.value, row.label, row.is_preferred)
        state[name] = (*state[name], point)


def _load_addresses(
    session: Session, ids: Sequence[int], found: dict[int, dict[str, Value]]
) -> None:
    query = select(AddressRow).where(AddressRow.contact_id.in_(ids))
    for row in session.scalars(query.order_by(AddressRow.position, AddressRow.id)):
        state = found[row.contact_id]
        address = Address(**{part: getattr(row, part) for part in ADDRESS_PARTS})
        state["addresses"] = (*state["addresses"], address)


def _stopped(session: Session, writing: Writing, fresh: Sequence[Fresh]) -> Collection[str]:
    """Those who asked us to stop what their basis would be for."""
    ours = [item for item in fresh if item.ground.kind in OF_OUR_OWN_ACCORD]
    country = writing.home.country
    points = {item.public_id: compared(item.state, country) for item in ours}
    return suppressions.forbidden(session, writing.home, points, writing.at)


def _contact_row(item: Fresh, writing: Writing) -> dict[str, Any]:
    return {
        "public_id": item.public_id,
        "directory_id": writing.home.id,
        "source_id": writing.source_id,
        "source_uid": item.draft.source_uid,
        "fingerprint": item.fingerprint,
        "is_sole_trader": item.is_sole_trader,
        "created_at": writing.at,
        **(item.columns or column_values(item.state, writing.home.country)),
    }


def _basis_row(contact_id: int, ground: Ground, writing: Writing) -> dict[str, Any]:
    return {
        "contact_id": contact_id,
        "purpose_id": writing.home.purpose_id,
        "kind": ground.kind,
        "text": ground.text,
        "valid_from": writing.at,
    }


def _history_row(
    change: Change, field: str, old: Value, new: Value, writing: Writing
) -> dict[str, Any]:
    return {
        "contact_id": change.contact_id,
        "field": field,
        "old": text_of(old),
        "new": text_of(new),
        "source_id": writing.source_id,
        "user_id": writing.actor.user_id,
        "changed_at": writing.at,
    }


def _delete_list(session: Session, name: str, ids: Sequence[int]) -> None:
    for part in chunks(ids):
        if name == "addresses":
            query = delete(AddressRow).where(AddressRow.contact_id.in_(part))
        else:
            query = delete(ContactPoint).where(
                ContactPoint.contact_id.in_(part), ContactPoint.kind == POINTS[name]
            )
        session.execute(query, execution_options={"synchronize_session": False})


def _insert_all(session: Session, table: type[Any], rows: list[dict[str, Any]]) -> None:
    if rows:
        session.execute(insert(table), rows)


def _insert_photos(session: Session, photos: Iterable[Photo | None], at: datetime) -> None:
    """Each picture once, and held until the end of the transaction.

    Two imports at a time may bring the same ones, so they are written in one order; and who
    takes an import back removes no picture that another one is just about to use.
    """
    given = {hashlib.sha256(p.data).hexdigest(): p for p in photos if p is not None}
    if not given:
        return
    rows = [
        {"sha256": sha256, "mime": photo.mime, "bytes": photo.data, "key_id": "", "created_at": at}
        for sha256, photo in sorted(given.items(), key=itemgetter(0))
    ]
    make = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    query = make.insert(Blob)
    held = {"created_at": query.excluded.created_at}
    session.execute(query.on_conflict_do_update(index_elements=["sha256"], set_=held), rows)
