"""A contact as those who answer for it see it, hidden or not, with what shuts it away.

For who manages its directory, owners and the data protection officer. Nothing that stands in a
card is said here.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, not_, or_, select
from sqlalchemy.orm import Session

from app.models import Contact, Directory, Restriction, Source
from app.policy import Channel, Viewer, closes_directory, oversees_directory, visible
from app.policy.visibility import erased, merged_away, no_legal_basis, restricted


@dataclass(frozen=True, slots=True)
class Shut:
    """That a contact is only stored: since when, until when (None: nobody has said), and why."""

    since: datetime
    until: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Kept:
    """One contact of a directory: why nobody sees it, and what the one who asks may do.

    `source` says from where it came, as a SourceKind; `sees` whether he sees the contact itself.
    """

    id: int
    uid: str
    slug: str
    directory: str
    basis: str
    source: str
    added_at: datetime
    sees: bool
    may_decide: bool
    is_restricted: bool
    lacks_basis: bool
    shut: tuple[Shut, ...] = ()


def find(session: Session, viewer: Viewer, public_id: str, at: datetime) -> Kept | None:
    """The contact for who may answer for it; None for others, and where it is erased."""
    return next(iter(_kept(session, viewer, at, Contact.public_id == public_id)), None)


def hidden(session: Session, viewer: Viewer, slug: str, at: datetime) -> list[Kept]:
    """The contacts of a directory that nobody sees, the last added first."""
    shut = or_(restricted(viewer, Channel.PORTAL, at), no_legal_basis(viewer, Channel.PORTAL, at))
    return _kept(session, viewer, at, Directory.slug == slug, shut)


def _kept(
    session: Session, viewer: Viewer, at: datetime, *where: ColumnElement[bool]
) -> list[Kept]:
    portal = Channel.PORTAL
    query = (
        select(
            Contact.id,
            Contact.public_id,
            Directory.slug,
            Directory.name,
            Directory.basis,
            Source.kind,
            Contact.created_at,
            visible(viewer, portal, at),
            closes_directory(viewer, at),
            restricted(viewer, portal, at),
            no_legal_basis(viewer, portal, at),
        )
        .join(Directory, Directory.id == Contact.directory_id)
        .join(Source, Source.id == Contact.source_id)
        .where(
            oversees_directory(viewer, at),
            not_(erased(viewer, portal, at)),
            not_(merged_away(viewer, portal, at)),
            *where,
        )
        .order_by(Contact.created_at.desc(), Contact.id.desc())
        .limit(200)
    )
    rows = session.execute(query).all()
    shut = _shut(session, [row[0] for row in rows], at)
    return [Kept(*row, shut=tuple(shut.get(row[0], ()))) for row in rows]


def _shut(session: Session, ids: list[int], at: datetime) -> dict[int, list[Shut]]:
    query = select(Restriction).where(
        Restriction.contact_id.in_(ids), Restriction.valid_from <= at, Restriction.valid_until > at
    )
    found: dict[int, list[Shut]] = {}
    for row in session.scalars(query.order_by(Restriction.id)):
        until = row.valid_until if row.valid_until.year < _NEVER else None
        found.setdefault(row.contact_id, []).append(Shut(row.valid_from, until, row.reason))
    return found


_NEVER = 9999
