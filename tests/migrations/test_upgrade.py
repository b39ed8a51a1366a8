"""An upgrade is whole or not at all, and leaves foreign keys and triggers in place."""

from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.db import Sessions
from app.errors import Refused
from app.models import Directory
from app.models.facts import FACTS
from app.services import migrations
from tests import factories
from tests.migrations.folders import add_migration

REBUILT = ("touched", "fact_history", *(fact.table for fact in FACTS))


def slugs(sessions: Sessions) -> list[str]:
    with sessions.read() as session:
        return list(session.scalars(select(Directory.slug)))


def plant(sessions: Sessions) -> list[str]:
    """A directory with a person in it."""
    with sessions.write() as session:
        factories.contact(session, factories.directory(session))
    return slugs(sessions)


def refuse(sessions: Sessions) -> str:
    with pytest.raises(Refused) as refused:
        migrations.upgrade(sessions.engine)
    return str(refused.value)


def has_foreign_keys(sessions: Sessions) -> bool:
    with Session(sessions.engine) as session:
        home = factories.directory(session)
        home.purpose_id = 999_999
        try:
            session.flush()
        except IntegrityError:
            return True
    return False


def test_upgrading_again_changes_nothing(sessions: Sessions) -> None:
    before = plant(sessions)
    migrations.upgrade(sessions.engine)
    assert slugs(sessions) == before
    assert migrations.problems(sessions.engine) == []


def test_a_migration_that_loses_rows_is_refused_and_undone(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before, head = plant(sessions), migrations.head()
    add_migration(monkeypatch, tmp_path / "m", 'op.execute("DELETE FROM contact_point")')
    reason = refuse(sessions)
    assert reason == "the migration would lose rows of contact_point; nothing was changed"
    with sessions.read() as session:
        assert session.execute(text("SELECT count(*) FROM contact_point")).scalar_one() == 1
    assert slugs(sessions) == before
    assert migrations.current(sessions.engine) == head


def test_a_migration_that_drops_a_table_with_rows_is_refused(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plant(sessions)
    add_migration(monkeypatch, tmp_path / "m", 'op.drop_table("contact_point")')
    assert "lose rows of contact_point" in refuse(sessions)


def test_a_migration_that_breaks_a_reference_is_refused_and_undone(
    sqlite: Sessions, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plant(sqlite)
    add_migration(monkeypatch, tmp_path / "m", 'op.execute("UPDATE directory SET purpose_id = 9")')
    assert refuse(sqlite) == "the migration would break 1 references; nothing changed"
    with sqlite.read() as session:
        assert session.scalars(select(Directory.purpose_id)).all() == [1]


def test_foreign_keys_hold_after_an_upgrade(sessions: Sessions) -> None:
    migrations.upgrade(sessions.engine)
    assert has_foreign_keys(sessions)


def test_foreign_keys_hold_after_a_refused_upgrade(
    sqlite: Sessions, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plant(sqlite)
    add_migration(monkeypatch, tmp_path / "m", 'op.execute("DELETE FROM contact_point")')
    refuse(sqlite)
    assert has_foreign_keys(sqlite)


@pytest.mark.parametrize("table", REBUILT)
def test_a_rebuilt_table_keeps_rows_and_triggers(
    sqlite: Sessions, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, table: str
) -> None:
    before = plant(sqlite)
    body = f'with op.batch_alter_table("{table}", recreate="always"):\n        pass'
    add_migration(monkeypatch, tmp_path / "m", body)
    migrations.upgrade(sqlite.engine)
    assert migrations.current(sqlite.engine) == "test"
    assert migrations.problems(sqlite.engine) == []
    assert slugs(sqlite) == before


def test_a_folder_without_migrations_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "versions").mkdir()
    monkeypatch.setattr(migrations, "_FOLDER", tmp_path)
    with pytest.raises(Refused, match="no migrations found"):
        migrations.head()
