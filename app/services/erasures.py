"""Erasing a contact: hidden at once, made empty when every phone gave it back or is given up.

While phones still show a card, what it says is needed to answer for a lost one. Nobody waits for
ever: a device can be given up, and who orders may say not to wait.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Sessions
from app.errors import Invalid, NotFound, Refused
from app.models import Contact, Erasure, StopGround
from app.queries import erasures as readers
from app.services import checks, contact_rows, erasing, restrictions, suppressions
from app.services.audit import SYSTEM, Actor, record

_REASON = "erasure"


@dataclass(frozen=True, slots=True)
class Order:
    """Why a contact is erased; `despite` a contract or a law, `at_once` without the phones."""

    reason: str
    despite: bool = False
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class Ordered:
    """When it was made empty; None while it waits for phones."""

    erased_at: datetime | None


def begin(session: Session, actor: Actor, contact_id: int, order: Order, at: datetime) -> Ordered:
    """Hide a contact and let it be erased; at once where no phone has it. Twice is no error.

    From now on no file brings the person back, and nothing is sent to him for advertising.
    Raises NotFound, Invalid without a reason; Refused for who decides nothing about the
    directory, and where a contract or a law says to keep it and nobody takes that on himself.
    """
    words = checks.remark(order.reason)
    if not words:
        raise Invalid("reason", "it is empty")
    contact_rows.lock(session, [contact_id])
    contact = session.get(Contact, contact_id, populate_existing=True)
    if contact is None or contact.erased_at <= at:
        raise NotFound("there is no such contact")
    restrictions.demand_closer(session, actor, contact.directory_id, at)
    against = readers.plan(session, contact_id, at).against
    if against and not order.despite:
        raise Refused(f"it is still kept for {' and '.join(against)}")
    restrictions.restrict(session, actor, contact_id, _REASON, at)
    open_orders = select(Erasure).where(Erasure.contact_id == contact_id, Erasure.ended_at > at)
    if session.scalar(open_orders.limit(1)) is None:
        row = Erasure(
            contact_id=contact_id,
            user_id=actor.user_id,
            reason=words,
            despite=order.despite,
            ordered_at=at,
        )
        session.add(row)
        never_again = (suppressions.NO_RETURN, StopGround.ERASURE)
        suppressions.suppress_contact(session, actor, contact_id, *never_again, at)
    record(session, actor, "contact.erase", ("contact", contact_id), at, at_once=order.at_once)
    session.flush()
    if order.at_once or not readers.owing(session, contact_id, at):
        _finish(session, actor, contact_id, at)
        return Ordered(at)
    return Ordered(None)


def finish_due(sessions: Sessions, at: datetime) -> int:
    """Make empty every contact whose erasure waits for no phone any more; how many."""
    with sessions.read() as session:
        found = readers.waiting(session, at)
        ready = [one for one in found if not readers.owing(session, one, at)]
    for contact_id in ready:
        with sessions.write() as session:
            contact_rows.lock(session, [contact_id])
            if contact_id in readers.waiting(session, at):
                _finish(session, SYSTEM, contact_id, at)
    return len(ready)


def _finish(session: Session, actor: Actor, contact_id: int, at: datetime) -> None:
    orders = select(Erasure).where(Erasure.contact_id == contact_id, Erasure.ended_at > at)
    for row in session.scalars(orders):
        row.ended_at = at
    erasing.empty(session, [contact_id], at)
    record(session, actor, "contact.erased", ("contact", contact_id), at)
    session.flush()
