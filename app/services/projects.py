"""Projects: time-bound cooperation that crosses directories and ends."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Conflict, Invalid, NotFound, Refused
from app.models import Participation, Project, ProjectMember
from app.models.kinds import Profile
from app.policy import Viewer, begins_projects, steers_project
from app.services import accounts, checks, grants, periods, several, slugs
from app.services.audit import Actor, record


@dataclass(frozen=True, slots=True)
class NewProject:
    """A project to be added; on phones it shows callers unless `fields` says more.

    A slug of "" is made from the name; who adds it leads it, unless another is named.
    """

    slug: str
    name: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    allows_sync: bool = False
    fields: str = Profile.CALLER.name.lower()
    lead_id: int | None = None


def add(session: Session, actor: Actor, new: NewProject, at: datetime) -> Project:
    """Add a project with its lead. Raises Refused, Invalid, Conflict for a taken slug."""
    _may_begin(session, actor, at)
    starts_at, ends_at = checks.period(new.starts_at, new.ends_at, at)
    taken = set(session.scalars(select(Project.slug)))
    row = Project(
        slug=checks.slug(new.slug or slugs.made_from(new.name, taken, "project")),
        name=checks.name(new.name),
        allows_sync=new.allows_sync,
        fields=int(grants.profile_named(new.fields)),
        starts_at=starts_at,
        ends_at=ends_at,
        created_at=at,
    )
    if row.slug in taken:
        raise Conflict(f"the project {row.slug} is there already")
    session.add(row)
    session.flush()
    lead = actor.user_id if new.lead_id is None else new.lead_id
    if lead is not None:
        leads = {"user_id": lead, "is_lead": True, "valid_from": min(at, starts_at)}
        session.add(ProjectMember(project_id=row.id, **leads))
    record(session, actor, "project.add", ("project", row.id), at, allows_sync=row.allows_sync)
    session.flush()
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
    is_lead: bool | None = None,
) -> ProjectMember:
    """Let a user work in a project in this period, and from now on in no other.

    `is_lead` says whether he decides about it too, None leaves that as it is. Raises Refused
    for a disabled user and for an actor who does not decide here, Invalid for a period that
    ends before it begins.
    """
    span = checks.period(valid_from, valid_until, at)
    project = _steered(session, actor, project_id, at)
    user = accounts.active_user(session, user_id, at)

    def make(start: datetime, until: datetime) -> ProjectMember:
        made = ProjectMember(
            project_id=project.id, user_id=user.id, valid_from=start, valid_until=until
        )
        session.add(made)
        return made

    row = periods.settle(_memberships(session, project.id, user.id, at), span, at, make)
    if is_lead is not None:
        row.is_lead = is_lead
    detail = {"user": user.id, "is_lead": bool(row.is_lead)}
    record(session, actor, "project.set_member", ("project", project.id), at, **detail)
    session.flush()
    return row


def make_lead(session: Session, actor: Actor, project_id: int, user_id: int, at: datetime) -> None:
    """Let a member decide about the project too, as long as he works in it.

    Raises NotFound for who does not work in it, Refused where the actor does not decide here.
    """
    project = _steered(session, actor, project_id, at)
    rows = _memberships(session, project.id, user_id, at)
    if not rows:
        raise NotFound("he does not work in this project")
    for row in rows:
        row.is_lead = True
    record(session, actor, "project.make_lead", ("project", project.id), at, user=user_id)
    session.flush()


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
    subject = (session, actor, project_id, [contact_id], at)
    (row,) = several.set_contacts(
        *subject, role=role, valid_from=valid_from, valid_until=valid_until
    )
    return row


def end_contact(
    session: Session, actor: Actor, project_id: int, contact_id: int, at: datetime
) -> None:
    """Let a contact take part no longer; one that does not is no error."""
    periods.end(_participations(session, project_id, contact_id, at), at)
    record(session, actor, "project.end_contact", ("project", project_id), at, contact=contact_id)
    session.flush()


def end(
    session: Session,
    actor: Actor,
    project_id: int,
    at: datetime,
    *,
    ends_at: datetime | None = None,
    note: str = "",
) -> Project:
    """End a project now, or then; one that ends earlier keeps its end. Raises NotFound."""
    row = _locked(session, project_id)
    until = max(ends_at or at, at, row.starts_at)
    if row.ends_at > until:
        row.ends_at, row.end_note = until, checks.remark(note)
    record(session, actor, "project.end", ("project", row.id), at, ends=row.ends_at.isoformat())
    session.flush()
    return row


def extend(
    session: Session, actor: Actor, project_id: int, ends_at: datetime, reason: str, at: datetime
) -> Project:
    """Let a project that is not over end later.

    What takes part stays open for longer, so it asks a reason and who decides about the
    project. Raises Refused, Conflict for one that is over, Invalid without a reason or where
    the end does not come later.
    """
    _steered(session, actor, project_id, at)
    row, why = _locked(session, project_id), checks.remark(reason)
    if row.ends_at <= at:
        raise Conflict(f"the project {row.slug} is over")
    if not why:
        raise Invalid("reason", "it is empty")
    if ends_at <= row.ends_at:
        raise Invalid("until", "it is not later than the present end")
    detail = {"before": row.ends_at.isoformat(), "ends": ends_at.isoformat()}
    row.ends_at, row.end_note = ends_at, why
    record(session, actor, "project.extend", ("project", row.id), at, **detail)
    session.flush()
    return row


def keep_off_phones(session: Session, actor: Actor, project_id: int, at: datetime) -> None:
    """Take the contacts of a project off all phones; asks nothing, and twice is no error."""
    row = _locked(session, project_id)
    row.allows_sync = False
    record(session, actor, "project.keep_off_phones", ("project", row.id), at)
    session.flush()


def let_onto_phones(
    session: Session, actor: Actor, project_id: int, reason: str, at: datetime
) -> None:
    """Let the contacts of an open project go to the phones of who works in it.

    Raises Refused for who does not decide about it, Conflict for one that is over, Invalid
    without a reason.
    """
    _steered(session, actor, project_id, at)
    row, why = _locked(session, project_id), checks.remark(reason)
    if row.ends_at <= at:
        raise Conflict(f"the project {row.slug} is over")
    if not why:
        raise Invalid("reason", "it is empty")
    row.allows_sync = True
    detail = {"reason": why}
    record(session, actor, "project.let_onto_phones", ("project", row.id), at, **detail)
    session.flush()


def _may_begin(session: Session, actor: Actor, at: datetime) -> None:
    if actor.user_id is None:
        return
    if not session.scalar(select(begins_projects(Viewer(actor.user_id), at))):
        raise Refused("only owners and who manages a directory begin projects")


def _locked(session: Session, project_id: int) -> Project:
    row = _project(session, project_id)
    session.refresh(row, with_for_update={"key_share": True})
    return row


def _steered(session: Session, actor: Actor, project_id: int, at: datetime) -> Project:
    """The project, where the actor decides about it; the operator decides about every one."""
    row = _project(session, project_id)
    if actor.user_id is not None:
        asked = select(Project.id).where(
            Project.id == row.id, steers_project(Viewer(actor.user_id), at)
        )
        if session.scalar(asked) is None:
            raise Refused(f"who leads the project {row.slug} decides about it")
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
