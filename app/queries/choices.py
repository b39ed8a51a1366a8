"""Directories and projects by which the list of contacts can be narrowed."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from app.models import Directory, Project
from app.policy import Viewer, knows_directory, knows_project
from app.policy.visibility import within
from app.queries.asking import AT, WHO, asked_by


@dataclass(frozen=True, slots=True)
class Choices:
    """Names by slugs, in the order of names; only what the viewer may know of."""

    directories: dict[str, str]
    projects: dict[str, str]


def choices(session: Session, viewer: Viewer, at: datetime) -> Choices:
    """What the viewer can choose from; projects that are open now."""
    values = asked_by(viewer, at)
    return Choices(
        directories=_named(session, _directories(), values),
        projects=_named(session, _projects(), values),
    )


def _named(session: Session, query: Select[str, str], values: dict[str, object]) -> dict[str, str]:
    return {row[0]: row[1] for row in session.execute(query, values)}


@lru_cache
def _directories() -> Select[str, str]:
    query = select(Directory.slug, Directory.name).where(knows_directory(WHO, AT))
    return query.order_by(Directory.name, Directory.slug)


@lru_cache
def _projects() -> Select[str, str]:
    is_open = within(Project.starts_at, Project.ends_at, AT)
    query = select(Project.slug, Project.name).where(is_open, knows_project(WHO, AT))
    return query.order_by(Project.name, Project.slug)
