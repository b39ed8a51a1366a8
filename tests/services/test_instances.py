import stat
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from app import keys
from app.db import open_database
from app.errors import Refused
from app.models import Organisation
from app.queries import instances as queries
from app.services import instances, migrations
from app.services.audit import OPERATOR
from app.settings import Settings
from tests import factories
from tests.services.scene import NOON, acts


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(instance=tmp_path / "new" / "instance", base_url="https://k.example.org")


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_instance_is_nobody_elses_business(settings: Settings) -> None:
    done = instances.init(settings, NOON)
    assert done["made_keys"]
    assert done["revision"] == migrations.head()
    assert done["copy"] is None
    assert _mode(settings.instance) == 0o700
    assert _mode(settings.keys_file) == 0o600
    assert set(keys.load(settings.keys_file).keys) == set(keys.KeyName)
    sessions = open_database(settings.database)
    assert migrations.problems(sessions.engine) == []
    with sessions.read() as session:
        assert queries.portal_url(session) == "https://k.example.org"
        assert queries.heartbeat(session) is None
        assert not queries.has_users(session)
    sessions.engine.dispose()


def test_a_second_time_nothing_is_lost_and_the_address_follows(settings: Settings) -> None:
    instances.init(settings, NOON)
    ring = keys.load(settings.keys_file)
    settings.instance.chmod(0o755)
    again = instances.init(settings, NOON)
    assert not again["made_keys"]
    assert _mode(settings.instance) == 0o700
    instances.init(replace(settings, base_url="https://new.example.org"), NOON)
    assert keys.load(settings.keys_file) == ring
    sessions = open_database(settings.database)
    with sessions.read() as session:
        rows = session.scalars(select(Organisation)).all()
        assert [row.portal_url for row in rows] == ["https://new.example.org"]
        assert acts(session, "instance.init") == 2
    sessions.engine.dispose()


def test_a_folder_with_other_things_in_it_keeps_its_mode(settings: Settings) -> None:
    settings.instance.mkdir(parents=True)
    settings.instance.chmod(0o755)
    (settings.instance / "letters").mkdir()
    instances.init(settings, NOON)
    assert _mode(settings.instance) == 0o755


def test_lost_keys_are_not_made_anew_while_phones_depend_on_them(settings: Settings) -> None:
    instances.init(settings, NOON)
    settings.keys_file.unlink()
    assert instances.init(settings, NOON)["made_keys"]
    sessions = open_database(settings.database)
    with sessions.write() as session:
        factories.device(session, factories.user(session))
    sessions.engine.dispose()
    settings.keys_file.unlink()
    with pytest.raises(Refused, match="restore them from a backup"):
        instances.init(settings, NOON)
    assert not settings.keys_file.exists()


def test_a_database_is_copied_before_it_is_migrated(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    instances.init(settings, NOON)
    revision = migrations.head()
    monkeypatch.setattr(migrations, "head", lambda: "newer")
    for name in (f"before-{revision}.db", f"before-{revision}-2.db"):
        copy = settings.instance / name
        assert instances.init(settings, NOON)["copy"] == str(copy)
        assert _mode(copy) == 0o600
        copied = open_database(f"sqlite:///{copy}")
        with copied.read() as session:
            assert queries.portal_url(session) == "https://k.example.org"
        copied.engine.dispose()


def test_postgresql_is_made_ready_too(settings: Settings, postgres_url: str) -> None:
    assert instances.init(replace(settings, database_url=postgres_url), NOON)["copy"] is None
    sessions = open_database(postgres_url)
    with sessions.write() as session:
        assert queries.portal_url(session) == "https://k.example.org"
        instances.describe(session, OPERATOR, "Stavby", NOON, email="help@x.cz", phone="1")
        row = session.scalars(select(Organisation)).one()
        assert (row.name, row.help_email, row.help_phone) == ("Stavby", "help@x.cz", "1")
        assert acts(session, "organisation.describe") == 1
    sessions.engine.dispose()


def test_without_tables_the_way_out_is_named(tmp_path: Path) -> None:
    sessions = open_database(f"sqlite:///{tmp_path / 'empty.db'}")
    with sessions.read() as session, pytest.raises(Refused, match="kustod init"):
        queries.heartbeat(session)
    sessions.engine.dispose()


def test_a_database_that_does_not_answer_is_named(settings: Settings) -> None:
    nowhere = replace(settings, database_url="postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(Refused, match="cannot be reached"):
        instances.init(nowhere, NOON)
