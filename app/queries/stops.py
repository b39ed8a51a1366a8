"""What is stopped, as colleagues read it: never an address, for nobody has it here."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.db import FOREVER
from app.models import Authority, Purpose, StopDoubt, StopScope, Suppression, User

MOST = 200


@dataclass(frozen=True, slots=True)
class Doubt:
    """That a colleague says it was recorded in error; `is_mine` for whoever asks."""

    id: str
    reason: str
    by: str
    at: datetime
    is_mine: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One suppression; `what` is the purpose, empty for all marketing."""

    id: str
    point: str
    scope: str
    what: str
    media: tuple[str, ...]
    ground: str
    by: str
    since: datetime
    until: datetime | None
    ended_at: datetime | None
    ended_why: str
    doubt: Doubt | None

    @property
    def may_be_error(self) -> bool:
        """Whether two colleagues could say that it was recorded in error."""
        return self.ended_at is None and self.by != Authority.SUBJECT.value and self.doubt is None

    @property
    def is_no_return(self) -> bool:
        """Whether it keeps somebody who was erased from being brought back."""
        return self.scope == StopScope.REIMPORT.value


def lines(session: Session, user_id: int | None = None) -> list[Line]:
    """The newest first, those in doubt before all others."""
    asked = aliased(User)
    query = (
        select(Suppression, Purpose.name, StopDoubt, asked.name)
        .outerjoin(Purpose, Purpose.id == Suppression.purpose_id)
        .outerjoin(
            StopDoubt,
            (StopDoubt.suppression_id == Suppression.id) & StopDoubt.answered_at.is_(None),
        )
        .outerjoin(asked, asked.id == StopDoubt.asked_by_id)
        .order_by(StopDoubt.id.is_(None), Suppression.id.desc())
        .limit(MOST)
    )
    return [
        Line(
            id=row.public_id,
            point=row.point_kind.value,
            scope=row.scope.value,
            what=purpose or "",
            media=tuple(row.media),
            ground=row.ground.value,
            by=row.authority.value,
            since=row.begun_at,
            until=None if row.valid_until == FOREVER else row.valid_until,
            ended_at=row.ended_at,
            ended_why=row.ended_why.value if row.ended_why else "",
            doubt=_doubt(doubt, name, user_id),
        )
        for row, purpose, doubt, name in session.execute(query)
    ]


def _doubt(row: StopDoubt | None, name: str | None, user_id: int | None) -> Doubt | None:
    if row is None:
        return None
    return Doubt(row.public_id, row.reason, name or "", row.asked_at, row.asked_by_id == user_id)
