"""The triggers that keep the journal of facts, whoever writes and by whatever way; and all others.

ORM events miss bulk inserts, upserts and raw SQL; a batch rebuild of a table on SQLite drops
its triggers silently. So they are installed by one function, after every migration, and
compared with the database by `kustod doctor`, `/readyz` and a test.
"""

from sqlalchemy import Connection, text

from app.models import guards, searching
from app.models.facts import FACTS, Fact, Reach

_SQLITE_DRAW = "(random() & 9007199254740991)"
_POSTGRES_DRAW = "(random() * 9007199254740991)::bigint"
_POSTGRES_TRIGGERS = """pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema()"""
_ROW_WRITTEN, _TABLE_EMPTIED = 29, 32
"""pg_trigger.tgtype of AFTER INSERT OR UPDATE OR DELETE for each row, of AFTER TRUNCATE."""
_SQLITE_NOW = "strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'"


def install_triggers(connection: Connection) -> None:
    """Create or replace every trigger; drops those that no fact asks for any more."""
    wanted = expected(connection.dialect.name)
    for name in installed(connection):
        if name not in wanted:
            _drop(connection, name)
    if connection.dialect.name == "postgresql":
        for fact in FACTS:
            connection.exec_driver_sql(_postgres_function(fact).replace("%", "%%"))
            for statement in _postgres_triggers(fact):
                connection.exec_driver_sql(statement)
        for statement in guards.postgres_statements():
            connection.exec_driver_sql(statement.replace("%", "%%"))
        return
    for name, statement in wanted.items():
        connection.exec_driver_sql(f'DROP TRIGGER IF EXISTS "{name}"')
        connection.exec_driver_sql(statement)


def missing_triggers(connection: Connection) -> list[str]:
    """The names of triggers that are absent, altered or not ours; empty when all is well."""
    wanted, found = expected(connection.dialect.name), installed(connection)
    return sorted(
        name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name)
    )


def expected(dialect: str) -> dict[str, str]:
    """Name and text of every trigger, as `installed` reads them back."""
    if dialect == "postgresql":
        wanted = guards.postgres_expected()
        for fact in FACTS:
            body = _postgres_body(fact)
            wanted |= {
                f"touch_{fact.table}": f"{_ROW_WRITTEN} {body}",
                f"touch_{fact.table}_truncate": f"{_TABLE_EMPTIED} {body}",
            }
        return wanted
    kept = {name: sql for fact in FACTS for name, sql in _sqlite_triggers(fact).items()}
    return kept | searching.SQLITE_TRIGGERS | guards.sqlite_triggers()


def installed(connection: Connection) -> dict[str, str]:
    """Name and text of every trigger the database has on our tables."""
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    if connection.dialect.name == "postgresql":
        query = f"""SELECT t.tgname, concat(t.tgtype, CASE WHEN t.tgqual IS NOT NULL
                OR t.tgattr::text <> '' THEN ' on some columns' END, ' ', p.prosrc)
            FROM {_POSTGRES_TRIGGERS} JOIN pg_proc p ON p.oid = t.tgfoid
            WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')"""
    return {row[0]: row[1] for row in connection.execute(text(query))}


def _drop(connection: Connection, name: str) -> None:
    if connection.dialect.name != "postgresql":
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        return
    query = f"SELECT t.tgrelid::regclass::text FROM {_POSTGRES_TRIGGERS} WHERE t.tgname = :name"
    for table in connection.scalars(text(query), {"name": name}).all():
        connection.exec_driver_sql(f'DROP TRIGGER "{name}" ON {table}')


def _changed(columns: tuple[str, ...], differs: str) -> str:
    return " OR ".join(f"OLD.{column} {differs} NEW.{column}" for column in columns)


def _version_target(fact: Fact) -> tuple[str, str]:
    """The table whose version a change of this fact's values draws, and the row's column."""
    return ("organisation", "id") if fact.reach is Reach.SENTINEL else ("contact", fact.ref)


# --- SQLite -------------------------------------------------------------------------------


def _sqlite_touch(fact: Fact, row: str, condition: str = "") -> str:
    user = f"{row}.{fact.user}" if fact.user else "NULL"
    where = f" WHERE {condition}" if condition else ""
    return (
        "INSERT INTO touched (reach, ref_id, user_id) "
        f"SELECT '{fact.reach.value}', {row}.{fact.ref}, {user}{where};"
    )


def _sqlite_history(fact: Fact, new: bool) -> str:  # noqa: FBT001 - private, one caller
    if not fact.history:
        return ""
    rows = " UNION ALL ".join(
        f"SELECT '{column}', CAST(OLD.{column} AS TEXT), "
        + (f"CAST(NEW.{column} AS TEXT)" if new else "NULL")
        + (f" WHERE OLD.{column} IS NOT NEW.{column}" if new else "")
        for column in fact.history
    )
    return (
        "INSERT INTO fact_history (fact, row_id, field, old, new, changed_at) "
        f"SELECT '{fact.table}', OLD.id, changes.*, {_SQLITE_NOW} FROM ({rows}) AS changes;"
    )


