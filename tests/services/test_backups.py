"""A backup is whole or not there; what cannot be used is refused and changes nothing."""

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from app import keys
from app.db import Sessions, open_database
from app.errors import Refused
from app.models import User
from app.queries import instances as places
from app.services import archives, backups, instances, migrations, recovery, table_copies
from app.services.archives import Key
from app.services.recovery import FORMER_ENV, Order, Restored
from app.settings import ENV_FILE, Settings
from tests import factories
from tests.dav.restoring import quiet
from tests.factories import NOON


@pytest.fixture
def here(tmp_path: Path, database_url: str) -> Settings:
    return ready(Settings(tmp_path / "here", database_url=database_url))


@pytest.fixture
def sqlite_here(tmp_path: Path) -> Settings:
    return ready(Settings(tmp_path / "here"))


@pytest.fixture
def there(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "there")


def ready(settings: Settings) -> Settings:
    instances.init(settings, NOON)
    with opened(settings) as sessions, sessions.write() as session:
        factories.user(session)
    return settings


class opened:  # noqa: N801 - reads like a function
    """The database of these settings, closed afterwards."""

    def __init__(self, settings: Settings) -> None:
        self._sessions = open_database(settings.database)

    def __enter__(self) -> Sessions:
        return self._sessions

    def __exit__(self, *_: object) -> None:
        self._sessions.engine.dispose()


def back_up(settings: Settings, target: Path, key: Key | None = None) -> Path:
    with opened(settings) as sessions:
        backups.make(settings, sessions, target, NOON, key, quiet)
    return target


def put_back(settings: Settings, file: Path, **more: object) -> Restored:
    return recovery.restore(settings, replace(Order(file), **more), NOON, quiet)  # type: ignore[arg-type] # names of its own fields


def people(settings: Settings) -> list[str]:
    with opened(settings) as sessions, sessions.read() as session:
        return list(session.scalars(select(User.email)))


def refusal(settings: Settings, file: Path, **more: object) -> str:
    with pytest.raises(Refused) as refused:
        put_back(settings, file, **more)
    return str(refused.value)


def test_a_backup_is_a_file_of_its_owner_alone_that_nothing_overwrites(
    here: Settings, tmp_path: Path
) -> None:
    target = back_up(here, tmp_path / "b.kustod")
    assert target.stat().st_mode & 0o777 == 0o600
    assert {path.name for path in tmp_path.iterdir() if path.name.startswith(".")} == set()
    assert not list(here.instance.glob(".work-*"))
    with opened(here) as sessions, sessions.read() as session:
        assert places.backed_up_at(session) == NOON
    before = target.read_bytes()
    with pytest.raises(Refused, match="never overwritten"):
        back_up(here, target)
    assert target.read_bytes() == before
    with pytest.raises(Refused, match="cannot be written"):
        back_up(here, tmp_path / "nowhere" / "b.kustod")


def test_a_database_that_is_damaged_is_not_backed_up(sqlite_here: Settings, tmp_path: Path) -> None:
    with opened(sqlite_here) as sessions, sessions.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("INSERT INTO user_role (user_id, role) VALUES (77, 'owner')")
        connection.commit()
    with pytest.raises(Refused, match="1 rows refer to nothing"):
        back_up(sqlite_here, tmp_path / "b")
    assert not (tmp_path / "b").exists()


def test_without_keys_there_is_no_backup(sqlite_here: Settings, tmp_path: Path) -> None:
    sqlite_here.keys_file.unlink()
    with pytest.raises(Refused, match="no keys at"):
        back_up(sqlite_here, tmp_path / "b")


def test_only_the_secret_key_opens_an_encrypted_backup(
    sqlite_here: Settings, there: Settings, tmp_path: Path
) -> None:
    key_file, other_file, public = (tmp_path / name for name in ("key", "other", "public"))
    public.write_text(archives.make_key(key_file) + "\n")
    archives.make_key(other_file)
    assert key_file.stat().st_mode & 0o777 == 0o600
    whole, half, wrong = map(archives.read_key, (key_file, public, other_file))
    for name, key in (("one", whole), ("two", half)):
        file = back_up(sqlite_here, tmp_path / name, key)
        data = file.read_bytes()
        assert archives.is_encrypted(file)
        assert b"manifest" not in data
        assert (
            keys.load(sqlite_here.keys_file).current(keys.KeyName.SESSION).id.encode() not in data
        )
        assert "name the file with its secret key" in refusal(there, file)
        assert "name the file with its secret key" in refusal(there, file, key=half)
        assert "cannot be read with this key" in refusal(there, file, key=wrong)
    put_back(there, tmp_path / "two", key=whole)
    assert people(there) == people(sqlite_here)
    (tmp_path / "cut").write_bytes((tmp_path / "one").read_bytes()[:-1])
    assert "cannot be read" in refusal(there, tmp_path / "cut", key=whole)


