"""Access without an end: once a year somebody says that it is still right, or ends it."""

from datetime import datetime

from sqlalchemy.orm import Session

from app.errors import NotFound, Refused
from app.models import AccessReview, Grant
from app.policy import Action
from app.services.audit import Actor, record
from app.services.rights import demand


def confirm(session: Session, actor: Actor, grant_id: int, at: datetime) -> AccessReview:
    """Say that a grant is still right: it goes on, and is asked about again in a year.

    Raises Refused where the actor does not manage the directory or the grant is over, NotFound.
    """
    grant = session.get(Grant, grant_id)
    if grant is None:
        raise NotFound("there is no such grant")
    demand(session, actor, Action.MANAGE, grant.directory_id, at)
    if grant.valid_until <= at:
        raise Refused("this grant is over: give a new one")
    row = AccessReview(grant_id=grant.id, user_id=actor.user_id, reviewed_at=at)
    session.add(row)
    record(session, actor, "grant.review", ("grant", grant.id), at)
    session.flush()
    return row
