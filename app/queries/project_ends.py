"""What the end of a project would take from whom, and what would stay: asked of the policy.

The policy is asked twice about the instant of the end: as if the project went on, and as if it
ended there. What differs goes away; nothing of the rule is written a second time.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Select, Subquery, and_, exists, select
from sqlalchemy.orm import Session, aliased

from app.cards.card import Card
from app.db import FOREVER
from app.models import (
    Book,
    Contact,
    Device,
    Directory,
    Holding,
    Participation,
    Project,
    ProjectMember,
    User,
)
from app.models.kinds import HoldingKind
from app.policy import Channel, Viewer, each, knows_directory, knows_project, visible
from app.policy.visibility import directory_grant, live, within
from app.queries import contacts, former
from app.queries.former import Edit

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""Before everything: an edit laid over the facts as of then holds for every instant."""

Query = TypeVar("Query", bound=Select[*tuple[Any, ...]])


@dataclass(frozen=True, slots=True)
class Keeps:
    """Through what somebody keeps contacts; "" for what the viewer may not know of."""

    kind: str
    name: str
    slug: str
    contacts: int


@dataclass(frozen=True, slots=True)
class Loss:
    """What one colleague would lose in the portal and on his phones, and what he would keep.

    `cards` are those of the lost ones that the viewer may see; `off_phones` counts what goes from
    at least one of `phones`, as the board of the take-back counts it.
    """

    name: str
    email: str
    goes: int
    cards: tuple[Card, ...]
    phones: tuple[str, ...]
    off_phones: int
    stays: int
    keeps: tuple[Keeps, ...]


@dataclass(frozen=True, slots=True)
class End:
    """What an end at this instant would do; `left` contacts would be found by nobody."""

    at: datetime
    losses: tuple[Loss, ...]
    left: int
    left_cards: tuple[Card, ...]


def preview(session: Session, viewer: Viewer, project_id: int, end: datetime, at: datetime) -> End:
    """What it would do if the project ended at `end`, for this viewer, who asks at `at`."""
    pair = _pairs(project_id, end)
    open_, over = _World(session, project_id, FOREVER), _World(session, project_id, end)
    seen, held = _seen(pair, end), _on_phones(pair, end)
    kept = set(over.rows(seen))
    gone = _by_user(set(open_.rows(seen)) - kept)
    stays = _by_user(kept)
    phones = _by_user(set(open_.rows(held)) - set(over.rows(held)))
    reasons = _reasons(session, viewer, over, pair, {(one[0], one[1]) for one in kept}, end, at)
    left = over.rows(_left(project_id, end))
    names = {public_id for lost in gone.values() for _, public_id in lost}
    names |= {public_id for _, public_id in left}
    found = contacts.several(session, viewer, Channel.PORTAL, sorted(names), at)
    cards = sorted(found.values(), key=lambda card: card.shown_name())
    people = session.execute(_people(pair)).all()
    losses = [
        Loss(
            name=name,
            email=email,
            goes=len(gone[user]),
            cards=_cards(cards, {public_id for _, public_id in gone[user]}),
            phones=tuple(sorted({phone for phone, _ in phones[user]})),
            off_phones=len({contact for _, contact in phones[user]}),
            stays=len(stays[user]),
            keeps=tuple(reasons[user]),
        )
        for user, name, email in people
    ]
    left_cards = _cards(cards, {public_id for _, public_id in left})
    return End(end, tuple(losses), len(left), left_cards)


def _by_user(rows: Iterable[Any]) -> dict[int, list[tuple[Any, ...]]]:
    """The rest of each row by the user who stands first in it."""
    found: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for user, *rest in rows:
        found[user].append(tuple(rest))
    return found


@dataclass(frozen=True)
class _World:
    """The facts as they are, but for the end of one project."""

    session: Session
    project_id: int
    end: datetime

    def rows(self, query: Query) -> list[Any]:
        """What the query finds there."""
        edit = Edit("project", self.project_id, "ends_at", self.end, FOREVER)
        dialect = self.session.get_bind().dialect.name
        laid = former.as_it_stood(query, [edit], BEGINNING, dialect)
        return [tuple(row) for row in self.session.execute(laid)]


def _pairs(project_id: int, end: datetime) -> Subquery:
    """Who would work with which contact at the end."""
    query = select(
        ProjectMember.user_id.label("user_id"), Participation.contact_id.label("contact_id")
    ).join(Participation, Participation.project_id == ProjectMember.project_id)
    mine = ProjectMember.project_id == project_id
    both = query.where(mine, live(ProjectMember, end), live(Participation, end))
    return both.distinct().subquery("pair")


