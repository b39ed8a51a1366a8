"""Projects as colleagues see them: the list, and one project with its people and contacts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, distinct, func, select, tuple_
from sqlalchemy.orm import Session

from app.cards.card import Card
from app.models import Contact, Directory, Participation, Project, ProjectMember, User
from app.models.kinds import Profile
from app.policy import (
    Action,
    Channel,
    Viewer,
    allowed,
    knows_project,
    oversees_project,
    steers_project,
    visible,
)
from app.policy.visibility import live
from app.queries import contacts
from app.queries.filters import Asked
from app.queries.standing import InProject

LOOKED_AT = 50
FOUND = 20


@dataclass(frozen=True, slots=True)
class ProjectLine:
    """A project that the viewer may know; `contacts` counts what he may look up in it now.

    `ends_at` may be FOREVER; `fields` is the name of a profile.
    """

    standing: InProject
    starts_at: datetime
    ends_at: datetime
    end_note: str
    allows_sync: bool
    fields: str
    people: int
    contacts: int


@dataclass(frozen=True, slots=True)
class Member:
    """A colleague who works in it, or will; the periods of one colleague are one."""

    id: int
    name: str
    email: str
    is_lead: bool
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """A contact that takes part in it, or will, as the viewer may see it."""

    card: Card
    role: str
    since: datetime
    until: datetime
    may_remove: bool


@dataclass(frozen=True, slots=True)
class Finds:
    """Contacts that can be put in; whether more of them, or more than were looked at, fit."""

    search: str
    cards: Sequence[Card] = ()
    has_more: bool = False
    is_too_wide: bool = False


def lines(session: Session, viewer: Viewer, at: datetime, slug: str = "") -> list[ProjectLine]:
    """Every project that the viewer may know of, the next to end first, or the one named."""
    people = select(func.count(distinct(ProjectMember.user_id))).where(
        ProjectMember.project_id == Project.id, live(ProjectMember, at)
    )
    shown = (
        select(func.count(distinct(Contact.id)))
        .join(Participation, Participation.contact_id == Contact.id)
        .where(
            Participation.project_id == Project.id,
            live(Participation, at),
            visible(viewer, Channel.PORTAL, at),
        )
        .correlate(Project)
    )
    query = select(
        Project,
        steers_project(viewer, at),
        oversees_project(viewer, at),
        people.scalar_subquery(),
        shown.scalar_subquery(),
    ).where(knows_project(viewer, at))
    if slug:
        query = query.where(Project.slug == slug)
    return [
        ProjectLine(
            standing=InProject(row.id, row.slug, row.name, steers, oversees),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            end_note=row.end_note,
            allows_sync=row.allows_sync,
            fields=Profile(row.fields).name.lower(),
            people=members,
            contacts=cards,
        )
        for row, steers, oversees, members, cards in session.execute(
            query.order_by(Project.ends_at, Project.name, Project.slug)
        )
    ]


def line(session: Session, viewer: Viewer, slug: str, at: datetime) -> ProjectLine | None:
    """The project with this slug; None where the viewer may not know that it is there."""
    return next(iter(lines(session, viewer, at, slug)), None) if slug else None


def members(session: Session, project_id: int, at: datetime) -> list[Member]:
    """Who works in it now or will, the leads first."""
    return _people(session, ProjectMember.project_id == project_id, ProjectMember.valid_until > at)


def member(session: Session, project_id: int, email: str) -> Member | None:
    """The colleague with this e-mail who works in it, will or did; else None."""
    mine = ProjectMember.project_id == project_id
    return next(iter(_people(session, mine, User.email == email)), None)


def _people(session: Session, *where: ColumnElement[bool]) -> list[Member]:
    query = (
        select(User, ProjectMember)
        .join(ProjectMember, ProjectMember.user_id == User.id)
        .where(*where)
        .order_by(ProjectMember.valid_from.desc())
    )
    found: dict[int, Member] = {}
    for user, row in session.execute(query):
        later = found.get(user.id)
        found[user.id] = Member(
            id=user.id,
            name=user.name,
            email=user.email,
            is_lead=row.is_lead or (later is not None and later.is_lead),
            since=row.valid_from,
            until=later.until if later else row.valid_until,
        )
    return sorted(found.values(), key=lambda one: (not one.is_lead, one.name, one.email))


def parts(
    session: Session,
    viewer: Viewer,
    of: InProject,
    at: datetime,
    after: str = "",
    limit: int = 50,
) -> list[Part]:
    """A page of the contacts that take part now or will, as far as the viewer may see them.

    In the order of names. `after` is the public id of the last one of the page before; one that
    he does not see (any more) begins again at the first page.
    """
    takes_part = select(Participation.contact_id).where(
        Participation.project_id == of.id, Participation.valid_until > at
    )
    query = select(Contact.sort_key, Contact.public_id).where(
        Contact.id.in_(takes_part), visible(viewer, Channel.PORTAL, at)
    )
    if after and (last := session.execute(query.where(Contact.public_id == after)).one_or_none()):
        query = query.where(tuple_(Contact.sort_key, Contact.public_id) > tuple_(*last))
    found = session.execute(query.order_by(Contact.sort_key, Contact.public_id).limit(limit))
    ids = [public_id for _, public_id in found]
    cards = contacts.several(session, viewer, Channel.PORTAL, ids, at)
    rows = _participations(session, viewer, of, ids, at)
    return [
        Part(cards[public_id], row.role, row.valid_from, row.valid_until, of.steers or share)
        for public_id in ids
        for row, share in [rows[public_id]]
    ]


def _participations(
    session: Session, viewer: Viewer, of: InProject, public_ids: list[str], at: datetime
) -> dict[str, tuple[Participation, bool]]:
    """The first period of each that is not over, and whether the viewer may share the contact."""
    shares = select(Directory.id).where(allowed(viewer, Action.SHARE, at))
    query = (
        select(Contact.public_id, Participation, Contact.directory_id.in_(shares))
        .join(Participation, Participation.contact_id == Contact.id)
        .where(
            Contact.public_id.in_(public_ids),
            Participation.project_id == of.id,
            Participation.valid_until > at,
        )
        .order_by(Participation.valid_from.desc())
    )
    return {public_id: (row, share) for public_id, row, share in session.execute(query)}


def inside(
    session: Session, of: InProject, public_ids: Iterable[str], at: datetime
) -> frozenset[str]:
    """Which of these contacts take part in it now or will."""
    query = (
        select(Contact.public_id)
        .join(Participation, Participation.contact_id == Contact.id)
        .where(
            Contact.public_id.in_(list(public_ids)),
            Participation.project_id == of.id,
            Participation.valid_until > at,
        )
    )
    return frozenset(session.scalars(query))


def may_share(session: Session, viewer: Viewer, at: datetime) -> bool:
    """Whether there is any directory whose contacts the viewer may put into a project."""
    query = select(Directory.id).where(allowed(viewer, Action.SHARE, at)).limit(1)
    return session.scalar(query) is not None


def shareable(
    session: Session, viewer: Viewer, public_ids: Iterable[str], at: datetime
) -> dict[str, int]:
    """The inner ids of those contacts that the viewer sees and may put into a project."""
    query = (
        select(Contact.public_id, Contact.id)
        .join(Directory, Directory.id == Contact.directory_id)
        .where(
            Contact.public_id.in_(list(public_ids)),
            allowed(viewer, Action.SHARE, at),
            visible(viewer, Channel.PORTAL, at),
        )
    )
    return dict(session.execute(query).all())


def finds(session: Session, viewer: Viewer, of: InProject, search: str, at: datetime) -> Finds:
    """What fits these words, is not in the project yet, and may be put in by the viewer.

    No more than the first contacts that fit are looked at.
    """
    if not search:
        return Finds(search)
    page = contacts.page(session, viewer, Channel.PORTAL, at, Asked(search), limit=LOOKED_AT)
    ids = [card.public_id for card in page.cards]
    mine = shareable(session, viewer, ids, at)
    there = inside(session, of, ids, at)
    found = [card for card in page.cards if card.public_id in mine and card.public_id not in there]
    return Finds(search, found[:FOUND], len(found) > FOUND, page.total > LOOKED_AT)


def participant(
    session: Session, viewer: Viewer, of: InProject, public_id: str, at: datetime
) -> int:
    """The inner id of a contact that takes part, or did, and that the viewer may take out; or 0."""
    shares = select(Directory.id).where(allowed(viewer, Action.SHARE, at))
    query = (
        select(Contact.id, Contact.directory_id.in_(shares))
        .join(Participation, Participation.contact_id == Contact.id)
        .where(Participation.project_id == of.id, Contact.public_id == public_id)
    )
    found = session.execute(query).first()
    return found[0] if found and (of.steers or found[1]) else 0
