"""The register of those who process data on our behalf: added, ended, never deleted."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Invalid, NotFound
from app.models import Processor
from app.services import checks
from app.services.audit import Actor, record
from app.tokens import random_name


@dataclass(frozen=True, slots=True)
class NewProcessor:
    """Who does what for us, and where.

    `transfer` is the ground on which data leave the European Economic Area, `contract` the one
    of GDPR Art. 28 by its name; `since` is None for now.
    """

    name: str
    task: str
    place: str
    transfer: str = ""
    contract: str = ""
    since: datetime | None = None


def add(session: Session, actor: Actor, new: NewProcessor, at: datetime) -> Processor:
    """Put one into the register. Raises Invalid."""
    row = Processor(
        public_id=random_name(),
        name=checks.name(new.name),
        task=checks.name(new.task, "task"),
        place=checks.name(new.place, "place"),
        transfer=checks.remark(new.transfer),
        contract=checks.remark(new.contract),
        added_by_id=actor.user_id,
        created_at=at,
        valid_from=new.since or at,
    )
    session.add(row)
    session.flush()
    record(session, actor, "processor.add", ("processor", row.id), at)
    return row


def end(
    session: Session, actor: Actor, public_id: str, at: datetime, *, until: datetime | None = None
) -> Processor:
    """Let one process no more from `until` (else `at`) on; the first end counts.

    Raises NotFound; Invalid for an end before the beginning.
    """
    row = session.scalar(select(Processor).where(Processor.public_id == public_id))
    if row is None:
        raise NotFound("there is no such processor")
    when = until or at
    if when < row.valid_from:
        raise Invalid("until", "it ends before it begins")
    row.valid_until = min(row.valid_until, when)
    record(session, actor, "processor.end", ("processor", row.id), at)
    session.flush()
    return row
