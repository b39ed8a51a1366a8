"""What a colleague or a team may open, for those who run the place: names of things, no contact."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.db import FOREVER
from app.models import (
    Assignment,
    Contact,
    Directory,
    Grant,
    Project,
    ProjectMember,
    Team,
    TeamMember,
)
from app.models.kinds import Scope
from app.policy.visibility import live

_RIGHTS = ("read", "edit", "sync", "export", "manage")


@dataclass(frozen=True, slots=True)
class Opening:
    """One thing that somebody may open: a directory, a team, a project.

    `rights` are those on a directory; `via` is the team through which he has them; `until` is
    None where no end was said. `leads_alone`: nobody else leads this project.
    """

    name: str
    slug: str
    until: datetime | None
    rights: tuple[str, ...] = ()
    is_assigned_only: bool = False
    via: str = ""
    leads_alone: bool = False


@dataclass(frozen=True, slots=True)
class Openings:
    """What a colleague may open at one instant, and how many contacts are in his charge."""

    directories: list[Opening]
    teams: list[Opening]
    projects: list[Opening]
    in_charge_of: int


def of_user(session: Session, user_id: int, at: datetime) -> Openings:
    """What this colleague may open: his own, and through his teams."""
    mine = select(TeamMember.team_id).where(TeamMember.user_id == user_id, live(TeamMember, at))
    held = or_(Grant.user_id == user_id, Grant.team_id.in_(mine))
    teams = (
        select(Team.name, Team.slug, TeamMember.valid_until)
        .join(TeamMember, TeamMember.team_id == Team.id)
        .where(TeamMember.user_id == user_id, live(TeamMember, at))
        .order_by(Team.name)
    )
    other = aliased(ProjectMember)
    leads_too = exists().where(
        other.project_id == ProjectMember.project_id,
        other.user_id != user_id,
        other.is_lead,
        live(other, at),
    )
    alone = and_(ProjectMember.is_lead, ~leads_too)
    projects = (
        select(Project.name, Project.slug, alone, ProjectMember.valid_until, Project.ends_at)
        .join(ProjectMember, ProjectMember.project_id == Project.id)
        .where(ProjectMember.user_id == user_id, live(ProjectMember, at), Project.ends_at > at)
        .order_by(Project.ends_at, Project.name)
    )
    return Openings(
        directories=_directories(session, held, at),
        teams=_named(session.execute(teams)),
        projects=[
            Opening(name, slug, _end(min(ends)), leads_alone=is_alone)
            for name, slug, is_alone, *ends in session.execute(projects)
        ],
        in_charge_of=_in_charge_of(session, user_id, at),
    )


def of_team(session: Session, team_id: int, at: datetime) -> list[Opening]:
    """The directories that whoever belongs to this team may open."""
    return _directories(session, Grant.team_id == team_id, at)


def _directories(session: Session, held: ColumnElement[bool], at: datetime) -> list[Opening]:
    query = (
        select(Grant, Directory.name, Directory.slug, Team.name)
        .join(Directory, Directory.id == Grant.directory_id)
        .outerjoin(Team, Team.id == Grant.team_id)
        .where(held, live(Grant, at))
        .order_by(Directory.name, Grant.id)
    )
    return [
        Opening(
            name,
            slug,
            _end(grant.valid_until),
            rights=tuple(right for right in _RIGHTS if getattr(grant, f"can_{right}")),
            is_assigned_only=grant.scope is Scope.ASSIGNED,
            via=team or "",
        )
        for grant, name, slug, team in session.execute(query)
    ]


def _named(rows: Iterable[Any]) -> list[Opening]:
    return [Opening(name, slug, _end(min(ends))) for name, slug, *ends in rows]


def _in_charge_of(session: Session, user_id: int, at: datetime) -> int:
    query = (
        select(func.count(Assignment.contact_id.distinct()))
        .join(Contact, Contact.id == Assignment.contact_id)
        .where(Assignment.user_id == user_id, live(Assignment, at), Contact.erased_at > at)
    )
    return session.scalar(query) or 0


def _end(until: datetime) -> datetime | None:
    return None if until == FOREVER else until
