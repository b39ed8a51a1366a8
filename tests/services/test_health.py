from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from app.db import open_database
from app.models import Book, Heartbeat
from app.services import instances
from app.services.health.examination import examine
from app.services.health.life import SKEW
from app.settings import Settings
from tests import factories
from tests.services.scene import NOON, SECOND


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(instance=tmp_path / "instance", base_url="http://127.0.0.1:8080")
    instances.init(made, NOON)
    return made


def _wrong(settings: Settings) -> dict[str, str]:
    return {c.name: c.detail for c in examine(settings, NOON) if not c.is_ok}


def _names(settings: Settings) -> list[str]:
    return [check.name for check in examine(settings, NOON)]


def test_a_fresh_instance_is_well(settings: Settings) -> None:
    assert _wrong(settings) == {}
    assert _names(settings) == [
        *("keys", "files", "disk", "time", "database", "schema", "search", "ledger"),
        *("clock", "worker", "backup", "address", "mail", "reach"),
    ]


def test_keys_must_be_there_whole_and_private(settings: Settings) -> None:
    settings.keys_file.chmod(0o640)
    assert "0640" in _wrong(settings)["keys"]
    settings.keys_file.write_text("{}")
    assert "cannot be read" in _wrong(settings)["keys"]
    settings.keys_file.unlink()
    assert "kustod init" in _wrong(settings)["keys"]


def test_there_must_be_a_database(settings: Settings, tmp_path: Path) -> None:
    nowhere = replace(settings, database_url=f"sqlite:///{tmp_path}/no/where.db")
    assert "unable to open" in _wrong(nowhere)["database"]
    (settings.instance / "kustod.db").unlink()
    assert "there is none" in _wrong(settings)["database"]
    assert _names(settings) == ["keys", "files", "disk", "time", "database", "reach"]
    postgres = "postgresql+psycopg://nobody@127.0.0.1:1/none"
    assert "connection" in _wrong(replace(settings, database_url=postgres))["database"]


def test_the_schema_must_be_that_of_this_version(settings: Settings) -> None:
    sessions = open_database(settings.database)
    with sessions.write() as session:
        session.execute(text("DROP TRIGGER touch_grant_update"))
    assert "touch_grant_update" in _wrong(settings)["schema"]
    with sessions.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'old'"))
    assert "revision old" in _wrong(settings)["schema"]
    assert _names(settings) == ["keys", "files", "disk", "time", "database", "schema", "reach"]
    sessions.engine.dispose()


def test_the_search_must_know_every_contact(settings: Settings) -> None:
    sessions = open_database(settings.database)
    with sessions.write() as session:
        who = factories.contact(session, factories.directory(session))
        who.mail_search = "jan@example.bg"
        session.flush()
        session.execute(text(f"DELETE FROM contact_search WHERE rowid = {who.id}"))
        session.execute(text("INSERT INTO contact_search (rowid, text) VALUES (4711, 'novak')"))
    assert _wrong(settings)["search"].endswith("knows wrongly: 2: run `kustod init`")
    instances.init(settings, NOON)
    assert _wrong(settings) == {}
    with sessions.read() as session:
        ends = text("SELECT doc FROM contact_search_letters WHERE term >= 'bg' AND term < 'bh'")
        assert session.scalars(ends).all() == [who.id], "its last letters begin something, too"
        found = text("SELECT rowid FROM contact_search WHERE contact_search MATCH 'nov'")
        assert session.scalars(found).all() == [who.id]
    sessions.engine.dispose()


def test_the_index_of_postgresql_must_be_there_and_valid(
    settings: Settings, postgres_url: str
) -> None:
    elsewhere = replace(settings, database_url=postgres_url)
    instances.init(elsewhere, NOON)
    sessions = open_database(elsewhere.database)
    for harm, said in (
        ("UPDATE pg_index SET indisvalid = false", "not valid"),
        ("DROP INDEX contact_search_grams", "missing"),
    ):
        where = " WHERE indexrelid = 'contact_search_grams'::regclass"
        with sessions.write() as session:
            session.execute(text(harm + (where if harm.startswith("UPDATE") else "")))
        assert said in _wrong(elsewhere)["search"]
        instances.init(elsewhere, NOON)
        assert _wrong(elsewhere) == {}
    sessions.engine.dispose()


def test_the_ledger_must_not_contradict_itself(settings: Settings) -> None:
    sessions = open_database(settings.database)
    with sessions.write() as session:
        person = factories.user(session)
        device = factories.device(session, person)
        session.add(
            Book(
                device_id=device.id,
                key="all",
                epoch="e",
                seq=1,
                tag="t",
                checked_at=NOON,
                next_at=NOON,
            )
        )
    assert "books whose revision has no token: 1" in _wrong(settings)["ledger"]
    sessions.engine.dispose()


def test_a_clock_that_was_set_back_is_seen(settings: Settings) -> None:
    sessions = open_database(settings.database)
    with sessions.write() as session:
        session.add(Heartbeat(name="worker", at=NOON + SKEW))
    assert _wrong(settings) == {}
    with sessions.write() as session:
        session.get_one(Heartbeat, "worker").at = NOON + SKEW + SECOND
    assert "set back" in _wrong(settings)["clock"]
    sessions.engine.dispose()


def test_phones_must_be_told_the_address_of_this_instance(settings: Settings) -> None:
    moved = replace(settings, base_url="http://127.0.0.1:9090")
    assert "told http://127.0.0.1:8080" in _wrong(moved)["address"]


def test_a_damaged_file_is_seen(settings: Settings) -> None:
    path = settings.instance / "kustod.db"
    sessions = open_database(settings.database)
    with sessions.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    sessions.engine.dispose()
    data = bytearray(path.read_bytes())
    data[8192:12288] = b"\xff" * 4096
    path.write_bytes(data)
    assert "database" in _wrong(settings)


def test_postgresql_is_looked_at_too(settings: Settings, postgres_url: str) -> None:
    elsewhere = replace(settings, database_url=postgres_url)
    instances.init(elsewhere, NOON)
    assert _wrong(elsewhere) == {}
    details = [check.detail for check in examine(elsewhere, NOON)]
    assert any(detail.startswith("PostgreSQL") for detail in details)
