"""One contact as its page shows it: the card and what stands around it, cut to who looks.

Everything begins with the card that the policy gives to the viewer; where it gives none, there
is no sheet. A directory or a project that he may not know of is not named.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session

from app.cards.card import Card, ContactKind
from app.db import FOREVER
from app.models import (
    Affiliation,
    Assignment,
    Book,
    Contact,
    Device,
    Directory,
    Holding,
    Participation,
    Project,
    Purpose,
    Source,
    User,
)
from app.models.kinds import HoldingKind
from app.policy import Channel, Viewer, fields_of, knows_project, steers_project
from app.policy.visibility import live, within
from app.queries import bases, contacts, standing
from app.queries.standing import InDirectory


@dataclass(frozen=True, slots=True)
class Basis:
    """Why the data of a person may be used: a BasisKind, and until when; None is for ever."""

    kind: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Use:
    """What the contact may be used for and what that rests on; a firm needs nothing to rest on."""

    purpose: str
    is_natural: bool
    bases: tuple[Basis, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the contact came from: a SourceKind, words, when, and through whom; "" is nobody."""

    kind: str
    detail: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class InCharge:
    """A colleague who is in charge of the contact, or will be; None is without an end."""

    user_id: int
    name: str
    email: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class TakesPart:
    """A project in which the contact takes part now, and whether the viewer decides about it."""

    slug: str
    name: str
    role: str
    until: datetime | None
    steers: bool


@dataclass(frozen=True, slots=True)
class Tie:
    """Another contact that this one belongs to, or that belongs to it."""

    card: Card
    role: str


@dataclass(frozen=True, slots=True)
class OnPhone:
    """A device of the viewer on which the card is, and since when."""

    public_id: str
    name: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Sheet:
    """One contact for one viewer; `home` is None where he may not know the directory."""

    id: int
    card: Card
    fields: frozenset[str]
    home: InDirectory | None
    is_sole_trader: bool
    registration_number: str
    tax_number: str
    has_photo: bool
    use: Use
    origin: Origin
    in_charge: tuple[InCharge, ...]
    projects: tuple[TakesPart, ...]
    ties: tuple[Tie, ...]
    phones: tuple[OnPhone, ...]


def find(session: Session, viewer: Viewer, public_id: str, at: datetime) -> Sheet | None:
    """The sheet of this contact, or None where it is hidden or absent."""
    card = contacts.find(session, viewer, Channel.PORTAL, public_id, at)
    if card is None:
        return None
    row, purpose, source, by = _facts(session, public_id)
    is_natural = card.kind is ContactKind.PERSON or row.is_sole_trader
    fields = fields_of(card.profile, Channel.PORTAL, is_natural=is_natural)
    home = standing.in_home(session, viewer, row.directory_id, at)
    return Sheet(
        id=row.id,
        card=card,
        fields=fields,
        home=home,
        is_sole_trader=row.is_sole_trader,
        registration_number=row.registration_number if "registration_number" in fields else "",
        tax_number=row.tax_number if "tax_number" in fields else "",
        has_photo=bool(row.photo_sha256) and "photo" in fields,
        use=Use(purpose.name, is_natural, _bases(session, row.id, purpose.id, at)),
        origin=Origin(source.kind.value, source.detail, source.obtained_at, by or ""),
        in_charge=_in_charge(session, row.id, at) if home else (),
        projects=_projects(session, viewer, row.id, at),
        ties=_ties(session, viewer, row.id, at),
        phones=_phones(session, viewer, row.id),
    )


def photo(session: Session, viewer: Viewer, public_id: str, at: datetime) -> tuple[str, bytes]:
    """Type and bytes of the picture, both empty where none leaves to this viewer."""
    found = contacts.several(session, viewer, Channel.PORTAL, [public_id], at, photos=True)
    card = found.get(public_id)
    return (card.photo.mime, card.photo.data) if card and card.photo else ("", b"")


def names(session: Session, emails: set[str]) -> dict[str, str]:
    """The names of the users with these addresses, by address."""
    query = select(User.email, User.name).where(User.email.in_(sorted(emails)))
    return {row.email: row.name for row in session.execute(query)} if emails else {}