def _sqlite_draw(fact: Fact, row: str) -> str:
    if not fact.values:
        return ""
    table, column = _version_target(fact)
    return f'UPDATE "{table}" SET version = {_SQLITE_DRAW} WHERE id = {row}.{column};'


def _sqlite_update_of(table: str, columns: tuple[str, ...]) -> str:
    when = _changed(columns, "IS NOT")
    return f'AFTER UPDATE OF {", ".join(columns)} ON "{table}" WHEN {when}'


def _sqlite_triggers(fact: Fact) -> dict[str, str]:
    name, table = f"touch_{fact.table}", fact.table
    moved = _changed(tuple(c for c in (fact.ref, fact.user) if c), "IS NOT")
    bodies = {
        f"{name}_insert": (
            f'AFTER INSERT ON "{table}"',
            [_sqlite_touch(fact, "NEW"), _sqlite_draw(fact, "NEW")],
        ),
        f"{name}_update": (
            _sqlite_update_of(fact.table, fact.columns),
            [
                _sqlite_touch(fact, "NEW"),
                _sqlite_touch(fact, "OLD", moved),
                _sqlite_history(fact, new=True),
            ],
        ),
        f"{name}_delete": (
            f'AFTER DELETE ON "{table}"',
            [_sqlite_touch(fact, "OLD"), _sqlite_history(fact, new=False)],
        ),
    }
    if fact.values:
        bodies[f"{name}_draw"] = (
            _sqlite_update_of(fact.table, fact.drawing),
            [_sqlite_draw(fact, "NEW"), _sqlite_draw(fact, "OLD")],
        )
    if fact.values and fact.ref != "id":
        bodies[f"{name}_delete"][1].append(_sqlite_draw(fact, "OLD"))
    return {
        name: f'CREATE TRIGGER "{name}" {when} BEGIN {" ".join(s for s in steps if s)} END'
        for name, (when, steps) in bodies.items()
    }


# --- PostgreSQL ---------------------------------------------------------------------------


def _postgres_touch(fact: Fact, row: str) -> str:
    user = f"{row}.{fact.user}" if fact.user else "NULL"
    return (
        "INSERT INTO touched (xid, reach, ref_id, user_id) VALUES "
        f"(pg_current_xact_id()::text::bigint, '{fact.reach.value}', {row}.{fact.ref}, {user});"
    )


def _postgres_draw(fact: Fact, row: str) -> str:
    table, column = _version_target(fact)
    return f'UPDATE "{table}" SET version = {_POSTGRES_DRAW} WHERE id = {row}.{column};'


def _postgres_body(fact: Fact) -> str:
    distinct = "IS DISTINCT FROM"
    moved = _changed(tuple(c for c in (fact.ref, fact.user) if c), distinct)
    draw_update = draw_insert = draw_delete = ""
    if fact.values:
        draw_insert = _postgres_draw(fact, "NEW")
        changed = _changed(fact.drawing, distinct)
        draw_update = f"IF {changed} THEN {_postgres_draw(fact, 'NEW')} END IF;"
    if fact.values and fact.ref != "id":
        draw_delete = _postgres_draw(fact, "OLD")
        draw_update += f" IF {moved} THEN {draw_delete} END IF;"
    history = " ".join(
        f"IF TG_OP = 'DELETE' OR OLD.{c} {distinct} NEW.{c} THEN "
        "INSERT INTO fact_history (fact, row_id, field, old, new, changed_at) VALUES "
        f"('{fact.table}', OLD.id, '{c}', OLD.{c}::text, "
        f"CASE WHEN TG_OP = 'DELETE' THEN NULL ELSE NEW.{c}::text END, clock_timestamp()); END IF;"
        for c in fact.history
    )
    return f"""
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    INSERT INTO touched (xid, reach, ref_id) VALUES (pg_current_xact_id()::text::bigint, 'all', 0);
    RETURN NULL;
  END IF;
  IF TG_OP = 'INSERT' THEN
    {_postgres_touch(fact, "NEW")} {draw_insert}
    RETURN NULL;
  END IF;
  IF TG_OP = 'DELETE' THEN
    {_postgres_touch(fact, "OLD")} {draw_delete}
  ELSE
    IF NOT ({_changed(fact.columns, distinct)}) THEN RETURN NULL; END IF;
    {_postgres_touch(fact, "NEW")}
    IF {moved} THEN {_postgres_touch(fact, "OLD")} END IF;
    {draw_update}
  END IF;
  {history}
  RETURN NULL;
END"""


def _postgres_function(fact: Fact) -> str:
    return (
        f"CREATE OR REPLACE FUNCTION touch_{fact.table}() RETURNS trigger "
        f"LANGUAGE plpgsql AS $body${_postgres_body(fact)}$body$"
    )


def _postgres_triggers(fact: Fact) -> tuple[str, str]:
    name = f"touch_{fact.table}"
    row = f'AFTER INSERT OR UPDATE OR DELETE ON "{fact.table}" FOR EACH ROW'
    table = f'AFTER TRUNCATE ON "{fact.table}" FOR EACH STATEMENT'
    return (
        f"CREATE OR REPLACE TRIGGER {name} {row} EXECUTE FUNCTION {name}()",
        f"CREATE OR REPLACE TRIGGER {name}_truncate {table} EXECUTE FUNCTION {name}()",
    )
