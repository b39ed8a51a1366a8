"""What a list of contacts is asked for: words, and filters by which it is narrowed.

Every condition here narrows what the policy shows; none opens anything.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Text, bindparam, select

from app.models import Assignment, Contact, Directory, Favourite, Participation, Project
from app.policy import knows_directory, knows_project
from app.policy.visibility import live
from app.queries.asking import AT, WHO
from app.queries.jobs import brought


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is asked for: words, and filters by which it is narrowed; "" is no filter."""

    search: str = ""
    directory: str = ""
    project: str = ""
    kind: str = ""
    assigned: bool = False
    favourites: bool = False
    imported: str = ""

    def __bool__(self) -> bool:
        return self != Asked()


def _directory() -> ColumnElement[bool]:
    """In a directory that he may know of; what he sees through a project alone does not say its."""
    slug = bindparam("directory", type_=Text)
    known = select(Directory.id).where(Directory.slug == slug, knows_directory(WHO, AT))
    return Contact.directory_id == known.scalar_subquery()


def _project() -> ColumnElement[bool]:
    """Taking part now in a project that he may know of."""
    part = (
        select(Participation.contact_id)
        .join(Project, Project.id == Participation.project_id)
        .where(
            Project.slug == bindparam("project", type_=Text),
            live(Participation, AT),
            knows_project(WHO, AT),
        )
    )
    return Contact.id.in_(part)


def _kind() -> ColumnElement[bool]:
    return Contact.kind == bindparam("kind", type_=Contact.kind.type)


def _assigned() -> ColumnElement[bool]:
    """In his own charge now."""
    charge = select(Assignment.contact_id)
    return Contact.id.in_(charge.where(Assignment.user_id == WHO.user_id, live(Assignment, AT)))


def _favourites() -> ColumnElement[bool]:
    kept = select(Favourite.contact_id).where(Favourite.user_id == WHO.user_id)
    return Contact.id.in_(kept)


def _imported() -> ColumnElement[bool]:
    """Brought by an import that he may open."""
    return Contact.id.in_(brought(bindparam("imported", type_=Text), WHO, AT))


FILTERS = {
    "directory": _directory,
    "project": _project,
    "kind": _kind,
    "assigned": _assigned,
    "favourites": _favourites,
    "imported": _imported,
}
SAID = ("directory", "project", "kind", "imported")
NARROW = ("project", "assigned", "favourites", "imported")
"""Filters that leave so few that they can be counted before anything else is asked."""
