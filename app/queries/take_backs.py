"""What projects gave to phones and how far it has come back: for their overseers, as proof.

A card counts where a member's device held it while both took part in the project, where it was
not to stay when that was over, and where the device may not have it now either. What a person
keeps by another way was never to come back. Who shared a project for a while and left before
its end counts too.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, case, func, literal_column, not_, or_, select
from sqlalchemy.orm import Session

from app.db import Instant
from app.models import Book, Contact, Device, Holding, Participation, Project, ProjectMember, User
from app.models.kinds import HoldingKind
from app.policy import Channel, each, visible
from app.queries import backs, ledger
from app.queries.backs import TakeBack


def of_projects(
    session: Session, project_ids: Collection[int], at: datetime
) -> dict[int, TakeBack]:
    """What each of these projects gave to phones, in a number of statements that never grows."""
    went = _went(session, project_ids, at)
    wanted = {row_id for alike in went.values() for row_id in alike}
    values = session.scalars(select(Holding).where(Holding.id.in_(wanted))).all()
    read = {row.id: holder for row, holder in ledger.gone(session, values, at)}
    devices = backs.devices(session, {holder.device_id for holder in read.values()})
    ends = select(Project.id, Project.ends_at).where(Project.id.in_(project_ids))
    people = _people(session, project_ids, at)
    found = {one: [(read[i], ids) for i, ids in went[one].items() if i in read] for one in people}
    return {
        project_id: backs.take_back(ends_at, people[project_id], found.get(project_id, []), devices)
        for project_id, ends_at in session.execute(ends)
    }


def of_project(session: Session, project_id: int, at: datetime) -> TakeBack:
    """What this project gave to phones."""
    return of_projects(session, [project_id], at)[project_id]


def _people(
    session: Session, project_ids: Collection[int], at: datetime
) -> dict[int, list[tuple[str, str]]]:
    """Name and e-mail of who worked in each project while it was open."""
    query = (
        select(Project.id, User.name, User.email)
        .join(ProjectMember, ProjectMember.project_id == Project.id)
        .join(User, User.id == ProjectMember.user_id)
        .where(
            Project.id.in_(project_ids),
            ProjectMember.valid_from < Project.ends_at,
            ProjectMember.valid_until > Project.starts_at,
            ProjectMember.valid_until > ProjectMember.valid_from,
            ProjectMember.valid_from <= at,
        )
        .distinct()
    )
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for project_id, name, email in session.execute(query):
        found[project_id].append((name, email))
    return found


def _went(
    session: Session, project_ids: Collection[int], at: datetime
) -> dict[int, dict[int, set[int]]]:
    """The contacts that went because of each project, by one value of those that read alike."""
    # Values are alike that one book opened and closed in the same revisions.
    held = _held_together(project_ids)
    phone = each("held.user_id", "held.device_id")
    over: Any = literal_column("held.until", Instant())
    newest = (
        select(held.c.project_id, held.c.contact_id, func.max(Holding.id).label("id"))
        .join(Contact, Contact.id == held.c.contact_id)
        .join(
            Holding,
            and_(Holding.book_id == held.c.book_id, Holding.contact_id == held.c.contact_id),
        )
        .where(
            Holding.kind == HoldingKind.CARD,
            not_(visible(phone, Channel.CARDDAV, over)),
            not_(visible(phone, Channel.CARDDAV, at)),
        )
        .group_by(held.c.project_id, held.c.book_id, held.c.contact_id)
        .subquery()
    )
    shape = (Holding.book_id, Holding.opened_seq, Holding.closed_seq, Holding.fetched_at.is_(None))
    query = select(newest.c.project_id, newest.c.contact_id, Holding.id, *shape).join(
        Holding, Holding.id == newest.c.id
    )
    found: dict[int, dict[int, set[int]]] = defaultdict(dict)
    first: dict[tuple[Any, ...], int] = {}
    for project_id, contact_id, row_id, *alike in session.execute(query):
        stands = first.setdefault((project_id, *alike), row_id)
        found[project_id].setdefault(stands, set()).add(contact_id)
    return found


def _held_together(project_ids: Collection[int]) -> Subquery:
    """Cards on devices of members while card and member took part, and until when they did."""
    spans = (Project, ProjectMember, Participation)
    since = _extreme([_period(one)[0] for one in spans], latest=True)
    until = _extreme([_period(one)[1] for one in spans], latest=False)
    return (
        select(
            Project.id.label("project_id"),
            Device.user_id.label("user_id"),
            Device.id.label("device_id"),
            Holding.book_id.label("book_id"),
            Holding.contact_id.label("contact_id"),
            until.label("until"),
        )
        .join(ProjectMember, ProjectMember.project_id == Project.id)
        .join(Participation, Participation.project_id == Project.id)
        .join(Device, Device.user_id == ProjectMember.user_id)
        .join(Book, Book.device_id == Device.id)
        .join(
            Holding,
            and_(Holding.book_id == Book.id, Holding.contact_id == Participation.contact_id),
        )
        .where(
            Project.id.in_(project_ids),
            Holding.kind == HoldingKind.CARD,
            since < until,
            Holding.offered_at < until,
            or_(Holding.ended_at.is_(None), Holding.ended_at > since),
        )
        .distinct()
        .subquery("held")
    )


def _period(of: Any) -> tuple[Any, Any]:  # noqa: ANN401 - a table
    return (of.starts_at, of.ends_at) if of is Project else (of.valid_from, of.valid_until)


def _extreme(instants: list[ColumnElement[datetime]], *, latest: bool) -> ColumnElement[datetime]:
    """The latest or the earliest of some columns; the databases name that differently."""
    found, *rest = instants
    for one in rest:
        found = case((one > found if latest else one < found, one), else_=found)
    return found
