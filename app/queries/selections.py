"""Contacts chosen in a list, and what one act upon all of them would do: counted anew each time.

A choice is ticks, or the question that the list was asked. What the viewer may not look up is in
no number here, whether it was ticked or would match.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, false, select, true
from sqlalchemy.orm import Session

from app.models import Assignment, Contact, Directory, Favourite, Participation, Project
from app.policy import Action, Channel, Viewer, allowed, knows_project, visible
from app.queries import paging
from app.queries.filters import Asked
from app.queries.paging import Found

LIMIT = 1_000
"""As many contacts may be acted upon at once."""
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Choice:
    """Contacts ticked one by one, or all that match the question in whose list they stand."""

    asked: Asked
    ticked: tuple[str, ...] = ()
    is_all: bool = False


@dataclass(frozen=True, slots=True)
class Act:
    """What is to be done to them: what it asks, and where it is done already.

    `action` is a right over the home directory, `channel` the way by which they must be visible.
    """

    action: Action | None = None
    done: Select[int] | None = None
    channel: Channel | None = None


@dataclass(frozen=True, slots=True)
class OpenProject:
    """A project that is not over, which the viewer may know of."""

    id: int
    slug: str
    name: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an act would do: of so many chosen it touches these; the others are left out, and why.

    `not_yours` he may look up and not decide about, for `already` there is nothing to do. Where
    more than LIMIT were chosen, nothing is touched.
    """

    chosen: int
    touched: tuple[Found, ...] = ()
    not_yours: int = 0
    already: int = 0

    @property
    def is_too_many(self) -> bool:
        """Whether more were chosen than may be acted upon at once."""
        return self.chosen > LIMIT

    @property
    def counts(self) -> str:
        """Both numbers and a digest of who is touched, to tell whether all of it is still true."""
        ids = " ".join(sorted(one.public_id for one in self.touched))
        digest = hashlib.sha256(ids.encode()).hexdigest()[:16]
        return f"{self.chosen}.{len(self.touched)}.{digest}"


def charge(user_id: int | None = None, span: tuple[datetime, datetime] | None = None) -> Act:
    """Putting them in a colleague's charge; done where he is in charge all that time."""
    if user_id is None or span is None:
        return Act(Action.MANAGE)
    covering = select(Assignment.contact_id).where(
        Assignment.user_id == user_id,
        Assignment.valid_from <= span[0],
        Assignment.valid_until >= span[1],
    )
    return Act(Action.MANAGE, covering)


def into(project: OpenProject | None, at: datetime) -> Act:
    """Putting them into a project; done where they take part in it to its end."""
    if project is None:
        return Act(Action.SHARE)
    covering = select(Participation.contact_id).where(
        Participation.project_id == project.id,
        Participation.valid_from <= at,
        Participation.valid_until >= project.ends_at,
    )
    return Act(Action.SHARE, covering)


def favourites(viewer: Viewer) -> Act:
    """Keeping them at hand, which everybody may who sees them."""
    kept = select(Favourite.contact_id).where(Favourite.user_id == viewer.user_id)
    return Act(done=kept)


def leaving() -> Act:
    """Handing them out in a file, as often as somebody wants."""
    return Act(channel=Channel.EXPORT)


def found(session: Session, viewer: Viewer, choice: Choice, at: datetime) -> list[Found]:
    """Those of the choice that the viewer may look up now, by name; of too many, LIMIT + 1."""
    if choice.is_all:
        return paging.matching(session, viewer, Channel.PORTAL, at, choice.asked, LIMIT + 1)
    rows: list[Found] = []
    for start in range(0, len(choice.ticked), _CHUNK):
        some = choice.ticked[start : start + _CHUNK]
        query = select(Contact.id, Contact.sort_key, Contact.public_id)
        query = query.where(Contact.public_id.in_(some), visible(viewer, Channel.PORTAL, at))
        rows += map(Found._make, session.execute(query))
    return sorted(rows, key=lambda one: (one.sort_key, one.public_id))


def outlook(session: Session, viewer: Viewer, choice: Choice, act: Act, at: datetime) -> Outlook:
    """What this act upon this choice would do now."""
    chosen = found(session, viewer, choice, at)
    if len(chosen) > LIMIT:
        return Outlook(len(chosen))
    facts: dict[int, tuple[bool, bool]] = {}
    for start in range(0, len(chosen), _CHUNK):
        query = _facts(viewer, act, at)
        ids = [one.id for one in chosen[start : start + _CHUNK]]
        rows = session.execute(query.where(Contact.id.in_(ids)))
        facts |= {inner_id: (bool(his), bool(done)) for inner_id, his, done in rows}
    return Outlook(
        chosen=len(chosen),
        touched=tuple(one for one in chosen if facts[one.id] == (True, False)),
        not_yours=sum(not his for his, _ in facts.values()),
        already=sum(his and done for his, done in facts.values()),
    )


def open_projects(session: Session, viewer: Viewer, at: datetime) -> list[OpenProject]:
    """The projects that are not over and that the viewer may know of, by name."""
    query = (
        select(Project.id, Project.slug, Project.name, Project.ends_at)
        .where(Project.ends_at > at, knows_project(viewer, at))
        .order_by(Project.name, Project.slug)
    )
    return [OpenProject(*row) for row in session.execute(query)]


def _facts(viewer: Viewer, act: Act, at: datetime) -> Select[int, bool, bool]:
    """Contacts, whether he may do it to them, and whether it is done."""
    his = allowed(viewer, act.action, at) if act.action else true()
    if act.channel:
        his = visible(viewer, act.channel, at)
    done = Contact.id.in_(act.done) if act.done is not None else false()
    query = select(Contact.id, his, done)
    return query.join(Directory, Directory.id == Contact.directory_id)
