"""Directories and projects by which the list of contacts can be narrowed."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Select, literal, select, union_all
from sqlalchemy.orm import Session

from app.models import Directory, Project
from app.policy import Action, Viewer, allowed, knows_directory, knows_project
from app.policy.visibility import within
from app.queries.asking import AT, WHO, asked_by


@dataclass(frozen=True, slots=True)
class Choices:
    """Names by slugs, in the order of names; only what the viewer may know of.

    `edits` says whether he may edit one of the directories.
    """

    directories: dict[str, str]
    projects: dict[str, str]
    edits: bool = False


def choices(session: Session, viewer: Viewer, at: datetime) -> Choices:
    """What the viewer can choose from; projects that are open now."""
    rows = session.execute(_choices(), asked_by(viewer, at)).all()
    return Choices(
        directories={slug: name for is_project, slug, name, _ in rows if not is_project},
        projects={slug: name for is_project, slug, name, _ in rows if is_project},
        edits=any(edits for *_, edits in rows),
    )


@lru_cache
def _choices() -> Select[bool, str, str, bool]:
    """All in one question: every list asks it."""
    no, yes = literal(value=False), literal(value=True)
    edits = allowed(WHO, Action.EDIT, AT).label("edits")
    directories = select(no.label("is_project"), Directory.slug, Directory.name, edits)
    projects = select(yes, Project.slug, Project.name, no)
    is_open = within(Project.starts_at, Project.ends_at, AT)
    known = union_all(
        directories.where(knows_directory(WHO, AT)),
        projects.where(is_open, knows_project(WHO, AT)),
    ).subquery()
    found = select(known.c.is_project, known.c.slug, known.c.name, known.c.edits)
    return found.order_by(known.c.name, known.c.slug)
