"""What a user is told while he sets up a device: what will go there, and how far it has come."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.models import Book, Device, Holding, Organisation, Project, ProjectMember, Reader
from app.models.kinds import HoldingKind, Profile
from app.policy import Channel, Viewer
from app.policy.visibility import live, within
from app.queries import contacts


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a device has come: heard from, given a list, bodies fetched of those it may have."""

    seen_at: datetime | None
    has_list: bool
    fetched: int
    total: int

    @property
    def is_done(self) -> bool:
        """Whether it has everything."""
        return self.has_list and self.fetched >= self.total


def for_new_device(session: Session, viewer: Viewer, at: datetime) -> dict[Profile, int]:
    """How many contacts a new device of the viewer's would get, by how much of each."""
    there = contacts.members(viewer, Channel.CARDDAV, at).subquery()
    query = select(there.c.profile, func.count()).group_by(there.c.profile)
    counts = {Profile(level): count for level, count in session.execute(query).all()}
    return dict(sorted(counts.items()))


def kept_off(session: Session, viewer: Viewer, at: datetime) -> list[str]:
    """The open projects in which the viewer works and whose contacts stay in the portal."""
    query = (
        select(Project.name)
        .join(ProjectMember, ProjectMember.project_id == Project.id)
        .where(
            ProjectMember.user_id == viewer.user_id,
            live(ProjectMember, at),
            Project.allows_sync.is_(False),
            within(Project.starts_at, Project.ends_at, at),
        )
    )
    return sorted(set(session.scalars(query)))


def phone_policy(session: Session) -> str:
    """The rules for phones as the organisation wrote them; "" where it wrote none."""
    query = select(Organisation.phone_policy).order_by(Organisation.id).limit(1)
    return session.scalar(query) or ""


def names(session: Session, user_id: int, at: datetime) -> dict[str, str]:
    """What the devices of a user are called that nobody gave up on: their public ids by name."""
    query = select(Device.name, Device.public_id).where(
        Device.user_id == user_id, Device.given_up_at > at
    )
    return {name.casefold(): public_id for name, public_id in session.execute(query)}


def progress(session: Session, device_id: int) -> Progress:
    """How far the device has come, from what it was given."""
    books = select(Book.id).where(Book.device_id == device_id)
    seen_at = session.scalar(select(Device.seen_at).where(Device.id == device_id))
    given = or_(Reader.told_seq >= 0, Reader.listed_seq >= 0)
    listed = select(Reader.id).where(Reader.book_id.in_(books), given).limit(1)
    held = select(func.count(Holding.fetched_at), func.count()).where(
        Holding.book_id.in_(books),
        Holding.kind == HoldingKind.CARD,
        Holding.closed_seq.is_(None),
    )
    fetched, total = session.execute(held).one()
    has_list = session.scalar(listed) is not None
    return Progress(seen_at, has_list, fetched, total)
