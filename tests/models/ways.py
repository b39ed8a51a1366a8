"""The ways in which a program can write a row. Each commits."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ClauseElement, Table, delete, insert, inspect, text, update
from sqlalchemy.dialects import postgresql, sqlite

from app.db import Sessions
from tests.models.samples import MODELS

Values = dict[str, Any]
Way = Callable[[Sessions, Table, Values], None]


def _literal(sessions: Sessions, statement: ClauseElement) -> str:
    """The statement as a person would type it."""
    compiled = statement.compile(sessions.engine, compile_kwargs={"literal_binds": True})
    return str(compiled)


def _by_text(sessions: Sessions, statement: ClauseElement) -> None:
    with sessions.write() as session:
        session.execute(text(_literal(sessions, statement)))


def _by_engine(sessions: Sessions, statement: ClauseElement) -> None:
    with sessions.engine.begin() as connection:
        connection.exec_driver_sql(_literal(sessions, statement))


def _by_session(sessions: Sessions, statement: Any, *values: Any) -> None:
    with sessions.write() as session:
        session.execute(statement, *values)


def _upsert(sessions: Sessions, table: Table, values: Values) -> None:
    make = postgresql.insert if sessions.dialect == "postgresql" else sqlite.insert
    statement = make(table).values(values)
    _by_session(
        sessions, statement.on_conflict_do_update(index_elements=["id"], set_=statement.excluded)
    )


def _add(sessions: Sessions, table: Table, values: Values) -> None:
    with sessions.write() as session:
        session.add(MODELS[table.name](**values))


def _insert_mappings(sessions: Sessions, table: Table, values: Values) -> None:
    with sessions.write() as session:
        session.bulk_insert_mappings(inspect(MODELS[table.name]), [values])


INSERTS: dict[str, Way] = {
    "ORM add": _add,
    "ORM bulk insert": lambda s, t, v: _by_session(s, insert(MODELS[t.name]), [v]),
    "ORM bulk mappings": _insert_mappings,
    "Core insert": lambda s, t, v: _by_session(s, t.insert().values(v)),
    "upsert": _upsert,
    "text": lambda s, t, v: _by_text(s, t.insert().values(v)),
    "engine": lambda s, t, v: _by_engine(s, t.insert().values(v)),
}


def _set(sessions: Sessions, table: Table, values: Values) -> None:
    with sessions.write() as session:
        row = session.get(MODELS[table.name], values["id"])
        for name, value in values.items():
            setattr(row, name, value)


def _update_mappings(sessions: Sessions, table: Table, values: Values) -> None:
    with sessions.write() as session:
        session.bulk_update_mappings(inspect(MODELS[table.name]), [values])


def _update(table: Table, values: Values) -> ClauseElement:
    return table.update().where(table.c.id == values["id"]).values(values)


UPDATES: dict[str, Way] = {
    "ORM attribute": _set,
    "ORM update": lambda s, t, v: _by_session(
        s, update(MODELS[t.name]).where(t.c.id == v["id"]).values(v)
    ),
    "ORM bulk mappings": _update_mappings,
    "Core update": lambda s, t, v: _by_session(s, _update(t, v)),
    "upsert": _upsert,
    "text": lambda s, t, v: _by_text(s, _update(t, v)),
    "engine": lambda s, t, v: _by_engine(s, _update(t, v)),
}


def replace(sessions: Sessions, table: Table, values: Values) -> None:
    """SQLite's own upsert, which deletes the row that is in its way."""
    _by_session(sessions, table.insert().prefix_with("OR REPLACE").values(values))


def _delete(sessions: Sessions, table: Table, values: Values) -> None:
    with sessions.write() as session:
        session.delete(session.get_one(MODELS[table.name], values["id"]))


DELETES: dict[str, Way] = {
    "ORM delete": _delete,
    "ORM bulk delete": lambda s, t, v: _by_session(
        s, delete(MODELS[t.name]).where(t.c.id == v["id"])
    ),
    "Core delete": lambda s, t, v: _by_session(s, t.delete().where(t.c.id == v["id"])),
    "text": lambda s, t, v: _by_text(s, t.delete().where(t.c.id == v["id"])),
    "engine": lambda s, t, v: _by_engine(s, t.delete().where(t.c.id == v["id"])),
}
