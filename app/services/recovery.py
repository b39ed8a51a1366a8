"""`kustod restore`: an instance out of a backup, on this machine or another one.

Nothing of the target is touched before the whole file was read and found to fit. What phones
were given after the backup is read from the hand-out logs; `app.services.lost_futures` says
what follows from it.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import inspect, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from app import keys
from app.db import Sessions, open_database
from app.engines import sqlite_module
from app.errors import Refused
from app.handed_out import HandOutLog
from app.models import Device, User
from app.queries.instances import heartbeat
from app.services import archives, audit, backups, instances, lost_futures, migrations, table_copies
from app.services.archives import Archive, Key
from app.services.backups import Tell
from app.services.lost_futures import Aftermath
from app.settings import DATABASE_FILE, ENV_FILE, HAND_OUT_FILE, Settings

FORMER_ENV = f"{ENV_FILE}.from-backup"
Bring = Callable[[Sessions], Aftermath]


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for: the file, its key, logs of other servers, whether data may be replaced."""

    file: Path
    key: Key | None = None
    logs: Sequence[Path] = ()
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class Restored:
    """An instance that is there again, and what was lost since its backup was made.

    `kept` is the database that stood here before, `env` the settings of the backup, which are
    never put in force.
    """

    made_at: str
    revision: str
    had_log: bool
    kept: Path | None
    env: Path | None
    aftermath: Aftermath


def restore(settings: Settings, order: Order, at: datetime, tell: Tell) -> Restored:
    """Make the instance of these settings out of a backup.

    Raises Refused where the file is no whole backup, was made by a newer version or on another
    engine, where somebody's data or a running server are in the way; nothing is changed then.
    """
    instances.make_folder(settings.instance)
    log, kept = HandOutLog(settings.hand_out_file), None
    had_log = log.path.exists() or bool(order.logs)
    target = _file_of(settings)
    place = target.parent if target else settings.instance
    with backups.work_folder(place) as work, _archive(order, work, tell) as archive:
        _check(settings, archive)

        def bring(sessions: Sessions) -> Aftermath:
            tell("reading the hand-out log")
            return _adopt(sessions, log, order, archive, work, at)

        if target is not None:
            aftermath = _restore_file(target, order, archive, work, bring, tell)
        else:
            aftermath = _restore_tables(settings, archive, bring, tell)
        made_at, env = archive.manifest["made_at"], _save_env(settings, archive)
        keys.save(_all_keys(settings, archive, work), settings.keys_file)
        if target is not None:
            kept = _move_aside(target)
            (work / DATABASE_FILE).replace(target)
            backups.sync(target.parent)
    instances.init(settings, at)
    return Restored(made_at, migrations.head(), had_log, kept, env, aftermath)


def _file_of(settings: Settings) -> Path | None:
    """The database file on SQLite, else None."""
    url = make_url(settings.database)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


@contextmanager
def _archive(order: Order, work: Path, tell: Tell) -> Iterator[Archive]:
    """The backup, decrypted where it has to be, with every byte of it compared."""
    if not order.file.is_file():
        raise Refused(f"there is no file {order.file}")
    plain = order.file
    tell("reading the backup")
    if archives.is_encrypted(order.file):
        plain = work / "plain"
        with plain.open("wb") as file:
            archives.decrypt(order.file, file, order.key)
    with archives.opened(plain, order.file) as archive:
        yield archive


def _check(settings: Settings, archive: Archive) -> None:
    """Raise Refused where this version, on this engine, cannot take it."""
    engine, revision = archive.manifest["engine"], archive.manifest["revision"]
    here = "sqlite" if _file_of(settings) else "postgresql"
    if engine != here:
        raise Refused(
            f"this is a backup of {engine}, and the instance is to run on {here}: "
            "set KUSTOD_DATABASE_URL to a database of the same kind"
        )
    if not migrations.is_known(revision):
        raise Refused(f"the backup is at revision {revision}, which this version does not know")


def _adopt(
    sessions: Sessions, log: HandOutLog, order: Order, archive: Archive, work: Path, at: datetime
) -> Aftermath:
    former = work / HAND_OUT_FILE
    former.write_bytes(archive.read(HAND_OUT_FILE))
    try:
        log.absorb([former, *order.logs])
        told = log.read()
    except OSError as error:
        raise Refused(f"a hand-out log cannot be used: {error}") from error
    with sessions.write() as session:
        at = max(at, heartbeat(session) or at)
        found = lost_futures.adopt(session, told, at)
        made_at = datetime.fromisoformat(archive.manifest["made_at"])
        instances.note_restore(session, made_at, at)
        audit.record(
            session,
            audit.OPERATOR,
            "instance.restore",
            ("instance", None),
            at,
            made_at=archive.manifest["made_at"],
            unknown=len(found.unknown),
            strangers=len(found.strangers),
        )
    return found