def _facts(session: Session, public_id: str) -> Row[Contact, Purpose, Source, str]:
    return session.execute(
        select(Contact, Purpose, Source, User.name)
        .join(Directory, Directory.id == Contact.directory_id)
        .join(Purpose, Purpose.id == Directory.purpose_id)
        .join(Source, Source.id == Contact.source_id)
        .outerjoin(User, User.id == Source.user_id)
        .where(Contact.public_id == public_id)
    ).one()


def _bases(session: Session, contact_id: int, purpose_id: int, at: datetime) -> tuple[Basis, ...]:
    held = bases.of_contact(session, contact_id, at)
    mine = [one for one in held if one.purpose_id == purpose_id]
    mine.sort(key=lambda one: one.until or FOREVER, reverse=True)
    return tuple(Basis(one.kind, one.until) for one in mine)


def _in_charge(session: Session, contact_id: int, at: datetime) -> tuple[InCharge, ...]:
    query = (
        select(User.id, User.name, User.email, Assignment.valid_from, Assignment.valid_until)
        .join(User, User.id == Assignment.user_id)
        .where(
            Assignment.contact_id == contact_id,
            Assignment.valid_until > at,
            Assignment.valid_until > Assignment.valid_from,
        )
        .order_by(Assignment.valid_from, User.name, User.email)
    )
    rows = session.execute(query)
    return tuple(InCharge(row[0], row[1], row[2], row[3], _end(row[4])) for row in rows)


def _projects(
    session: Session, viewer: Viewer, contact_id: int, at: datetime
) -> tuple[TakesPart, ...]:
    query = (
        select(
            Project.slug,
            Project.name,
            Participation.role,
            Participation.valid_until,
            Project.ends_at,
            steers_project(viewer, at),
        )
        .join(Participation, Participation.project_id == Project.id)
        .where(
            Participation.contact_id == contact_id,
            live(Participation, at),
            within(Project.starts_at, Project.ends_at, at),
            knows_project(viewer, at),
        )
        .order_by(Project.name, Project.slug, Participation.id)
    )
    return tuple(
        TakesPart(slug, name, role, _end(min(until, ends)), steers)
        for slug, name, role, until, ends, steers in session.execute(query)
    )


def _ties(session: Session, viewer: Viewer, contact_id: int, at: datetime) -> tuple[Tie, ...]:
    """Both ways: the firms of a person, the people of a firm; only those he may see."""
    other = select(Contact.id, Contact.public_id).subquery()
    rows = session.execute(
        select(other.c.public_id, Affiliation.role)
        .join(
            other,
            or_(
                (Affiliation.person_id == contact_id) & (Affiliation.organisation_id == other.c.id),
                (Affiliation.organisation_id == contact_id) & (Affiliation.person_id == other.c.id),
            ),
        )
        .where(within(Affiliation.valid_from, Affiliation.valid_until, at))
        .order_by(Affiliation.id)
    ).all()
    if not rows:
        return ()
    ids = [public_id for public_id, _ in rows]
    seen = contacts.several(session, viewer, Channel.PORTAL, ids, at)
    return tuple(Tie(seen[public_id], role) for public_id, role in rows if public_id in seen)


def _phones(session: Session, viewer: Viewer, contact_id: int) -> tuple[OnPhone, ...]:
    """His own devices that have fetched the card and were not offered its end or a newer one."""
    query = (
        select(Device.public_id, Device.name, Holding.offered_at)
        .join(Book, Book.device_id == Device.id)
        .join(Holding, Holding.book_id == Book.id)
        .where(
            Device.user_id == viewer.user_id,
            Holding.contact_id == contact_id,
            Holding.kind == HoldingKind.CARD,
            Holding.closed_seq.is_(None),
            Holding.fetched_at.is_not(None),
        )
        .order_by(Device.name, Device.id, Holding.offered_at.desc())
    )
    found = {row[0]: OnPhone(*row) for row in session.execute(query)}
    return tuple(found.values())


def _end(until: datetime) -> datetime | None:
    return None if until == FOREVER else until
