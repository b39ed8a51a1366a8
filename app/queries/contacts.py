"""THE reader of contact rows for the doors: asks the policy, returns frozen Cards, already cut.

What is hidden and what is absent give the identical answer: nothing.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from app.cards.card import Address, Card, ContactKind, Photo, Point
from app.cards.text import folded
from app.models import Address as AddressRow
from app.models import Blob, Contact, ContactPoint, Grant, Participation, ProjectMember, TeamMember
from app.models.kinds import PointKind, Profile
from app.policy import Channel, Viewer, fields_of, profile, visible

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


def members(
    viewer: Viewer, channel: Channel, at: datetime, *, photos: bool = False
) -> Select[int, str, int, int, bool]:
    """Who is visible: contact id, public id, version, profile, whether a photo leaves.

    A Select, so that the ledger can take the difference of two sets in the database.
    """
    level = profile(viewer, channel, at)
    photo: ColumnElement[bool] = false()
    if photos:
        photo = and_(Contact.photo_sha256 != "", level >= int(Profile.STANDARD))
    return select(
        Contact.id,
        Contact.public_id,
        Contact.version,
        level.label("profile"),
        photo.label("has_photo"),
    ).where(visible(viewer, channel, at))


def listing(  # noqa: PLR0913 - one question, as the list page asks it
    session: Session,
    viewer: Viewer,
    channel: Channel,
    at: datetime,
    search: str = "",
    after: str = "",
    limit: int = 50,
) -> list[Card]:
    """One page of what is visible, in the order of names, behind the card `after`.

    `after` is the public id of the last card of the page before; one that is not visible
    (any more) begins again at the first page, so that it tells nothing about a hidden card.
    """
    query = _visible(viewer, channel, at).where(*_matches(search, profile(viewer, channel, at)))
    if after:
        last = select(Contact.sort_key, Contact.public_id).where(
            visible(viewer, channel, at), Contact.public_id == after
        )
        row = session.execute(last).one_or_none()
        if row is not None:
            place = tuple_(Contact.sort_key, Contact.public_id)
            query = query.where(place > tuple_(literal(row[0]), literal(row[1])))
    return _cards(session, _ordered(query).limit(limit), channel)


def everything(
    session: Session,
    viewer: Viewer,
    channel: Channel,
    at: datetime,
    search: str = "",
    directory_id: int | None = None,
) -> list[Card]:
    """All that is visible, or that lies in one directory, in the order of names."""
    query = _visible(viewer, channel, at).where(*_matches(search, profile(viewer, channel, at)))
    if directory_id is not None:
        query = query.where(Contact.directory_id == directory_id)
    return _cards(session, _ordered(query), channel)


def count(
    session: Session, viewer: Viewer, channel: Channel, at: datetime, search: str = ""
) -> int:
    """How many contacts are visible and match."""
    matching = _matches(search, profile(viewer, channel, at))
    query = select(func.count()).select_from(Contact)
    return session.scalar(query.where(visible(viewer, channel, at), *matching)) or 0


def find(
    session: Session, viewer: Viewer, channel: Channel, public_id: str, at: datetime
) -> Card | None:
    """The card with this public id, or None where it is hidden or absent."""
    query = _visible(viewer, channel, at).where(Contact.public_id == public_id)
    return next(iter(_cards(session, query, channel)), None)


def several(
    session: Session,
    viewer: Viewer,
    channel: Channel,
    public_ids: Sequence[str],
    at: datetime,
    *,
    photos: bool = False,
) -> dict[str, Card]:
    """The visible ones among these public ids."""
    found: dict[str, Card] = {}
    for start in range(0, len(public_ids), _CHUNK):
        wanted = list(public_ids[start : start + _CHUNK])
        query = _visible(viewer, channel, at).where(Contact.public_id.in_(wanted))
        found |= {c.public_id: c for c in _cards(session, query, channel, photos=photos)}
    return found


def for_operator(session: Session, at: datetime, search: str = "") -> list[Card]:
    """All that is not erased, past the policy: for the shell alone, which audits it."""
    query = (
        select(Contact, literal(int(Profile.FULL)))
        .where(Contact.erased_at > at, Contact.merged_at > at)
        .where(*_matches(search, literal(int(Profile.FULL))))
    )
    return _cards(session, _ordered(query), Channel.PORTAL)


def whole(session: Session, inner_id: int) -> Card:
    """One card with all its fields, erased or hidden alike: for the operator's questions alone."""
    query = select(Contact, literal(int(Profile.FULL))).where(Contact.id == inner_id)
    return _cards(session, query, Channel.PORTAL)[0]


def contact_id(session: Session, public_id: str) -> int | None:
    """The inner id behind a public one, past the policy: for the operator's questions alone."""
    return session.scalar(select(Contact.id).where(Contact.public_id == public_id))


def ever_granted(session: Session, viewer: Viewer) -> list[str]:
    """Every public id that grants or projects could ever have shown the viewer, hidden or not.

    Asked only when a phone shows a token of a future that a restored database has forgotten:
    what it may hold must be named to be taken back.
    """
    teams = select(TeamMember.team_id).where(TeamMember.user_id == viewer.user_id)
    directories = select(Grant.directory_id).where(
        or_(Grant.user_id == viewer.user_id, Grant.team_id.in_(teams))
    )
    shared = (
        select(Participation.contact_id)
        .join(ProjectMember, ProjectMember.project_id == Participation.project_id)
        .where(ProjectMember.user_id == viewer.user_id)
    )
    query = select(Contact.public_id).where(
        or_(Contact.directory_id.in_(directories), Contact.id.in_(shared))
    )
    return list(session.scalars(query))


def _visible(viewer: Viewer, channel: Channel, at: datetime) -> Select[Contact, int]:
    return select(Contact, profile(viewer, channel, at)).where(visible(viewer, channel, at))


def _ordered(query: Select[Contact, int]) -> Select[Contact, int]:
    return query.order_by(Contact.sort_key, Contact.public_id)


def _matches(search: str, level: ColumnElement[int]) -> list[ColumnElement[bool]]:
    """Every word of the search stands somewhere in what this profile shows.

    Names, firm and phones are in every profile; e-mails only from minimal on, and a search
    must not find by what its answer hides.
    """
    return [
        or_(
            Contact.search.contains(word, autoescape=True),
            and_(
                level >= int(Profile.MINIMAL),
                Contact.mail_search.contains(word, autoescape=True),
            ),
        )
        for word in folded(search).split()
    ]


def _cards(
    session: Session, query: Select[Contact, int], channel: Channel, *, photos: bool = False
) -> list[Card]:
    rows = [(row[0], row[1]) for row in session.execute(query)]
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
