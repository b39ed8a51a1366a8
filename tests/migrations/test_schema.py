"""The migrations make what the models say, and the database says when it is behind."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.db import Base, Sessions, open_database
from app.models.searching import is_index
from app.services import migrations


def test_there_is_one_newest_revision() -> None:
    scripts = ScriptDirectory.from_config(migrations._config())
    assert scripts.get_heads() == [migrations.head()]


def test_the_migrations_make_what_the_models_say(sessions: Sessions) -> None:
    with sessions.engine.connect() as connection:
        opts = {"compare_type": True, "include_name": lambda name, *_: not is_index(name or "")}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, Base.metadata) == []


def test_a_migrated_database_is_at_the_newest_revision(sessions: Sessions) -> None:
    assert migrations.current(sessions.engine) == migrations.head()


def test_a_migrated_database_has_no_problems(sessions: Sessions) -> None:
    assert migrations.problems(sessions.engine) == []


def test_an_empty_database_is_behind(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'new.db'}").engine
    assert migrations.problems(engine) == [
        f"the database is at revision None, this version needs {migrations.head()}"
    ]
    engine.dispose()


def test_a_database_of_another_revision_is_a_problem(sessions: Sessions) -> None:
    with sessions.write() as session:
        session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = 'old'")
    assert migrations.problems(sessions.engine) == [
        f"the database is at revision old, this version needs {migrations.head()}"
    ]


def test_a_missing_trigger_is_a_problem(sqlite: Sessions) -> None:
    with sqlite.write() as session:
        session.connection().exec_driver_sql("DROP TRIGGER touch_grant_insert")
    assert migrations.problems(sqlite.engine) == [
        "trigger touch_grant_insert is missing or altered"
    ]
