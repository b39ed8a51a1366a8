"""Rows into Cards: what a profile lets out, with points, addresses and pictures.

Asked by app.queries.contacts alone, which has asked the policy.
"""

from collections import defaultdict
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.cards.card import Address, Card, ContactKind, Photo, Point
from app.models import Address as AddressRow
from app.models import Blob, Contact, ContactPoint
from app.models.kinds import PointKind
from app.policy import Channel, fields_of

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


def assemble(
    session: Session,
    query: Select[Contact, int],
    channel: Channel,
    *,
    photos: bool = False,
    values: dict[str, Any] | None = None,
) -> list[Card]:
    """The cards of the contacts that a query finds with their profiles, in its order."""
    rows = [(row[0], row[1]) for row in session.execute(query, values)]
    ids = [contact.id for contact, _ in rows]
    points, addresses = _points(session, ids), _addresses(session, ids)
    images = _images(session, [c.photo_sha256 for c, _ in rows]) if photos else {}
    return [
        _card(contact, level, channel, points[contact.id], addresses[contact.id], images)
        for contact, level in rows
    ]


def _card(
    contact: Contact,
    level: int,
    channel: Channel,
    points: list[ContactPoint],
    addresses: list[AddressRow],
    images: dict[str, Photo],
) -> Card:
    is_natural = contact.kind is ContactKind.PERSON or contact.is_sole_trader
    fields = fields_of(level, channel, is_natural=is_natural)
    values: dict[str, Any] = {name: getattr(contact, name) for name in _TEXTS}
    for point in points:
        found = Point(point.value, point.label, point.is_preferred)
        values[_POINTS[point.kind]] = (*values.get(_POINTS[point.kind], ()), found)
    values["categories"] = tuple(line for line in contact.categories.split("\n") if line)
    values["addresses"] = tuple(map(_address, addresses))
    values["photo"] = images.get(contact.photo_sha256)
    return Card(
        public_id=contact.public_id,
        version=contact.version,
        profile=level,
        kind=contact.kind,
        **{name: value for name, value in values.items() if name in fields},
    )


def _address(row: AddressRow) -> Address:
    return Address(
        label=row.label,
        po_box=row.po_box,
        extended=row.extended,
        street=row.street,
        locality=row.locality,
        region=row.region,
        postcode=row.postcode,
        country=row.country,
    )


def _points(session: Session, ids: list[int]) -> dict[int, list[ContactPoint]]:
    found: dict[int, list[ContactPoint]] = defaultdict(list)
    for start in range(0, len(ids), _CHUNK):
        query = select(ContactPoint).where(ContactPoint.contact_id.in_(ids[start : start + _CHUNK]))
        for row in session.scalars(query.order_by(ContactPoint.position, ContactPoint.id)):
            found[row.contact_id].append(row)
    return found


def _addresses(session: Session, ids: list[int]) -> dict[int, list[AddressRow]]:
    found: dict[int, list[AddressRow]] = defaultdict(list)
    for start in range(0, len(ids), _CHUNK):
        query = select(AddressRow).where(AddressRow.contact_id.in_(ids[start : start + _CHUNK]))
        for row in session.scalars(query.order_by(AddressRow.position, AddressRow.id)):
            found[row.contact_id].append(row)
    return found


def _images(session: Session, hashes: list[str]) -> dict[str, Photo]:
    wanted = sorted({value for value in hashes if value})
    if not wanted:
        return {}
    query = select(Blob).where(Blob.sha256.in_(wanted))
    return {row.sha256: Photo(row.mime, row.bytes) for row in session.scalars(query)}