def test_the_line_with_the_public_key_is_enough(tmp_path: Path) -> None:
    public = archives.make_key(tmp_path / "whole")
    (tmp_path / "half").write_text((tmp_path / "whole").read_text().splitlines()[0])
    half = archives.read_key(tmp_path / "half")
    assert (str(half.recipient), half.identity) == (public, None)
    assert archives.read_key(tmp_path / "whole").identity is not None


def test_a_file_that_is_no_key_is_refused(tmp_path: Path) -> None:
    for number, text in enumerate(("", "# nothing\n", "age1nonsense", "AGE-SECRET-KEY-1NO")):
        path = tmp_path / str(number)
        path.write_text(text)
        with pytest.raises(Refused, match="holds no key"):
            archives.read_key(path)
    with pytest.raises(Refused, match="holds no key"):
        archives.read_key(tmp_path / "absent")
    with pytest.raises(Refused, match="no key was made"):
        archives.make_key(tmp_path / "0")


def test_every_damage_is_refused_and_leaves_the_target_alone(
    sqlite_here: Settings, there: Settings, tmp_path: Path
) -> None:
    file = back_up(sqlite_here, tmp_path / "b")
    ready(there)
    before = people(there), there.keys_file.read_bytes()
    data, bad = file.read_bytes(), tmp_path / "bad"
    with zipfile.ZipFile(file) as archive:
        largest = max(archive.infolist(), key=lambda member: member.compress_size)
    middle = largest.header_offset + largest.compress_size // 2
    bad.write_bytes(data[:middle] + bytes([data[middle] ^ 0x10]) + data[middle + 1 :])
    assert "damaged" in refusal(there, bad, replaces=True)
    bad.write_bytes(data[:middle])
    assert "damaged" in refusal(there, bad, replaces=True)
    assert "there is no file" in refusal(there, tmp_path / "absent")
    assert (people(there), there.keys_file.read_bytes()) == before


