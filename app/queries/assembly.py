"""Rows into Cards: what a profile lets out, with points, addresses and pictures.

Asked by app.queries.contacts alone, which has asked the policy.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import fields
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, select
from sqlalchemy.orm import Session

from app.cards.card import Address, Card, ContactKind, Photo, Point
from app.models import Address as AddressRow
from app.models import Blob, Contact, ContactPoint
from app.models.kinds import PointKind
from app.policy import Channel, fields_of
from app.queries.many import among

Columns = Select[*tuple[Any, ...]]
"""Columns of any types, in an order that one function knows."""

_CHUNK = 500
_TEXTS = (
    *("full_name", "family", "given", "additional", "prefix", "suffix", "nickname"),
    *("organisation", "department", "title", "role", "birthday", "note"),
)
_POINTS = {
    PointKind.PHONE: "phones",
    PointKind.EMAIL: "emails",
    PointKind.URL: "urls",
    PointKind.IM: "ims",
}
_BESIDE = ("id", "public_id", "version", "kind", "is_sole_trader", "categories", "photo_sha256")
"""What a card is made with besides its texts, in the order in which `cards` reads it."""
_ADDRESS = tuple(field.name for field in fields(Address))


def cards(level: ColumnElement[int]) -> Columns:
    """What `assemble` reads of contacts: columns and the profile, never objects of a session.

    A page needs fifty of them and a phone's first sync ten thousand.
    """
    names = (*_BESIDE, *_TEXTS)
    return select(level, *(getattr(Contact, name) for name in names)).select_from(Contact)


def assemble(
    session: Session,
    query: Columns,
    channel: Channel,
    *,
    photos: bool = False,
    addresses: bool = True,
    values: dict[str, Any] | None = None,
) -> list[Card]:
    """The cards that a query, begun as `cards`, finds, in its order.

    With photos or without addresses where that is said: a list shows neither.
    """
    rows = session.execute(query, values).all()
    ids = [row[1] for row in rows]
    points, places = _points(session, ids), _addresses(session, ids if addresses else [])
    images = _images(session, [row.photo_sha256 for row in rows]) if photos else {}
    return [_card(row, channel, points[row[1]], places[row[1]], images) for row in rows]


def _card(
    row: Row[*tuple[Any, ...]],
    channel: Channel,
    points: dict[str, tuple[Point, ...]],
    addresses: tuple[Address, ...],
    images: dict[str, Photo],
) -> Card:
    level, _, public_id, version, kind, is_sole_trader, categories, photo, *texts = row
    is_natural = kind is ContactKind.PERSON or is_sole_trader
    leaving = fields_of(level, channel, is_natural=is_natural)
    values: dict[str, Any] = dict(zip(_TEXTS, texts, strict=True))
    values |= points
    values["categories"] = tuple(line for line in categories.split("\n") if line)
    values["addresses"] = addresses
    values["photo"] = images.get(photo)
    return Card(
        public_id=public_id,
        version=version,
        profile=level,
        kind=kind,
        **{name: value for name, value in values.items() if name in leaving},
    )


def _points(session: Session, ids: Sequence[int]) -> dict[int, dict[str, tuple[Point, ...]]]:
    found: dict[int, dict[str, tuple[Point, ...]]] = defaultdict(dict)
    for start in range(0, len(ids), _CHUNK):
        rows = session.execute(_points_of(), {"ids": ids[start : start + _CHUNK]})
        for contact_id, kind, *point in rows:
            values, name = found[contact_id], _POINTS[kind]
            values[name] = (*values.get(name, ()), Point(*point))
    return found


def _addresses(session: Session, ids: Sequence[int]) -> dict[int, tuple[Address, ...]]:
    found: dict[int, tuple[Address, ...]] = defaultdict(tuple)
    for start in range(0, len(ids), _CHUNK):
        rows = session.execute(_addresses_of(), {"ids": ids[start : start + _CHUNK]})
        for contact_id, *address in rows:
            found[contact_id] += (Address(*address),)
    return found


@lru_cache
def _points_of() -> Columns:
    return (
        select(
            ContactPoint.contact_id,
            ContactPoint.kind,
            ContactPoint.value,
            ContactPoint.label,
            ContactPoint.is_preferred,
        )
        .where(among(ContactPoint.contact_id, "ids"))
        .order_by(ContactPoint.position, ContactPoint.id)
    )


@lru_cache
def _addresses_of() -> Columns:
    return (
        select(AddressRow.contact_id, *(getattr(AddressRow, name) for name in _ADDRESS))
        .where(among(AddressRow.contact_id, "ids"))
        .order_by(AddressRow.position, AddressRow.id)
    )


def _images(session: Session, hashes: list[str]) -> dict[str, Photo]:
    wanted = sorted({value for value in hashes if value})
    if not wanted:
        return {}
    query = select(Blob).where(Blob.sha256.in_(wanted))
    return {row.sha256: Photo(row.mime, row.bytes) for row in session.scalars(query)}
