"""Who may do what beyond seeing contacts: clauses over Directory and Project, and roles."""

from datetime import datetime

from sqlalchemy import ColumnElement, Exists, and_, exists, not_, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.models import (
    Directory,
    Grant,
    Project,
    ProjectMember,
    RoleName,
    Suspension,
    SuspensionKind,
    UserRole,
)
from app.models.kinds import Scope
from app.policy.viewer import Action, Viewer
from app.policy.visibility import is_holder, live

_RIGHT: dict[Action, InstrumentedAttribute[bool]] = {
    Action.EDIT: Grant.can_edit,
    Action.SYNC: Grant.can_sync,
    Action.EXPORT: Grant.can_export,
    Action.MANAGE: Grant.can_manage,
    # Adding a contact to a project is a grant, and nothing received can be passed on.
    Action.SHARE: Grant.can_manage,
}


def allowed(viewer: Viewer, action: Action, at: datetime) -> ColumnElement[bool]:
    """Whether a Directory gives the viewer this right as a whole: live grant, live account.

    A grant on assigned contacts only is no right over the directory.
    """
    grant = exists().where(
        Grant.directory_id == Directory.id,
        live(Grant, at),
        _RIGHT[action],
        is_holder(viewer, at),
        Grant.scope == Scope.ALL,
    )
    return and_(grant.correlate(Directory), not_(_disabled(viewer, at)))


def in_role(viewer: Viewer, *roles: RoleName, at: datetime) -> ColumnElement[bool]:
    """Whether the viewer has one of these roles and a live account; no role shows a contact."""
    held = exists().where(UserRole.user_id == viewer.user_id, UserRole.role.in_(roles))
    return and_(held, not_(_disabled(viewer, at)))


def oversees_directory(viewer: Viewer, at: datetime) -> ColumnElement[bool]:
    """Whether he may know who has access to a Directory: who manages it, owners, the DPO."""
    return or_(
        allowed(viewer, Action.MANAGE, at),
        in_role(viewer, RoleName.OWNER, RoleName.DPO, at=at),
    )


def closes_directory(viewer: Viewer, at: datetime) -> ColumnElement[bool]:
    """Whether he may end anybody's access to a Directory: who manages it, and owners."""
    return or_(
        allowed(viewer, Action.MANAGE, at),
        in_role(viewer, RoleName.OWNER, at=at),
    )


def knows_directory(viewer: Viewer, at: datetime) -> ColumnElement[bool]:
    """Whether he may know that a Directory is there: any live grant on it, or he oversees it."""
    grant = exists().where(
        Grant.directory_id == Directory.id, live(Grant, at), is_holder(viewer, at)
    )
    granted = and_(grant.correlate(Directory), not_(_disabled(viewer, at)))
    return or_(granted, oversees_directory(viewer, at))


def begins_projects(viewer: Viewer, at: datetime) -> ColumnElement[bool]:
    """Whether he may begin a project: owners, and who manages some directory."""
    manages = exists(select(Directory.id).where(allowed(viewer, Action.MANAGE, at)))
    return or_(manages, in_role(viewer, RoleName.OWNER, at=at))


def steers_project(viewer: Viewer, at: datetime) -> ColumnElement[bool]:
    """Whether he decides about a Project: who leads it, and owners."""
    lead = _works_in(viewer, at).where(ProjectMember.is_lead)
    return or_(
        and_(lead.correlate(Project), not_(_disabled(viewer, at))),
        in_role(viewer, RoleName.OWNER, at=at),
    )


def oversees_project(viewer: Viewer, at: datetime) -> ColumnElement[bool]:
    """Whether he may know what a Project gave to whom: who steers it, and the DPO."""
    return or_(steers_project(viewer, at), in_role(viewer, RoleName.DPO, at=at))


def knows_project(viewer: Viewer, at: datetime) -> ColumnElement[bool]:
    """Whether he may know that a Project is there: who works in it, or oversees it."""
    works = and_(_works_in(viewer, at).correlate(Project), not_(_disabled(viewer, at)))
    return or_(works, oversees_project(viewer, at))


def _works_in(viewer: Viewer, at: datetime) -> Exists:
    return exists().where(
        ProjectMember.project_id == Project.id,
        ProjectMember.user_id == viewer.user_id,
        live(ProjectMember, at),
    )


def _disabled(viewer: Viewer, at: datetime) -> ColumnElement[bool]:
    return exists().where(
        Suspension.user_id == viewer.user_id,
        Suspension.kind == SuspensionKind.DISABLED,
        live(Suspension, at),
    )
