"""Projects: time-bound cooperation that crosses directories and ends."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Conflict, NotFound
from app.models import Contact, Participation, Project, ProjectMember
from app.models.kinds import Profile
from app.policy import Action
from app.services import accounts, checks, grants, periods
from app.services.audit import Actor, record
from app.services.rights import demand


@dataclass(frozen=True, slots=True)
class NewProject:
    """A project to be added; on phones it shows callers unless `fields` says more."""

    slug: str
    name: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    allows_sync: bool = False
    fields: str = Profile.CALLER.name.lower()


def add(session: Session, actor: Actor, new: NewProject, at: datetime) -> Project:
    """Add a project. Raises Invalid, or Conflict where the slug is taken."""
    starts_at, ends_at = checks.period(new.starts_at, new.ends_at, at)
    row = Project(
        slug=checks.slug(new.slug),
        name=checks.name(new.name),
        allows_sync=new.allows_sync,
        fields=int(grants.profile_named(new.fields)),
        starts_at=starts_at,
        ends_at=ends_at,
        created_at=at,
    )
    if session.scalar(select(Project.id).where(Project.slug == row.slug)) is not None:
        raise Conflict(f"the project {row.slug} is there already")
    session.add(row)
    session.flush()
    record(session, actor, "project.add", ("project", row.id), at, allows_sync=row.allows_sync)
    return row


def set_member(  # noqa: PLR0913 - a membership has that many facts
    session: Session,
    actor: Actor,
    project_id: int,
    user_id: int,
    at: datetime,
    *,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> ProjectMember:
    """Let a user work in a project in this period, and from now on in no other.

    Raises Refused for a disabled user, Invalid for a period that ends before it begins.
    """
    span = checks.period(valid_from, valid_until, at)
    project, user = _project(session, project_id), accounts.active_user(session, user_id, at)

    def make(start: datetime, until: datetime) -> ProjectMember:
        made = ProjectMember(
            project_id=project.id, user_id=user.id, valid_from=start, valid_until=until
        )
        session.add(made)
        return made

    row = periods.settle(_memberships(session, project.id, user.id, at), span, at, make)
    record(session, actor, "project.set_member", ("project", project.id), at, user=user.id)
    session.flush()
    return row


def end_member(session: Session, actor: Actor, project_id: int, user_id: int, at: datetime) -> None:
    """Let a user work in a project no longer; one who does not is no error."""
    periods.end(_memberships(session, project_id, user_id, at), at)
    record(session, actor, "project.end_member", ("project", project_id), at, user=user_id)
    session.flush()


def set_contact(  # noqa: PLR0913 - a participation has that many facts
    session: Session,
    actor: Actor,
    project_id: int,
    contact_id: int,
    at: datetime,
    *,
    role: str | None = None,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> Participation:
    """Let a contact take part in a project in this period, and from now on in no other.

    This opens the contact to every member, so it needs the right to share it: nothing
    received can be passed on. Raises Refused, Invalid, NotFound.
    """
    span = checks.period(valid_from, valid_until, at)
    project, contact = _project(session, project_id), session.get(Contact, contact_id)
    if contact is None or contact.erased_at <= at:
        raise NotFound("there is no such contact")
    demand(session, actor, Action.SHARE, contact.directory_id, at)

    def make(start: datetime, until: datetime) -> Participation:
        made = Participation(
            project_id=project.id, contact_id=contact_id, valid_from=start, valid_until=until
        )
        session.add(made)
        return made

    row = periods.settle(_participations(session, project.id, contact_id, at), span, at, make)
    if role is not None:
        row.role = checks.remark(role)
    record(session, actor, "project.set_contact", ("project", project.id), at, contact=contact_id)
    session.flush()
    return row


def end_contact(
    session: Session, actor: Actor, project_id: int, contact_id: int, at: datetime
) -> None:
    """Let a contact take part no longer; one that does not is no error."""
    periods.end(_participations(session, project_id, contact_id, at), at)
    record(session, actor, "project.end_contact", ("project", project_id), at, contact=contact_id)
    session.flush()


def end(session: Session, actor: Actor, project_id: int, at: datetime) -> Project:
    """End a project now; one that is over keeps its earlier end. Raises NotFound."""
    row = _project(session, project_id)
    session.refresh(row, with_for_update={"key_share": True})
    if row.ends_at > at:
        row.ends_at = max(at, row.starts_at)
    record(session, actor, "project.end", ("project", row.id), at)
    session.flush()
    return row


def _project(session: Session, project_id: int) -> Project:
    row = session.get(Project, project_id)
    if row is None:
        raise NotFound("there is no such project")
    return row


def _memberships(
    session: Session, project_id: int, user_id: int, at: datetime
) -> list[ProjectMember]:
    where = (ProjectMember.project_id == project_id, ProjectMember.user_id == user_id)
    return list(periods.unfinished(session, ProjectMember, at, *where))


def _participations(
    session: Session, project_id: int, contact_id: int, at: datetime
) -> list[Participation]:
    where = (Participation.project_id == project_id, Participation.contact_id == contact_id)
    return list(periods.unfinished(session, Participation, at, *where))
