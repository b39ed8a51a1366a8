"""What needs the one who asks, and what he works on: for the first page.

A number of statements that never grows. Ends are looked for within SOON.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from app.models import Contact, Device, Directory, Grant, Project, ProjectMember, User
from app.policy import Action, Channel, Viewer, allowed
from app.policy.visibility import (
    erased,
    is_holder,
    live,
    merged_away,
    no_legal_basis,
    within,
)
from app.queries.ledger import UNREACHABLE_AFTER

SOON = timedelta(days=30)


class Need(StrEnum):
    """What is the matter with a device of one's own."""

    NEVER_CONNECTED = "never-connected"
    SILENT = "silent"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True)
class OwnPhone:
    """A device of one's own that needs something, and since when."""

    public_id: str
    name: str
    need: Need
    since: datetime


@dataclass(frozen=True, slots=True)
class Ending:
    """Something that ends: a project, or access to a directory; `count` of them, the first `at`."""

    slug: str
    name: str
    at: datetime
    count: int = 1


@dataclass(frozen=True, slots=True)
class Hidden:
    """How many contacts of a directory nobody may use, for want of a basis."""

    slug: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class SetUp:
    """How far a new organisation has come."""

    has_directory: bool
    has_colleague: bool
    has_contact: bool
    has_access: bool
    has_phone: bool

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        steps = (self.has_directory, self.has_colleague, self.has_contact, self.has_access)
        return all(steps) and self.has_phone


@dataclass(frozen=True, slots=True)
class Needs:
    """All that needs somebody; each list is empty where there is nothing of it."""

    phones: tuple[OwnPhone, ...]
    projects: tuple[Ending, ...]
    own_access: tuple[Ending, ...]
    given_access: tuple[Ending, ...]
    hidden: tuple[Hidden, ...]

    @property
    def is_nothing(self) -> bool:
        """Whether nothing needs him."""
        lists: list[Collection[object]] = [
            *(self.phones, self.projects, self.own_access, self.given_access, self.hidden)
        ]
        return not any(lists)


def needs(session: Session, viewer: Viewer, at: datetime) -> Needs:
    """What needs the viewer now."""
    return Needs(
        phones=tuple(_phones(session, viewer, at)),
        projects=tuple(one for one in projects(session, viewer, at) if one.at <= at + SOON),
        own_access=tuple(_own_access(session, viewer, at)),
        given_access=tuple(_given_access(session, viewer, at)),
        hidden=tuple(hidden(session, viewer, at)),
    )


def projects(session: Session, viewer: Viewer, at: datetime) -> list[Ending]:
    """The open projects that the viewer works in, the first to end first."""
    works = exists().where(
        ProjectMember.project_id == Project.id,
        ProjectMember.user_id == viewer.user_id,
        live(ProjectMember, at),
    )
    query = (
        select(Project.slug, Project.name, Project.ends_at)
        .where(works.correlate(Project), within(Project.starts_at, Project.ends_at, at))
        .order_by(Project.ends_at, Project.name)
    )
    return [Ending(*row) for row in session.execute(query)]


def set_up(session: Session, viewer: Viewer, at: datetime) -> SetUp:
    """What a new organisation has: asked for its owners and administrators alone."""
    others = Grant.team_id.is_not(None) | (Grant.user_id != viewer.user_id)
    row = session.execute(
        select(
            exists(select(Directory.id)),
            exists(select(User.id).where(User.id != viewer.user_id)),
            exists(select(Contact.id)),
            exists(select(Grant.id).where(live(Grant, at), others)),
            exists(select(Device.id)),
        )
    ).one()
    return SetUp(*map(bool, row))


def _phones(session: Session, viewer: Viewer, at: datetime) -> list[OwnPhone]:
    query = select(Device).where(
        Device.user_id == viewer.user_id, Device.emptied_at > at, Device.given_up_at > at
    )
    found = (_phone(device, at) for device in session.scalars(query.order_by(Device.name)))
    return [one for one in found if one is not None]


def _phone(device: Device, at: datetime) -> OwnPhone | None:
    last = device.seen_at or device.enrolled_at
    states = (
        (Need.STOPPING, device.stopped_at, device.stopped_at <= at),
        (Need.NEVER_CONNECTED, device.enrolled_at, device.seen_at is None),
        (Need.SILENT, last, at - last >= UNREACHABLE_AFTER),
    )
    for need, since, holds in states:
        if holds:
            return OwnPhone(device.public_id, device.name, need, since)
    return None


def _own_access(session: Session, viewer: Viewer, at: datetime) -> list[Ending]:
    """The directories to which nothing that he holds lasts beyond the next days."""
    last = func.max(Grant.valid_until)
    query = (
        select(Directory.slug, Directory.name, last)
        .join(Grant, Grant.directory_id == Directory.id)
        .where(live(Grant, at), is_holder(viewer, at))
        .group_by(Directory.id, Directory.slug, Directory.name)
        .having(last <= at + SOON)
        .order_by(last, Directory.name)
    )
    return [Ending(*row) for row in session.execute(query)]


def _given_access(session: Session, viewer: Viewer, at: datetime) -> list[Ending]:
    """The access of others that ends soon in directories that the viewer manages."""
    first = func.min(Grant.valid_until)
    others = Grant.team_id.is_not(None) | (Grant.user_id != viewer.user_id)
    query = (
        select(Directory.slug, Directory.name, first, func.count())
        .join(Grant, Grant.directory_id == Directory.id)
        .where(
            *(live(Grant, at), Grant.valid_until <= at + SOON, others),
            allowed(viewer, Action.MANAGE, at),
        )
        .group_by(Directory.id, Directory.slug, Directory.name)
        .order_by(first, Directory.name)
    )
    return [Ending(*row) for row in session.execute(query)]


def hidden(session: Session, viewer: Viewer, at: datetime) -> list[Hidden]:
    """The contacts without a basis, counted, in directories that the viewer manages."""
    query = (
        select(Directory.slug, Directory.name, func.count())
        .join(Contact, Contact.directory_id == Directory.id)
        .where(
            allowed(viewer, Action.MANAGE, at),
            no_legal_basis(viewer, Channel.PORTAL, at),
            ~erased(viewer, Channel.PORTAL, at),
            ~merged_away(viewer, Channel.PORTAL, at),
        )
        .group_by(Directory.id, Directory.slug, Directory.name)
        .order_by(Directory.name)
    )
    return [Hidden(*row) for row in session.execute(query)]
