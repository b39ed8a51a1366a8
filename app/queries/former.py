"""Facts as they stood earlier, so that the one policy can be asked about the past.

Periods need no history: a grant that was ended says itself until when it held. What says
nothing of its past (a right, a kind, a directory's rule for phones) is kept by triggers in
`fact_history`, and laid over the rows again for a question about an instant before the edit.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import CTE, Column, MetaData, Select, Table, and_, case, literal, or_, select
from sqlalchemy.orm import Session

from app.models import Contact, FactHistory
from app.models.facts import FACTS

_TABLES = Contact.metadata.tables
_SPEECHLESS = {
    fact.table: tuple(name for name in fact.history if name not in fact.instants) for fact in FACTS
}
"""Table -> the columns that decide and do not say themselves when they held."""

Query = TypeVar("Query", bound=Select[*tuple[Any, ...]])


@dataclass(frozen=True, slots=True)
class Edit:
    """One column of one fact had this value until then."""

    table: str
    row_id: int
    column: str
    old: Any
    until: datetime


def edits(session: Session, rows: Mapping[str, Iterable[int]], since: datetime) -> list[Edit]:
    """What was written over in these rows (table -> ids) after `since`, the newest first."""
    wanted = [
        and_(
            FactHistory.fact == table,
            FactHistory.row_id.in_(list(ids)),
            FactHistory.field.in_(_SPEECHLESS[table]),
        )
        for table, ids in rows.items()
    ]
    query = select(FactHistory).where(FactHistory.changed_at > since, or_(*wanted))
    newest_first = query.order_by(FactHistory.changed_at.desc(), FactHistory.id.desc())
    return [
        Edit(row.fact, row.row_id, row.field, _value(row), row.changed_at)
        for row in session.scalars(newest_first)
    ]


def as_it_stood(query: Query, found: Iterable[Edit], at: datetime, dialect: str) -> Query:
    """The query with every one of its tables as it stood at that instant.

    Each table with edits after it is hidden behind a common table expression of its own name,
    so that the clauses of the policy are read as they are.
    """
    stood: dict[str, dict[str, dict[int, Any]]] = {}
    for edit in found:
        if edit.until > at:
            # The newest come first: what remains is the value before the earliest edit.
            stood.setdefault(edit.table, {}).setdefault(edit.column, {})[edit.row_id] = edit.old
    if not stood:
        return query
    parts = (_part(_TABLES[name], columns, dialect) for name, columns in stood.items())
    return query.add_cte(*parts)


def _part(table: Table, stood: Mapping[str, Mapping[int, Any]], dialect: str) -> CTE:
    # SQLite takes the same name within its own definition for itself, PostgreSQL does not.
    source = table.to_metadata(MetaData(), schema="main") if dialect == "sqlite" else table
    columns = (_column(source, column, stood.get(column.name, {})) for column in source.c)
    # Else a database writes the whole table down once more, and looks through it at each row.
    return select(*columns).cte(table.name).prefix_with("NOT MATERIALIZED")


def _column(source: Table, column: Column[Any], stood: Mapping[int, Any]) -> Any:  # noqa: ANN401 - a column of any type
    if not stood:
        return column
    whens = [(source.c.id == row_id, literal(old, column.type)) for row_id, old in stood.items()]
    return case(*whens, else_=column).label(column.name)


def _value(row: FactHistory) -> Any:  # noqa: ANN401 - a value of any column
    """The value that a trigger wrote down as text."""
    kind = _TABLES[row.fact].c[row.field].type.python_type
    if row.old is None:
        return None
    return row.old in {"1", "true"} if kind is bool else kind(row.old)
