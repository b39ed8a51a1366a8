"""Bring the database to the newest revision, and say whether it is there."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

from app.errors import Refused
from app.models.searching import is_index
from app.models.triggers import install_triggers, missing_triggers

_FOLDER = Path(__file__).parents[2] / "migrations"
_WHILE_MIGRATING = ("foreign_keys=OFF", "legacy_alter_table=ON")
_AFTERWARDS = ("legacy_alter_table=OFF", "foreign_keys=ON")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    return config


def head() -> str:
    """The revision that this code needs."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    if revision is None:
        raise Refused(f"no migrations found at {_FOLDER}")
    return revision


def is_known(revision: str) -> bool:
    """Whether this code can migrate a database of this revision."""
    scripts = ScriptDirectory.from_config(_config())
    return revision in {script.revision for script in scripts.walk_revisions()}


def current(engine: Engine) -> str | None:
    """The revision that the database has; None for an empty one."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Migrate to `revision` and, where that is the newest, install the triggers: one transaction.

    A database that is older, on its way to a restored backup, has not all that they stand on.
    On SQLite foreign keys are switched off on the driver's connection before BEGIN, because a
    table rebuild would otherwise delete child rows, and within a transaction the switch is
    ignored; `foreign_key_check` and the row counts are asked before COMMIT. The legacy rename
    lets a table be rebuilt that triggers of other tables write to. Raises Refused, with
    everything undone, where the checks disagree.
    """
    writer = engine.execution_options(kustod_write=True)
    sqlite = engine.dialect.name == "sqlite"
    with writer.connect() as connection:
        if sqlite:
            _switch(connection, _WHILE_MIGRATING)
        try:
            with connection.begin():
                before = _row_counts(connection)
                config = _config()
                config.attributes["connection"] = connection
                command.upgrade(config, revision)
                _check(connection, before)
                if MigrationContext.configure(connection).get_current_revision() == head():
                    install_triggers(connection)
        finally:
            if sqlite:
                _switch(connection, _AFTERWARDS)


def _switch(connection: Connection, pragmas: tuple[str, ...]) -> None:
    """Straight to the driver: SQLAlchemy would begin a transaction first."""
    driver: Any = connection.connection.driver_connection
    for pragma in pragmas:
        driver.execute(f"PRAGMA {pragma}")


def problems(engine: Engine) -> list[str]:
    """What is wrong with schema and triggers, in sentences; empty when all is well."""
    found = []
    revision = current(engine)
    if revision != head():
        found.append(f"the database is at revision {revision}, this version needs {head()}")
        return found
    with engine.connect() as connection:
        found += [f"trigger {name} is missing or altered" for name in missing_triggers(connection)]
    return found


def _tables(connection: Connection) -> list[str]:
    names = inspect(connection).get_table_names()
    return [name for name in names if name != "alembic_version" and not is_index(name)]


def _row_counts(connection: Connection) -> dict[str, int]:
    return {
        name: connection.exec_driver_sql(f'SELECT count(*) FROM "{name}"').scalar_one()  # noqa: S608 - names come from the schema
        for name in _tables(connection)
    }


def _check(connection: Connection, before: dict[str, int]) -> None:
    after = _row_counts(connection)
    lost = [name for name, rows in before.items() if after.get(name, 0) < rows]
    if lost:
        raise Refused(f"the migration would lose rows of {', '.join(lost)}; nothing was changed")
    if connection.dialect.name == "sqlite":
        broken = connection.execute(text("PRAGMA foreign_key_check")).all()
        if broken:
            raise Refused(f"the migration would break {len(broken)} references; nothing changed")
