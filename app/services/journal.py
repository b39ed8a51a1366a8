"""The journal of facts as the ledger reads it: what moved since, and what time alone will move."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Select, and_, func, literal, or_, select, text, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.db import FOREVER, Base
from app.models import Contact, Participation, Touched
from app.models.facts import FACTS, Fact, Reach

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


def order_column(dialect: str) -> InstrumentedAttribute[int] | InstrumentedAttribute[int | None]:
    """What the journal is compared by: the row's id on SQLite, its transaction on PostgreSQL.

    SQLite has one writer, so that ids are in the order of commits. On PostgreSQL they are
    not: `id > max(id)` would lose the row that commits late.
    """
    return Touched.xid if dialect == "postgresql" else Touched.id


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
    found = Candidates()
    order = order_column(session.get_bind().dialect.name)
    rows = session.execute(
        union_all(
            select(Touched.reach, Touched.ref_id, Touched.user_id).where(order >= mark),
            *(_edges(fact, period) for fact in FACTS if fact.instants),
        ).limit(_MOST_ROWS)
    ).all()
    found.moved = len(rows)
    wide: set[tuple[str, int]] = set()
    for reach, ref_id, only_user in rows:
        if only_user is not None and only_user != user_id:
            continue
        if reach == Reach.CONTACT:
            found.contact_ids.add(ref_id)
        elif reach == Reach.SENTINEL:
            found.sentinel = True
        elif reach in {Reach.DIRECTORY, Reach.PROJECT}:
            wide.add((reach, ref_id))
        elif reach == Reach.ALL or (reach, ref_id) in {
            (Reach.USER.value, user_id),
            (Reach.DEVICE.value, device_id),
        }:
            found.is_full = True
    for reach, ref_id in wide:
        _widen(session, found, Reach(reach), ref_id)
    if len(rows) == _MOST_ROWS or len(found.contact_ids) > MOST_CANDIDATES:
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


def _edges(fact: Fact, period: tuple[datetime, datetime]) -> Select[str, int, int | None]:
    """The facts whose passing instants lie in (start, end], in the form of a journal row."""
    start, end = period
    entity = _ENTITIES[fact.table]
    user = getattr(entity, fact.user) if fact.user else literal(None)
    inside = [
        and_(_column(fact, name) > start, _column(fact, name) <= end) for name in fact.instants
    ]
    return select(literal(fact.reach.value), getattr(entity, fact.ref), user).where(or_(*inside))


def next_instant(session: Session, at: datetime) -> datetime:
    """The next instant after `at` at which time alone may change what anybody sees."""
    edges = [
        select(func.min(_column(fact, name)).label("edge")).where(_column(fact, name) > at)
        for fact in FACTS
        for name in fact.instants
    ]
    found: list[datetime | None] = list(session.scalars(union_all(*edges)))
    return min((edge for edge in found if edge is not None), default=FOREVER)
