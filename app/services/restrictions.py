"""Contacts that may only be stored (GDPR Art. 18): shut away at once, let out after telling them.

Shutting away is never refused and can be repeated. Letting out opens, so it needs a reason,
somebody who may, and that the person was told before (Art. 18(3)).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.catalogues import OF_THE_OUTSIDE
from app.db import FOREVER
from app.errors import Invalid, NotFound, Refused
from app.letters import compose, spoken
from app.models import Contact, ContactPoint, Directory, Erasure, Restriction
from app.models.kinds import PointKind
from app.policy import Viewer, closes_directory
from app.services import checks, outbox
from app.services.audit import Actor, record
from app.services.outbox import Cause
from app.services.posting import sender_of

NOTICE = timedelta(days=3)
"""So long before its end a person is told by mail that his restriction is lifted."""

CAUSE = "restriction"


@dataclass(frozen=True, slots=True)
class Release:
    """When a restriction ends, and the address that was told; "" where a colleague told him."""

    ends_at: datetime
    told: str


def restrict(session: Session, actor: Actor, contact_id: int, reason: str, at: datetime) -> None:
    """Let a contact only be stored from now on; one that is shut away already stays so.

    Raises NotFound, Invalid without a reason.
    """
    words = checks.remark(reason)
    if not words:
        raise Invalid("reason", "it is empty")
    _contact(session, contact_id)
    running = _live(session, contact_id, at)
    for row in running:
        row.valid_until = FOREVER
    if not running:
        session.add(Restriction(contact_id=contact_id, reason=words, valid_from=at))
    record(session, actor, "contact.restrict", ("contact", contact_id), at)
    session.flush()


def release(  # noqa: PLR0913 - who lets it out, why, and how the person was told
    session: Session,
    actor: Actor,
    contact_id: int,
    reason: str,
    told: str,
    zone: ZoneInfo,
    at: datetime,
    *,
    language: str = "",
) -> Release:
    """Let a contact be used again: at once where a colleague `told` him, else after our mail.

    An erasure that still waits for phones is called off. Raises NotFound, Invalid without a
    reason; Refused for who decides nothing about the directory, where nothing is restricted, and
    where nobody told him and no address is known.
    """
    words = checks.remark(reason)
    if not words:
        raise Invalid("reason", "it is empty")
    contact = _contact(session, contact_id)
    demand_closer(session, actor, contact.directory_id, at)
    running = _live(session, contact_id, at)
    if not running:
        raise Refused("nothing is restricted here")
    address = "" if checks.remark(told) else address_of(session, contact_id)
    if not address and not checks.remark(told):
        raise Refused("no e-mail address is known: say how the person was told")
    ends_at = at + NOTICE if address else at
    for row in running:
        row.valid_until = min(row.valid_until, ends_at)
        row.lift_reason = " · ".join(filter(None, (words, checks.remark(told))))
    waiting = update(Erasure).where(Erasure.contact_id == contact_id, Erasure.ended_at > at)
    session.execute(waiting.values(ended_at=at), execution_options={"synchronize_session": False})
    if address:
        values = {"day": ends_at.astimezone(zone).date()}
        letter = compose(
            "public/restriction_ends",
            spoken(language, among=OF_THE_OUTSIDE),
            sender_of(session, at),
            values,
        )
        outbox.write_to(session, address, letter, Cause(CAUSE), at)
    record(session, actor, "contact.release", ("contact", contact_id), at, waits=bool(address))
    session.flush()
    return Release(ends_at, address)


def address_of(session: Session, contact_id: int) -> str:
    """The e-mail address at which we write to a contact, "" where none is known."""
    query = (
        select(ContactPoint.value)
        .where(
            ContactPoint.contact_id == contact_id,
            ContactPoint.kind == PointKind.EMAIL,
            ContactPoint.norm != "",
        )
        .order_by(ContactPoint.is_preferred.desc(), ContactPoint.position, ContactPoint.id)
    )
    return session.scalar(query.limit(1)) or ""


def demand_closer(session: Session, actor: Actor, directory_id: int, at: datetime) -> None:
    """Raises Refused where a user acts who neither manages this directory nor is an owner."""
    if actor.user_id is None:
        return
    may = closes_directory(Viewer(actor.user_id), at)
    held = select(Directory.id).where(Directory.id == directory_id, may)
    if session.scalar(held) is None:
        raise Refused("who manages the directory decides that, and owners")


def _contact(session: Session, contact_id: int) -> Contact:
    held = select(Contact).where(Contact.id == contact_id).with_for_update(key_share=True)
    row = session.scalar(held)
    if row is None:
        raise NotFound("there is no such contact")
    return row


def _live(session: Session, contact_id: int, at: datetime) -> Sequence[Restriction]:
    query = select(Restriction).where(
        Restriction.contact_id == contact_id,
        Restriction.valid_from <= at,
        Restriction.valid_until > at,
    )
    return session.scalars(query.order_by(Restriction.id)).all()
