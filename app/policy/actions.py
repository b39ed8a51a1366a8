"""Who may do what with a directory beyond seeing its contacts: clauses over Directory."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, not_
from sqlalchemy.orm import InstrumentedAttribute

from app.models import Directory, Grant, Suspension, SuspensionKind
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
    disabled = exists().where(
        Suspension.user_id == viewer.user_id,
        Suspension.kind == SuspensionKind.DISABLED,
        live(Suspension, at),
    )
    grant = exists().where(
        Grant.directory_id == Directory.id,
        live(Grant, at),
        _RIGHT[action],
        is_holder(viewer, at),
        Grant.scope == Scope.ALL,
    )
    return and_(grant.correlate(Directory), not_(disabled))
