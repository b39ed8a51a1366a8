"""Rows of any table, made from its columns alone: a new fact is covered by itself."""

from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import Column, Enum, Table
from sqlalchemy.orm import Session

from app.db import Base, Instant
from tests.factories import LONG_AGO, NOON

TABLES = Base.metadata.tables
MODELS: dict[str, type[Any]] = {
    str(mapper.local_table): mapper.class_ for mapper in Base.registry.mappers
}
_numbers = count(1)

# A grant has one holder: a team where the team is what changes, else a user.
_HOLDER = {"user_id": "user_id", "team_id": "team_id"}


def row(session: Session, table: Table, about: str = "") -> dict[str, Any]:
    """Every column of a valid row that is not there yet, with parents of its own.

    `about` names the column that the test will change, where the row depends on it.
    """
    values = {column.name: _value(session, column) for column in table.columns if _wanted(column)}
    if table.name == "grant":
        holder = _HOLDER.get(about, "user_id")
        values[holder] = _value(session, table.c[holder])
    return {"id": next(_numbers) + 1000, **values}


def planted(session: Session, table: Table, about: str = "") -> dict[str, Any]:
    """Such a row, inserted."""
    values = row(session, table, about)
    session.execute(table.insert().values(values))
    return values


def other(session: Session, column: Column[Any], value: Any) -> Any:
    """A valid value of a column that differs from the one it has."""
    if column.foreign_keys:
        return _parent(session, column)
    if isinstance(column.type, Enum):
        return next(name for name in column.type.enums if name != value)
    if isinstance(column.type, Instant):
        return NOON
    kind = column.type.python_type
    changed = {bool: not value, int: 2 if value == 1 else 1, str: f"other {next(_numbers)}"}
    return changed[kind]


def _wanted(column: Column[Any]) -> bool:
    return not column.primary_key and not column.nullable


def _value(session: Session, column: Column[Any]) -> Any:
    if column.foreign_keys:
        return _parent(session, column)
    if isinstance(column.type, Enum):
        return column.type.enums[0]
    if isinstance(column.type, Instant):
        return _far_apart(column.name)
    kind = column.type.python_type
    return {bool: False, int: 1, str: f"value {next(_numbers)}"}[kind]


def _far_apart(name: str) -> datetime:
    is_end = name.endswith(("until", "ends_at", "stopped_at"))
    return LONG_AGO.replace(year=2030) if is_end else LONG_AGO


def _parent(session: Session, column: Column[Any]) -> int:
    (key,) = column.foreign_keys
    identity: int = planted(session, key.column.table)["id"]
    return identity
