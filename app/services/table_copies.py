"""All tables of a PostgreSQL database as texts, out of one snapshot and back into an empty one.

PostgreSQL's own `pg_dump` may be absent, or of another version than the server. The texts are
those of COPY, which only PostgreSQL of the same schema reads again.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, MetaData, Table, inspect, text
from sqlalchemy.orm import Session

from app.db import Base
from app.models import searching

VERSION_TABLE = "alembic_version"


def tables(connection: Connection) -> list[Table]:
    """Every table of ours, those first that others refer to."""
    metadata = MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name != VERSION_TABLE]


def columns(table: Table) -> list[str]:
    """The columns whose values are kept; the others are computed from them."""
    return [column.name for column in table.columns if column.computed is None]


def rows_of(session: Session, table: Table) -> Iterator[bytes]:
    """The rows of a table as this session's snapshot has them."""
    driver: Any = session.connection().connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {_named(table)} TO STDOUT") as copy:
        yield from map(bytes, copy)


def fill(connection: Connection, table: Table, names: list[str], rows: Iterable[bytes]) -> None:
    """Put rows into an empty table without its triggers, whose work the backup holds, too."""
    driver: Any = connection.connection.driver_connection
    connection.exec_driver_sql(f'ALTER TABLE "{table.name}" DISABLE TRIGGER USER')
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {_named(table, names)} FROM STDIN") as copy,
    ):
        for chunk in rows:
            copy.write(chunk)
    connection.exec_driver_sql(f'ALTER TABLE "{table.name}" ENABLE TRIGGER USER')
    _count_on(connection, table)


def _named(table: Table, names: list[str] | None = None) -> str:
    listed = ", ".join(f'"{name}"' for name in names or columns(table))
    return f'"{table.name}" ({listed})'


def _count_on(connection: Connection, table: Table) -> None:
    """Let the numbers of new rows begin behind those that are there."""
    for column in table.primary_key.columns:
        sequence = connection.scalar(
            text("SELECT pg_get_serial_sequence(:table, :column)"),
            {"table": f'"{table.name}"', "column": column.name},
        )
        if sequence is not None:
            connection.exec_driver_sql(
                f"SELECT setval('{sequence}', "  # noqa: S608 - names come from the schema
                f'coalesce((SELECT max("{column.name}") FROM "{table.name}"), 0) + 1, false)'
            )


def drop(connection: Connection) -> None:
    """Drop every table of ours, as `kustod init` left them, and what its search is made with."""
    there = set(inspect(connection).get_table_names())
    metadata = MetaData()
    metadata.reflect(connection, only=sorted(there & {*Base.metadata.tables, VERSION_TABLE}))
    metadata.drop_all(connection)
    connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS {searching.NAME}_grams(text, text)")