def _people(pair: Subquery) -> Select[int, str, str]:
    query = select(User.id, User.name, User.email).join(pair, pair.c.user_id == User.id)
    return query.distinct().order_by(User.name, User.email)


def _seen(pair: Subquery, end: datetime) -> Select[int, int, str]:
    return (
        select(pair.c.user_id, Contact.id, Contact.public_id)
        .join(Contact, Contact.id == pair.c.contact_id)
        .where(visible(each("pair.user_id"), Channel.PORTAL, end))
    )


def _on_phones(pair: Subquery, end: datetime) -> Select[int, str, int]:
    """Whose phone holds what now and may have it then.

    Everybody who works there works with every contact, so that the pairs need not be joined.
    """
    phone = aliased(Device, name="phone")
    return (
        select(phone.user_id, phone.name, Contact.id)
        .select_from(Holding)
        .join(Contact, Contact.id == Holding.contact_id)
        .join(Book, Book.id == Holding.book_id)
        .join(phone, phone.id == Book.device_id)
        .where(
            Holding.contact_id.in_(select(pair.c.contact_id)),
            phone.user_id.in_(select(pair.c.user_id)),
            Holding.kind == HoldingKind.CARD,
            Holding.closed_seq.is_(None),
            visible(each("phone.user_id", "phone.id"), Channel.CARDDAV, end),
        )
    )


def _left(project_id: int, end: datetime) -> Select[int, str]:
    """Contacts of the project that nobody would find."""
    asker = aliased(User, name="asker")
    found = exists(
        select(asker.id).where(visible(each("asker.id"), Channel.PORTAL, end)).correlate(Contact)
    )
    mine = select(Participation.contact_id).where(
        Participation.project_id == project_id, live(Participation, end)
    )
    somebody = exists().where(ProjectMember.project_id == project_id, live(ProjectMember, end))
    return select(Contact.id, Contact.public_id).where(
        Contact.id.in_(mine), somebody, ~found, Contact.erased_at > end
    )


def _reasons(  # noqa: PLR0913 - one question
    session: Session,
    viewer: Viewer,
    over: _World,
    pair: Subquery,
    kept: set[tuple[int, int]],
    end: datetime,
    at: datetime,
) -> dict[int, list[Keeps]]:
    """For each user through what he would keep contacts of the project, those that are `kept`."""
    homes = select(Directory.id, Directory.name, Directory.slug).where(knows_directory(viewer, at))
    works = select(Project.id, Project.name, Project.slug).where(knows_project(viewer, at))
    found: dict[int, list[Keeps]] = defaultdict(list)
    asked = pair.c.user_id.in_({user for user, _ in kept})
    for kind, query, known in (
        ("directory", _by_directory(pair, end), homes),
        ("project", _by_project(pair, over.project_id, end), works),
    ):
        named = {row[0]: (row[1], row[2]) for row in session.execute(known)}
        counted: dict[tuple[int, str, str], set[int]] = defaultdict(set)
        for user, through, contact in over.rows(query.where(asked)):
            if (user, contact) in kept:
                counted[user, *named.get(through, ("", ""))].add(contact)
        for (user, name, slug), ids in sorted(counted.items()):
            found[user].append(Keeps(kind, name, slug, len(ids)))
    return found


def _by_directory(pair: Subquery, end: datetime) -> Select[int, int, int]:
    """User, directory and contact, where a grant on that directory opens it."""
    return (
        select(pair.c.user_id, Directory.id, Contact.id)
        .join(Contact, Contact.id == pair.c.contact_id)
        .join(Directory, Directory.id == Contact.directory_id)
        .where(directory_grant(each("pair.user_id"), Channel.PORTAL, end))
    )


def _by_project(pair: Subquery, project_id: int, end: datetime) -> Select[int, int, int]:
    """User, project and contact, where another project opens it."""
    other = aliased(Project, name="other")
    works = and_(
        ProjectMember.project_id == other.id,
        ProjectMember.user_id == pair.c.user_id,
        live(ProjectMember, end),
    )
    return (
        select(pair.c.user_id, other.id, Contact.id)
        .join(Contact, Contact.id == pair.c.contact_id)
        .join(Participation, Participation.contact_id == Contact.id)
        .join(other, other.id == Participation.project_id)
        .join(ProjectMember, works)
        .where(
            other.id != project_id,
            live(Participation, end),
            within(other.starts_at, other.ends_at, end),
        )
    )


def _cards(cards: list[Card], wanted: set[str]) -> tuple[Card, ...]:
    return tuple(card for card in cards if card.public_id in wanted)
