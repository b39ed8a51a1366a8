"""What ends soon, and access without an end that has to be looked at, for those who can renew it.

Computed from the facts and the clock. An end that something else outlasts is no end.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session, aliased

from app.db import FOREVER
from app.models import (
    AccessReview,
    AnnouncementKind,
    Directory,
    Grant,
    Project,
    ProjectMember,
    RoleName,
    Suspension,
    SuspensionKind,
    Team,
    User,
)
from app.models.kinds import Scope
from app.policy import Action, Viewer, allowed, each, in_role, steers_project
from app.policy.visibility import live, within

AHEAD = timedelta(days=30)
"""How long before its end something begins to be said."""

REVIEWED_EVERY = timedelta(days=365)
"""How long access without an end goes on until somebody has to say that it is still right."""

_RIGHTS = (Grant.can_read, Grant.can_edit, Grant.can_sync, Grant.can_export, Grant.can_manage)


@dataclass(frozen=True, slots=True)
class Ending:
    """Access of a person or a team to a directory, or a project (`holder` is "" there).

    For a review `ends_at` is the day on which it is due, and `began_at` when it was last right.
    """

    kind: AnnouncementKind
    ref_id: int
    slug: str
    name: str
    holder: str
    began_at: datetime
    ends_at: datetime

    @property
    def is_review(self) -> bool:
        """Whether it has no end and is to be looked at."""
        return self.kind is AnnouncementKind.REVIEW

    @property
    def is_project(self) -> bool:
        """Whether it is a project, else access."""
        return self.kind is AnnouncementKind.PROJECT

    @property
    def key(self) -> str:
        """How a form names it."""
        return f"{self.kind.value}-{self.ref_id}"


def of(session: Session, viewer: Viewer, at: datetime) -> list[Ending]:
    """What the viewer can renew and what he has to look at, the first to end first."""
    found = [
        Ending(AnnouncementKind(kind), *rest)
        for query in _queries(viewer, at)
        for kind, *rest in session.execute(query)
    ]
    return sorted(found, key=_order)


def of_everybody(session: Session, at: datetime) -> dict[int, list[Ending]]:
    """The same for every user, in the same number of statements."""
    asker = aliased(User, name="asker")
    found: dict[int, list[Ending]] = defaultdict(list)
    for query in _queries(each("asker.id"), at):
        # Everybody is a row of the statement; the clauses let in who may.
        asked = query.add_columns(asker.id).join(asker, true())
        for kind, *rest, user_id in session.execute(asked):
            found[user_id].append(Ending(AnnouncementKind(kind), *rest))
    return {user_id: sorted(endings, key=_order) for user_id, endings in found.items()}


def _order(one: Ending) -> tuple[bool, datetime, str, str]:
    return one.kind is AnnouncementKind.REVIEW, one.ends_at, one.name, one.holder


def _queries(viewer: Viewer, at: datetime) -> list[Select[Any]]:
    return [_access(viewer, at), _projects(viewer, at), _reviews(viewer, at)]


def _access(viewer: Viewer, at: datetime) -> Select[Any]:
    span = (Grant.valid_from, Grant.valid_until)
    return _granted(AnnouncementKind.ACCESS, viewer, at, span).where(
        live(Grant, at), Grant.valid_until <= at + AHEAD, not_(_outlasted(at))
    )


def _reviews(viewer: Viewer, at: datetime) -> Select[Any]:
    """Access of others without an end that nobody has called right for a year."""
    last = (
        select(func.max(AccessReview.reviewed_at))
        .where(AccessReview.grant_id == Grant.id)
        .correlate(Grant)
        .scalar_subquery()
    )
    others = or_(Grant.team_id.is_not(None), Grant.user_id != viewer.user_id)
    seen = func.coalesce(last, Grant.valid_from, type_=Grant.valid_from.type)
    return _granted(AnnouncementKind.REVIEW, viewer, at, (seen, seen)).where(
        live(Grant, at), Grant.valid_until == FOREVER, seen <= at - REVIEWED_EVERY, others
    )


def _granted(
    kind: AnnouncementKind, viewer: Viewer, at: datetime, instants: tuple[Any, Any]
) -> Select[Any]:
    holder = aliased(User, name="holder")
    disabled = exists().where(
        Suspension.user_id == Grant.user_id,
        Suspension.kind == SuspensionKind.DISABLED,
        live(Suspension, at),
    )
    return (
        select(
            literal(kind.value),
            Grant.id,
            Directory.slug,
            Directory.name,
            case((Grant.team_id.is_(None), holder.name), else_=Team.name),
            *instants,
        )
        .select_from(Grant)
        .join(Directory, Directory.id == Grant.directory_id)
        .outerjoin(holder, holder.id == Grant.user_id)
        .outerjoin(Team, Team.id == Grant.team_id)
        .where(not_(disabled), allowed(viewer, Action.MANAGE, at))
    )


def _outlasted(at: datetime) -> ColumnElement[bool]:
    """Whether the same holder has another grant that gives no less and goes on for longer."""
    other = aliased(Grant, name="other")
    same_holder = or_(other.user_id == Grant.user_id, other.team_id == Grant.team_id)
    no_less = [or_(not_(right), getattr(other, right.key)) for right in _RIGHTS]
    return exists().where(
        other.directory_id == Grant.directory_id,
        same_holder,
        other.valid_from <= Grant.valid_until,
        other.valid_until > Grant.valid_until,
        other.valid_until > at,
        or_(other.scope == Scope.ALL, Grant.scope == Scope.ASSIGNED),
        *no_less,
    )


def _projects(viewer: Viewer, at: datetime) -> Select[Any]:
    """Open projects of those who lead them; where nobody does any more, of the owners."""
    led = _led_by(ProjectMember.user_id == viewer.user_id, at)
    anybody = _led_by(true(), at)
    columns: tuple[Any, ...] = (
        literal(AnnouncementKind.PROJECT.value),
        Project.id,
        Project.slug,
        Project.name,
        literal(""),
        Project.starts_at,
        Project.ends_at,
    )
    return select(*columns).where(
        within(Project.starts_at, Project.ends_at, at),
        Project.ends_at <= at + AHEAD,
        steers_project(viewer, at),
        or_(led, and_(not_(anybody), in_role(viewer, RoleName.OWNER, at=at))),
    )


def _led_by(who: ColumnElement[bool], at: datetime) -> ColumnElement[bool]:
    disabled = exists().where(
        Suspension.user_id == ProjectMember.user_id,
        Suspension.kind == SuspensionKind.DISABLED,
        live(Suspension, at),
    )
    lead = exists().where(
        ProjectMember.project_id == Project.id,
        ProjectMember.is_lead,
        live(ProjectMember, at),
        who,
        not_(disabled),
    )
    return lead.correlate(Project)
