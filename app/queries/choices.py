"""Directories and projects by which the list of contacts can be narrowed."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Select, literal, select, union_all
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
    found = Choices({}, {})
    for is_project, slug, name in session.execute(_choices(), asked_by(viewer, at)):
        (found.projects if is_project else found.directories)[slug] = name
    return found


@lru_cache
def _choices() -> Select[bool, str, str]:
    """Both in one question: every list asks it."""
    directories = select(literal(value=False).label("is_project"), Directory.slug, Directory.name)
    projects = select(literal(value=True), Project.slug, Project.name)
    is_open = within(Project.starts_at, Project.ends_at, AT)
    known = union_all(
        directories.where(knows_directory(WHO, AT)),
        projects.where(is_open, knows_project(WHO, AT)),
    ).subquery()
    found = select(known.c.is_project, known.c.slug, known.c.name)
    return found.order_by(known.c.name, known.c.slug)
