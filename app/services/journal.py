"""The journal of facts as the ledger reads it: what moved since, and what time alone will move."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from sqlalchemy import (
    CompoundSelect,
    Select,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.db import FOREVER, Base, Instant
from app.models import Contact, Participation, Touched
from app.models.facts import FACTS, Fact, Reach
from app.queries.polling import order_column

MOST_CANDIDATES = 1_000
"""Above this a full difference is cheaper than a narrow one."""

_MOST_ROWS = 10 * MOST_CANDIDATES


@dataclass
class Candidates:
    """The contacts of a book that may have changed; `is_full` where all of them may have."""

    is_full: bool = False
    sentinel: bool = False
    moved: int = 0
    contact_ids: set[int] = field(default_factory=set)

    def __bool__(self) -> bool:
        return self.is_full or self.sentinel or bool(self.contact_ids)


def position(session: Session) -> int:
    """The mark to keep: every row of the journal below it is in this session's snapshot."""
    if session.get_bind().dialect.name == "postgresql":
        snapshot = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        return int(session.execute(snapshot).scalar_one())
    return int(session.scalar(select(func.coalesce(func.max(Touched.id), 0) + 1)) or 1)


def candidates(
    session: Session, reader: tuple[int, int], mark: int, period: tuple[datetime, datetime]
) -> Candidates:
    """What may have changed for (user id, device id) since `mark` and within (start, end].

    Touched facts, and facts with an edge of their period in that stretch of time.
    """
    user_id, device_id = reader
    rows = session.execute(
        _moved(session.get_bind().dialect.name),
        {"mark": mark, "start": period[0], "end": period[1]},
    ).all()
    mine = {(Reach(row[0]), int(row[1])) for row in rows if row[2] is None or row[2] == user_id}
    refs: dict[Reach, set[int]] = {reach: set() for reach in Reach}
    for reach, ref_id in mine:
        refs[reach].add(ref_id)
    found = Candidates(
        is_full=bool(
            refs[Reach.ALL]
            or user_id in refs[Reach.USER]
            or device_id in refs[Reach.DEVICE]
            or len(rows) == _MOST_ROWS
        ),
        sentinel=bool(refs[Reach.SENTINEL]),
        moved=len(rows),
        contact_ids=refs[Reach.CONTACT],
    )
    for reach in (Reach.DIRECTORY, Reach.PROJECT):
        for ref_id in refs[reach]:
            _widen(session, found, reach, ref_id)
    if len(found.contact_ids) > MOST_CANDIDATES:
        found.is_full = True
    return found


def _widen(session: Session, found: Candidates, reach: Reach, ref_id: int) -> None:
    """Add the members of a directory or project, as many as a narrow difference takes."""
    query = select(Contact.id).where(Contact.directory_id == ref_id)
    if reach is Reach.PROJECT:
        query = select(Participation.contact_id).where(Participation.project_id == ref_id)
    found.contact_ids.update(session.scalars(query.limit(MOST_CANDIDATES + 1)))


def _column(fact: Fact, name: str) -> InstrumentedAttribute[datetime]:
    entity = _ENTITIES[fact.table]
    column: InstrumentedAttribute[datetime] = getattr(entity, name)
    return column


_ENTITIES = {str(mapper.local_table): mapper.class_ for mapper in Base.registry.mappers}


@lru_cache
def _moved(dialect: str) -> CompoundSelect[str, int, int | None]:
    """The journal from a mark on, and what the passing of (start, end] moved; made once."""
    return union_all(
        select(Touched.reach, Touched.ref_id, Touched.user_id).where(
            order_column(dialect) >= bindparam("mark")
        ),
        *(_edges(fact) for fact in FACTS if fact.instants),
    ).limit(_MOST_ROWS)


def _edges(fact: Fact) -> Select[str, int, int | None]:
    """The facts whose passing instants lie in (start, end], in the form of a journal row."""
    start, end = bindparam("start", type_=Instant()), bindparam("end", type_=Instant())
    entity = _ENTITIES[fact.table]
    user = getattr(entity, fact.user) if fact.user else literal(None)
    inside = [
        and_(_column(fact, name) > start, _column(fact, name) <= end) for name in fact.instants
    ]
    return select(literal(fact.reach.value), getattr(entity, fact.ref), user).where(or_(*inside))


def next_instant(session: Session, at: datetime) -> datetime:
    """The next instant after `at` at which time alone may change what anybody sees."""
    found: list[datetime | None] = list(session.scalars(_next_edges(), {"at": at}))
    return min((edge for edge in found if edge is not None), default=FOREVER)


@lru_cache
def _next_edges() -> CompoundSelect[datetime | None]:
    at = bindparam("at", type_=Instant())
    return union_all(
        *(
            select(func.min(_column(fact, name))).where(_column(fact, name) > at)
            for fact in FACTS
            for name in fact.instants
        )
    )
