"""What the viewer is to a directory, a project or the organisation: for pages that are not lists.

None where he may not know that the thing is there: hidden and absent are the same answer.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from app.models import Directory, Project, RoleName, UserRole
from app.policy import (
    Action,
    Viewer,
    allowed,
    begins_projects,
    closes_directory,
    in_role,
    knows_directory,
    knows_project,
    oversees_directory,
    oversees_project,
    steers_project,
)
from app.queries.asking import AT, WHO, asked_by


@dataclass(frozen=True, slots=True)
class InDirectory:
    """A directory as one viewer may act in it."""

    id: int
    slug: str
    name: str
    may: frozenset[Action]
    oversees: bool
    closes: bool


@dataclass(frozen=True, slots=True)
class InProject:
    """A project as one viewer may act in it."""

    id: int
    slug: str
    name: str
    steers: bool
    oversees: bool


def roles(session: Session, viewer: Viewer, at: datetime) -> frozenset[RoleName]:
    """The roles of the viewer; none while his account is disabled."""
    return frozenset(session.scalars(_roles(), asked_by(viewer, at)))


def in_directory(session: Session, viewer: Viewer, slug: str, at: datetime) -> InDirectory | None:
    """What the viewer may do in the directory with this slug."""
    return next(iter(_directories(session, viewer, at, Directory.slug == slug)), None)


def in_home(session: Session, viewer: Viewer, inner_id: int, at: datetime) -> InDirectory | None:
    """What the viewer may do in the directory with this inner id."""
    return next(iter(_directories(session, viewer, at, Directory.id == inner_id)), None)


def directories(session: Session, viewer: Viewer, at: datetime) -> list[InDirectory]:
    """Every directory that the viewer may know of, by name."""
    return _directories(session, viewer, at)


def in_project(session: Session, viewer: Viewer, slug: str, at: datetime) -> InProject | None:
    """What the viewer may do in the project with this slug."""
    row = session.execute(
        select(
            Project.id,
            Project.slug,
            Project.name,
            steers_project(viewer, at),
            oversees_project(viewer, at),
        ).where(Project.slug == slug, knows_project(viewer, at))
    ).one_or_none()
    return InProject(*row) if row else None


def may_begin_projects(session: Session, viewer: Viewer, at: datetime) -> bool:
    """Whether the viewer may begin a project."""
    return bool(session.scalar(select(begins_projects(viewer, at))))


@lru_cache
def _roles() -> Select[RoleName]:
    held = select(UserRole.role).where(UserRole.user_id == WHO.user_id)
    return held.where(in_role(WHO, *RoleName, at=AT))


def _directories(
    session: Session, viewer: Viewer, at: datetime, *where: ColumnElement[bool]
) -> list[InDirectory]:
    query = select(
        Directory.id,
        Directory.slug,
        Directory.name,
        oversees_directory(viewer, at),
        closes_directory(viewer, at),
        *(allowed(viewer, action, at) for action in Action),
    ).where(knows_directory(viewer, at), *where)
    return [
        InDirectory(
            id=inner_id,
            slug=slug,
            name=name,
            may=frozenset(action for action, held in zip(Action, rights, strict=True) if held),
            oversees=oversees,
            closes=closes,
        )
        for inner_id, slug, name, oversees, closes, *rights in session.execute(
            query.order_by(Directory.name, Directory.slug)
        )
    ]
