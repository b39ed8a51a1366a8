"""THE reader of contact rows for the doors: asks the policy, returns frozen Cards, already cut.

What is hidden and what is absent give the identical answer: nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    false,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session

from app.cards.card import Card
from app.models import Contact, Grant, Participation, ProjectMember, TeamMember
from app.models.kinds import Profile
from app.policy import Channel, Viewer, profile, visible
from app.queries import paging, searching
from app.queries.asking import AT
from app.queries.assembly import Columns, assemble, cards
from app.queries.filters import Asked
from app.queries.many import among
from app.queries.searching import found_by_words

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Page:
    """The cards of one page; how many there are in all, one more than were counted for any more."""

    cards: list[Card]
    total: int


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
    asked: Asked | str = "",
    after: str = "",
    limit: int = 50,
) -> list[Card]:
    """The cards of `page` alone."""
    found = Asked(asked) if isinstance(asked, str) else asked
    return page(session, viewer, channel, at, found, after, limit).cards


def page(  # noqa: PLR0913 - one question, as the list page asks it
    session: Session,
    viewer: Viewer,
    channel: Channel,
    at: datetime,
    asked: Asked,
    after: str = "",
    limit: int = 50,
    *,
    counted: int | None = None,
) -> Page:
    """The cards of one page without addresses, and how many there are in all.

    `after` and `counted` as in `paging.on_page`.
    """
    ids, total = paging.on_page(session, viewer, channel, at, asked, after, limit, counted=counted)
    return Page(_of(session, viewer, channel, ids, at), total)


def count(
    session: Session, viewer: Viewer, channel: Channel, at: datetime, search: str = ""
) -> int:
    """How many contacts are visible and match, all of them counted."""
    return len(paging.matching(session, viewer, channel, at, Asked(search), paging.ALL))


def everything(
    session: Session,
    viewer: Viewer,
    channel: Channel,
    at: datetime,
    search: str = "",
    directory_id: int | None = None,
) -> list[Card]:
    """All that is visible, or that lies in one directory, in the order of names."""
    query = _visible(viewer, channel, at)
    query = query.where(*found_by_words(search, profile(viewer, channel, at)))
    if directory_id is not None:
        query = query.where(Contact.directory_id == directory_id)
    return assemble(session, _ordered(query), channel)


def find(
    session: Session, viewer: Viewer, channel: Channel, public_id: str, at: datetime
) -> Card | None:
    """The card with this public id, or None where it is hidden or absent."""
    query = _visible(viewer, channel, at).where(Contact.public_id == public_id)
    return next(iter(assemble(session, query, channel)), None)


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
        found |= {c.public_id: c for c in assemble(session, query, channel, photos=photos)}
    return found


def chosen(
    session: Session, viewer: Viewer, channel: Channel, inner_ids: Sequence[int], at: datetime
) -> list[Card]:
    """The visible ones among these, by inner id; each part of 500 in the order of names."""
    return [
        card
        for start in range(0, len(inner_ids), _CHUNK)
        for card in assemble(
            session,
            _ordered(_visible(viewer, channel, at)).where(
                Contact.id.in_(inner_ids[start : start + _CHUNK])
            ),
            channel,
        )
    ]


def for_operator(session: Session, at: datetime, search: str = "") -> list[Card]:
    """All that is not erased, past the policy: for the shell, which audits it, and inquiries."""
    query = (
        cards(literal(int(Profile.FULL)))
        .where(Contact.erased_at > at, Contact.merged_at > at)
        .where(*found_by_words(search, literal(int(Profile.FULL))))
    )
    return assemble(session, _ordered(query), Channel.PORTAL)


def whole(session: Session, inner_id: int) -> Card:
    """One card with all its fields, erased or hidden alike: for the operator's questions alone."""
    query = cards(literal(int(Profile.FULL))).where(Contact.id == inner_id)
    return assemble(session, query, Channel.PORTAL)[0]


def wholes(session: Session, inner_ids: Sequence[int]) -> dict[str, Card]:
    """The same for many at once, by public id: what a lost phone may have had on it."""
    found: dict[str, Card] = {}
    for start in range(0, len(inner_ids), _CHUNK):
        wanted = Contact.id.in_(inner_ids[start : start + _CHUNK])
        query = cards(literal(int(Profile.FULL))).where(wanted)
        found |= {c.public_id: c for c in assemble(session, query, Channel.PORTAL)}
    return found


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


def _visible(viewer: Viewer, channel: Channel, at: datetime) -> Columns:
    return cards(profile(viewer, channel, at)).where(visible(viewer, channel, at))


def _ordered(query: Columns) -> Columns:
    return query.order_by(Contact.sort_key, Contact.public_id)


@lru_cache
def _named(channel: Channel, *, on_device: bool) -> Columns:
    """Contacts of which the policy has been asked already, with what may be shown of them."""
    who = searching.asker(on_device=on_device)
    query = cards(profile(who, channel, AT))
    return _ordered(query.where(among(Contact.id, "ids")))


def _of(
    session: Session, viewer: Viewer, channel: Channel, ids: list[int], at: datetime
) -> list[Card]:
    values = {"user": viewer.user_id, "device": viewer.device_id, "at": at, "ids": ids}
    query = _named(channel, on_device=viewer.device_id is not None)
    return assemble(session, query, channel, addresses=False, values=values) if ids else []
