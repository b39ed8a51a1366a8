"""Installing the triggers, and noticing when the database has others than ours."""

import pytest
from sqlalchemy import Connection

from app.db import Sessions, open_database
from app.models.triggers import install_triggers, installed, missing_triggers

SQLITE_DAMAGE = {
    "dropped": ('DROP TRIGGER "touch_grant_insert"',),
    "altered": (
        'DROP TRIGGER "touch_grant_insert"',
        'CREATE TRIGGER "touch_grant_insert" AFTER INSERT ON "grant" BEGIN SELECT 1; END',
    ),
}
TRIGGER = "CREATE OR REPLACE TRIGGER touch_grant AFTER INSERT OR DELETE"
ROW = 'ON "grant" FOR EACH ROW'
POSTGRES_DAMAGE = {
    "dropped": 'DROP TRIGGER touch_grant ON "grant"',
    "disabled": 'ALTER TABLE "grant" DISABLE TRIGGER touch_grant',
    "for replicas only": 'ALTER TABLE "grant" ENABLE REPLICA TRIGGER touch_grant',
    "no updates": f"{TRIGGER} {ROW} EXECUTE FUNCTION touch_grant()",
    "one column": f"{TRIGGER} OR UPDATE OF scope {ROW} EXECUTE FUNCTION touch_grant()",
    "no row": f"{TRIGGER} OR UPDATE {ROW} WHEN (1 = 0) EXECUTE FUNCTION touch_grant()",
}
STRANGER = {
    "sqlite": ('CREATE TRIGGER stranger AFTER INSERT ON "team" BEGIN SELECT 1; END',),
    "postgresql": (
        'CREATE TRIGGER stranger AFTER INSERT ON "team" EXECUTE FUNCTION touch_grant()',
        'CREATE TRIGGER stranger AFTER INSERT ON "user" EXECUTE FUNCTION touch_grant()',
    ),
}


def damage(connection: Connection, statements: tuple[str, ...]) -> list[str]:
    for statement in statements:
        connection.exec_driver_sql(statement)
    return missing_triggers(connection)


def test_a_migrated_database_misses_none(sessions: Sessions) -> None:
    with sessions.engine.connect() as connection:
        assert missing_triggers(connection) == []


def test_installing_again_changes_nothing(sessions: Sessions) -> None:
    with sessions.engine.begin() as connection:
        before = installed(connection)
        install_triggers(connection)
        assert installed(connection) == before


@pytest.mark.parametrize("statements", SQLITE_DAMAGE.values(), ids=SQLITE_DAMAGE.keys())
def test_damage_on_sqlite_is_named_and_mended(
    sqlite: Sessions, statements: tuple[str, ...]
) -> None:
    with sqlite.engine.begin() as connection:
        assert damage(connection, statements) == ["touch_grant_insert"]
        install_triggers(connection)
        assert missing_triggers(connection) == []


@pytest.mark.parametrize("statement", POSTGRES_DAMAGE.values(), ids=POSTGRES_DAMAGE.keys())
def test_damage_on_postgresql_is_named_and_mended(shared_postgres_url: str, statement: str) -> None:
    engine = open_database(shared_postgres_url).engine
    with engine.begin() as connection:
        assert damage(connection, (statement,)) == ["touch_grant"]
        install_triggers(connection)
        assert missing_triggers(connection) == []
    engine.dispose()


def test_an_altered_function_on_postgresql_is_named_and_mended(shared_postgres_url: str) -> None:
    engine = open_database(shared_postgres_url).engine
    body = "CREATE OR REPLACE FUNCTION touch_grant() RETURNS trigger LANGUAGE plpgsql AS "
    with engine.begin() as connection:
        found = damage(connection, (f"{body} 'BEGIN RETURN NULL; END'",))
        assert found == ["touch_grant", "touch_grant_truncate"]
        install_triggers(connection)
        assert missing_triggers(connection) == []
    engine.dispose()


def test_a_trigger_that_is_not_ours_is_named_and_dropped(sessions: Sessions) -> None:
    with sessions.engine.begin() as connection:
        assert damage(connection, STRANGER[sessions.dialect]) == ["stranger"]
        install_triggers(connection)
        assert missing_triggers(connection) == []
