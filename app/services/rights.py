"""Whether the one who does may do it: asked by every command that opens something."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound, Refused
from app.models import Directory
from app.policy import Action, Viewer, allowed
from app.services.audit import Actor

_WORDS = {
    Action.EDIT: "change its contacts",
    Action.EXPORT: "hand out its contacts",
    Action.MANAGE: "decide who has access",
    Action.SHARE: "share its contacts in projects",
    Action.SYNC: "have its contacts on a phone",
}


def demand(
    session: Session, actor: Actor, action: Action, directory_id: int, at: datetime
) -> Directory:
    """The directory, where the actor may do this with it; the operator may do everything.

    Raises NotFound where there is no such directory, Refused where a user lacks the right.
    """
    home = session.get(Directory, directory_id)
    if home is None:
        raise NotFound("there is no such directory")
    if actor.user_id is not None:
        viewer = Viewer(actor.user_id)
        held = select(Directory.id).where(Directory.id == home.id, allowed(viewer, action, at))
        if session.scalar(held) is None:
            raise Refused(f"the directory {home.slug} does not let you {_WORDS[action]}")
    return home
