"""Who processes data for the organisation."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models import Processor


@dataclass(frozen=True, slots=True)
class ProcessorLine:
    """One of them; `valid_until` is FOREVER where there is no end."""

    id: str
    name: str
    task: str
    place: str
    transfer: str
    contract: str
    valid_from: datetime
    valid_until: datetime


def everything(session: Session) -> list[ProcessorLine]:
    """All of them by name, also those that were ended."""
    rows = session.scalars(select(Processor).order_by(Processor.name, Processor.id))
    return [
        ProcessorLine(
            id=row.public_id,
            name=row.name,
            task=row.task,
            place=row.place,
            transfer=row.transfer,
            contract=row.contract,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
        )
        for row in rows
    ]


def present(session: Session, at: datetime) -> list[ProcessorLine]:
    """Those who process data now."""
    return [one for one in everything(session) if one.valid_from <= at < one.valid_until]
