"""Something was stopped that nobody asked for: one colleague says so, another one agrees.

What the person pressed himself was never recorded in error. Alone nobody lifts anything.
"""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.errors import Conflict, Invalid, NotFound, Refused
from app.models import (
    Authority,
    RoleName,
    StopDoubt,
    StopEnd,
    Suppression,
    User,
)
from app.policy import Viewer, in_role
from app.services import checks, suppressions
from app.services.audit import Actor, record
from app.tokens import random_name


def doubt(session: Session, actor: Actor, stop: str, reason: str, at: datetime) -> StopDoubt:
    """Say that a suppression was recorded in error, and why; alone it changes nothing.

    Raises NotFound, Invalid without a reason; Refused for who is neither owner nor data
    protection officer, and for what the person pressed himself; Conflict where it counts no
    more. What somebody has said already is given back.
    """
    who = _colleague(session, actor, at)
    row = _stop(session, stop)
    if row.authority is Authority.SUBJECT:
        raise Refused("the person stopped this himself: only he can allow it again")
    if not checks.remark(reason):
        raise Invalid("reason", "it is empty")
    if row.ended_at is not None:
        raise Conflict("it counts no more")
    waits = (StopDoubt.suppression_id == row.id, StopDoubt.answered_at.is_(None))
    said = session.scalars(select(StopDoubt).where(*waits)).first()
    if said is not None:
        return said
    made = StopDoubt(
        public_id=random_name(),
        suppression_id=row.id,
        reason=checks.remark(reason),
        asked_by_id=who,
        asked_at=at,
    )
    session.add(made)
    session.flush()
    record(session, actor, "suppression.doubt", ("suppression", row.id), at)
    return made


def answer(session: Session, actor: Actor, name: str, at: datetime, *, agrees: bool) -> None:
    """Agree, which ends it with all that stand for the same act; or not, which leaves it.

    Raises NotFound; Refused for who is neither owner nor officer, and for who said it himself;
    Conflict where it is answered otherwise. The same answer again is no error.
    """
    who = _colleague(session, actor, at)
    query = select(StopDoubt).where(StopDoubt.public_id == name).with_for_update()
    row = session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise NotFound("nobody said that")
    if row.asked_by_id == who:
        raise Refused("somebody else has to agree")
    if row.answered_at is not None:
        if row.is_agreed is not agrees:
            raise Conflict("somebody else was faster; please look again")
        return
    row.answered_by_id, row.answered_at, row.is_agreed = who, at, agrees
    said = "suppression.agree" if agrees else "suppression.disagree"
    record(session, actor, said, ("suppression", row.suppression_id), at)
    if agrees:
        suppressions.end(session, actor, _same_act(session, row), StopEnd.ERROR, at)
    session.flush()


def _same_act(session: Session, row: StopDoubt) -> list[Suppression]:
    stop = session.get_one(Suppression, row.suppression_id)
    query = select(Suppression).where(
        or_(
            Suppression.id == stop.id,
            (Suppression.event_id == stop.event_id) & Suppression.event_id.is_not(None),
        ),
        Suppression.ended_at.is_(None),
    )
    return list(session.scalars(query.order_by(Suppression.id).with_for_update()))


def _stop(session: Session, name: str) -> Suppression:
    query = select(Suppression).where(Suppression.public_id == name).with_for_update()
    row = session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        raise NotFound("nothing of that name is stopped")
    return row


def _colleague(session: Session, actor: Actor, at: datetime) -> int:
    if actor.user_id is None:
        raise Refused("this needs two colleagues by name: say who with --as")
    may = in_role(Viewer(actor.user_id), RoleName.OWNER, RoleName.DPO, at=at)
    if session.scalar(select(User.id).where(User.id == actor.user_id, may)) is None:
        raise Refused("only owners and the data protection officer may say that")
    return actor.user_id