def _restore_file(
    target: Path, order: Order, archive: Archive, work: Path, bring: Bring, tell: Tell
) -> Aftermath:
    """Bring a database file up to date in the work folder; what stands in its place may stay."""
    if target.exists():
        _leave_alone(target)
    if target.exists() and _holds_data(f"sqlite:///{target}") and not order.replaces:
        raise Refused(
            f"there is an instance with people at {target.parent}: give --replace to put the "
            "backup in its place; what is there is kept beside it"
        )
    tell("restoring the database")
    copy = work / DATABASE_FILE
    with os.fdopen(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.writelines(archive.chunks(DATABASE_FILE))
        file.flush()
        os.fsync(file.fileno())
    backups.check_file(copy)
    sessions = open_database(f"sqlite:///{copy}")
    try:
        migrations.upgrade(sessions.engine)
        return bring(sessions)
    finally:
        sessions.engine.dispose()


def _leave_alone(target: Path) -> None:
    """Fold the write-ahead log in; Refused where somebody has the database open."""
    with backups.closing_sqlite(target) as connection:
        connection.execute("PRAGMA busy_timeout = 0")
        try:
            mode = connection.execute("PRAGMA journal_mode = DELETE").fetchone()[0]
        except sqlite_module().Error as error:
            raise Refused(f"the database at {target} is in use or damaged: {error}") from error
    if mode != "delete":
        raise Refused(f"the database at {target} is in use: stop `kustod serve` first")


def _move_aside(target: Path) -> Path | None:
    """Keep the database that stands in the way, if there is one."""
    if not target.exists():
        return None
    former, number = target.with_name("before-restore.db"), 1
    while former.exists():
        number += 1
        former = target.with_name(f"before-restore-{number}.db")
    target.rename(former)
    return former


def _restore_tables(settings: Settings, archive: Archive, bring: Bring, tell: Tell) -> Aftermath:
    """Fill an empty PostgreSQL database, or one that `kustod init` has just made."""
    sessions = open_database(settings.database)
    try:
        if _holds_data(settings.database):
            raise Refused("there are people in this database: make an empty one for the backup")
        with sessions.engine.begin() as connection:
            table_copies.drop(connection)
        migrations.upgrade(sessions.engine, archive.manifest["revision"])
        with sessions.engine.begin() as connection:
            for table in table_copies.tables(connection):
                name = f"{backups.TABLES}{table.name}"
                tell(f"restoring {table.name}")
                names = archive.members[name]["columns"]
                table_copies.fill(connection, table, names, archive.chunks(name))
        migrations.upgrade(sessions.engine)
        return bring(sessions)
    finally:
        sessions.engine.dispose()


def _holds_data(url: str) -> bool:
    """Whether people or phones are in this database. Raises Refused where it cannot be asked."""
    sessions = open_database(url)
    try:
        with sessions.engine.connect() as connection:
            there = set(inspect(connection).get_table_names())
            tables = [model.__table__ for model in (User, Device) if model.__tablename__ in there]
            queries = [select(table.c.id).limit(1) for table in tables]
            return any(connection.scalar(query) is not None for query in queries)
    except SQLAlchemyError as error:
        words = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise Refused(f"the database cannot be reached: {words}") from error
    finally:
        sessions.engine.dispose()


def _all_keys(settings: Settings, archive: Archive, work: Path) -> keys.KeyRing:
    """The keys of the backup, and those that are here: a key is only ever added."""
    former = work / backups.KEYS_MEMBER
    former.write_bytes(archive.read(backups.KEYS_MEMBER))
    ring = keys.load(former)
    if not settings.keys_file.exists():
        return ring
    return ring.joined(keys.load(settings.keys_file))


def _save_env(settings: Settings, archive: Archive) -> Path | None:
    """Lay the settings of the backup beside those of this machine, for a person to compare."""
    text, here = archive.read(ENV_FILE), settings.instance / ENV_FILE
    if not text or (here.is_file() and here.read_bytes() == text):
        return None
    path = settings.instance / FORMER_ENV
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text)
    return path
