"""The end of a device: empty once every program behind its password has proved it.

Its password dies then and not before: a 401 any earlier would strand every card on the phone.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import FOREVER
from app.models import Book, Device, Holding
from app.models.kinds import HoldingKind
from app.queries import proofs
from app.queries.proofs import Proof
from app.services import audit
from app.services.audit import Actor


def finish(session: Session, device_id: int, at: datetime) -> None:
    """Note that a stopped device is empty, where it is proved; also where it never read."""
    device = session.get_one(Device, device_id)
    if device.stopped_at > at or device.emptied_at != FOREVER:
        return
    books = session.scalars(select(Book.id).where(Book.device_id == device_id)).all()
    if not all(_is_empty(session, book_id, at) for book_id in books):
        return
    device.emptied_at = at
    audit.record(session, audit.SYSTEM, "device.emptied", ("device", device_id), at)


def _is_empty(session: Session, book_id: int, at: datetime) -> bool:
    """Whether nothing was ever read from the book, or all that was is proved to be gone."""
    programs = proofs.programs(session, book_id, at)
    fetched = Holding.fetched_at.is_not(None)
    rows = session.execute(
        select(Holding.opened_seq, Holding.closed_seq, Holding.is_gone, fetched)
        .where(Holding.book_id == book_id, Holding.kind == HoldingKind.CARD)
        .order_by(Holding.id)
    ).all()
    was_read = any(program.has_read for program in programs) or any(row[3] for row in rows)
    return not was_read or all(_is_proved(programs, *row) for row in rows)


def _is_proved(
    programs: list[proofs.Program],
    opened: int,
    closed: int | None,
    is_gone: bool,  # noqa: FBT001 - a column of the row that is passed on whole
    was_fetched: bool,  # noqa: FBT001 - a column of the row that is passed on whole
) -> bool:
    """Whether every program that was shown this value has proved that it dropped it.

    A value that somebody fetched and no program was shown proves nothing of anybody.
    """
    if closed is None:
        return False
    if not is_gone:
        return True
    offered = proofs.offered_to(programs, opened, closed)
    if not offered:
        return not was_fetched
    return all(program.proof(closed) is Proof.CONFIRMED for program in offered)


def set_up_again(session: Session, actor: Actor, device_id: int, at: datetime) -> int:
    """Record the owner's word that readers silent since another began were its past.

    Answers how many; none is no error. One that is heard from again counts for itself again.
    """
    books = session.scalars(select(Book.id).where(Book.device_id == device_id)).all()
    replaced = [
        reader for book in books for reader in proofs.silent(proofs.readers_of(session, book))
    ]
    for reader in replaced:
        reader.replaced_at = at
    session.flush()
    if replaced:
        count = len(replaced)
        subject = ("device", device_id)
        audit.record(session, actor, "device.set-up-again", subject, at, readers=count)
        finish(session, device_id, at)
    return len(replaced)