def test_no_flipped_byte_and_no_cut_passes_for_something_else(
    sqlite_here: Settings, tmp_path: Path
) -> None:
    file, bad = back_up(sqlite_here, tmp_path / "b"), tmp_path / "bad"
    data, refused = file.read_bytes(), 0
    with archives.opened(file, file) as archive:
        whole = archive.manifest
    for place in range(0, len(data), len(data) // 199):
        bad.write_bytes(data[:place] + bytes([data[place] ^ 0x10]) + data[place + 1 :])
        try:
            with archives.opened(bad, bad) as archive:
                # Where a zip keeps dates and what nobody reads.
                assert archive.manifest == whole
        except Refused:
            refused += 1
        bad.write_bytes(data[:place])
        with pytest.raises(Refused), archives.opened(bad, bad):
            pass
    assert refused > 150


def rewritten(file: Path, target: Path, **facts: object) -> Path:
    """The same archive with other facts in its manifest, or with another keys file."""
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(target, "w") as copy:
        for name in source.namelist():
            text = source.read(name)
            if name == archives.MANIFEST:
                text = json.dumps(json.loads(text) | facts).encode()
            copy.writestr(name, text)
    return target


def test_what_this_version_cannot_take_is_refused(
    sqlite_here: Settings, there: Settings, tmp_path: Path
) -> None:
    file = back_up(sqlite_here, tmp_path / "b")
    newer = rewritten(file, tmp_path / "newer", format=archives.FORMAT + 1)
    assert "newer version" in refusal(there, newer)
    later = rewritten(file, tmp_path / "later", revision="9999")
    assert "revision 9999, which this version does not know" in refusal(there, later)
    foreign = rewritten(file, tmp_path / "foreign", engine="postgresql")
    assert "backup of postgresql" in refusal(there, foreign)
    changed = rewritten(
        file, tmp_path / "changed", members={"keys.json": {"sha256": "0", "bytes": 1}}
    )
    assert "keys.json is not what it was" in refusal(there, changed)
    assert not (there.instance / "kustod.db").exists()


def test_people_in_the_way_are_never_written_over_unasked(
    sqlite_here: Settings, there: Settings, tmp_path: Path
) -> None:
    file = back_up(sqlite_here, tmp_path / "b")
    ready(there)
    with opened(there) as sessions, sessions.write() as session:
        factories.user(session)
    assert len(people(there)) == 2
    assert "give --replace" in refusal(there, file)
    own = keys.load(there.keys_file)
    for name in ("before-restore.db", "before-restore-2.db"):
        done = put_back(there, file, replaces=True)
        assert done.kept == there.instance / name
    assert people(there) == people(sqlite_here)
    assert (
        len(
            people(
                Settings(
                    there.instance, database_url=f"sqlite:///{there.instance}/before-restore.db"
                )
            )
        )
        == 2
    )
    ring, theirs = keys.load(there.keys_file), keys.load(sqlite_here.keys_file)
    for name in keys.KeyName:
        assert {*ring.all(name)} == {*own.all(name), *theirs.all(name)}


def test_a_database_in_use_is_not_replaced(
    sqlite_here: Settings, there: Settings, tmp_path: Path
) -> None:
    file = back_up(sqlite_here, tmp_path / "b")
    ready(there)
    with opened(there) as sessions, sessions.read() as session:
        session.scalars(select(User.email)).all()
        assert "in use" in refusal(there, file, replaces=True)
    put_back(there, file, replaces=True)


def test_a_fresh_instance_gives_way(
    here: Settings, other_database_url: str, tmp_path: Path
) -> None:
    there = Settings(tmp_path / "there", database_url=other_database_url)
    instances.init(there, NOON)
    put_back(there, back_up(here, tmp_path / "b"))
    assert people(there) == people(here)


def test_a_postgresql_database_with_people_is_refused(tmp_path: Path, postgres_url: str) -> None:
    here = ready(Settings(tmp_path / "here", database_url=postgres_url))
    file = back_up(here, tmp_path / "b")
    assert "make an empty one" in refusal(here, file)


def test_the_settings_of_the_backup_are_laid_beside_and_not_put_in_force(
    sqlite_here: Settings, there: Settings, tmp_path: Path
) -> None:
    (sqlite_here.instance / ENV_FILE).write_text("KUSTOD_DATABASE_URL=sqlite:////old/one.db\n")
    file = back_up(sqlite_here, tmp_path / "b")
    done = put_back(there, file)
    assert done.env == there.instance / FORMER_ENV
    assert done.env.stat().st_mode & 0o777 == 0o600
    assert not (there.instance / ENV_FILE).exists()
    (there.instance / ENV_FILE).write_text("KUSTOD_DATABASE_URL=sqlite:////old/one.db\n")
    assert put_back(there, file, replaces=True).env is None


def older(settings: Settings, revision: str) -> None:
    """What this instance was at a former revision, with one person."""
    with opened(settings) as sessions:
        if sessions.dialect == "postgresql":
            with sessions.engine.begin() as connection:
                table_copies.drop(connection)
        else:
            Path(sessions.engine.url.database or "").unlink()
        migrations.upgrade(sessions.engine, revision)
        with sessions.write() as session:
            session.execute(
                insert(User), {"email": "eva@example.org", "name": "Eva", "created_at": NOON}
            )


def test_an_older_backup_is_migrated(
    here: Settings, other_database_url: str, tmp_path: Path
) -> None:
    there = Settings(tmp_path / "there", database_url=other_database_url)
    older(here, "0014")
    file = back_up(here, tmp_path / "b")
    with zipfile.ZipFile(file) as members:
        assert json.loads(members.read("manifest.json"))["revision"] == "0014"
    done = put_back(there, file)
    assert done.revision == migrations.head()
    assert people(there) == ["eva@example.org"]
    with opened(there) as sessions:
        assert migrations.problems(sessions.engine) == []


def test_a_log_that_cannot_be_read_is_refused(
    sqlite_here: Settings, there: Settings, tmp_path: Path
) -> None:
    file = back_up(sqlite_here, tmp_path / "b")
    assert "hand-out log cannot be used" in refusal(there, file, logs=(tmp_path / "absent",))
    assert not (there.instance / "kustod.db").exists()
