"""`kustod backup`: everything an instance needs, in one file, while it goes on serving.

The database as one snapshot shows it, the keys, the settings, the hand-out log; read back from
its first byte to its last before it gets its name.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from sqlalchemy import func, select

from app import keys
from app.db import Sessions, instant_text
from app.engines import sqlite_module
from app.errors import Refused
from app.models import Heartbeat
from app.queries import instances
from app.services import archives, audit, migrations, table_copies
from app.services.archives import Key, Packer
from app.services.instances import vacuum_into
from app.settings import DATABASE_FILE, ENV_FILE, HAND_OUT_FILE, Settings

KEYS_MEMBER = "keys.json"
TABLES = "tables/"
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was written and read back."""

    file: Path
    bytes: int
    sha256: str
    made_at: datetime
    revision: str
    is_encrypted: bool


def make(
    settings: Settings, sessions: Sessions, target: Path, at: datetime, key: Key | None, tell: Tell
) -> Made:
    """Write a backup to `target`, whole or not at all, with mode 0600.

    Raises Refused where the file is there already or cannot be written, and where the database
    or the keys are not whole: who needs a backup must not learn it then.
    """
    if target.exists():
        raise Refused(f"{target} is there already; a backup is never overwritten")
    keys.load(settings.keys_file)
    revision = str(migrations.current(sessions.engine))
    with _in_words(target), work_folder(settings.instance) as work, _part(target) as part:
        plain = work / "plain" if key else part
        with plain.open("wb") as file:
            _pack(settings, sessions, work, file, {"made_at": instant_text(at)}, tell)
        tell("reading it back")
        with archives.opened(plain, target):
            pass
        if key:
            tell("encrypting")
            _encrypt(plain, part, key)
        with part.open("rb") as file:
            os.fsync(file.fileno())
            digest = archives.digest_of(archives.parts(file))
        part.replace(target)
        sync(target.parent)
    with sessions.write() as session:
        row = session.get(Heartbeat, instances.BACKUP) or Heartbeat(name=instances.BACKUP, at=at)
        row.at = at
        session.add(row)
        audit.record(session, audit.OPERATOR, "instance.backup", ("instance", None), at)
    return Made(target, target.stat().st_size, digest, at, revision, key is not None)


def _pack(
    settings: Settings,
    sessions: Sessions,
    work: Path,
    file: IO[bytes],
    facts: dict[str, Any],
    tell: Tell,
) -> None:
    with Packer(file) as packer:
        if sessions.dialect == "sqlite":
            tell("copying the database")
            _pack_file(packer, sessions, work / DATABASE_FILE)
        else:
            _pack_tables(packer, sessions, tell)
        tell("adding keys, settings and the hand-out log")
        others = {
            KEYS_MEMBER: settings.keys_file,
            ENV_FILE: settings.instance / ENV_FILE,
            HAND_OUT_FILE: settings.hand_out_file,
        }
        for name, path in others.items():
            if path.is_file():
                packer.add(name, [path.read_bytes()])
        packer.finish(
            **facts,
            version=version("kustod"),
            engine=sessions.dialect,
            revision=migrations.current(sessions.engine),
            head=migrations.head(),
            base_url=settings.base_url,
        )


def _pack_file(packer: Packer, sessions: Sessions, copy: Path) -> None:
    """A copy of the file as one snapshot shows it, which nobody is kept waiting for."""
    vacuum_into(sessions.engine, copy)
    check_file(copy)
    with copy.open("rb") as file:
        packer.add(DATABASE_FILE, archives.parts(file))
    copy.unlink()


def check_file(path: Path) -> None:
    """Raise Refused where a SQLite database is damaged or its rows point nowhere."""
    with closing_sqlite(path) as connection:
        found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    if found != "ok" or broken:
        said = found if found != "ok" else f"{len(broken)} rows refer to nothing"
        raise Refused(f"the database is damaged: {said}")


@contextmanager
def closing_sqlite(path: Path) -> Iterator[Any]:
    """A bare connection to a file, closed afterwards."""
    module: Any = sqlite_module()
    connection = module.connect(path, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def _pack_tables(packer: Packer, sessions: Sessions, tell: Tell) -> None:
    """Every table out of one snapshot."""
    with sessions.read() as session:
        for table in table_copies.tables(session.connection()):
            tell(f"copying {table.name}")
            count = session.scalar(select(func.count()).select_from(table))
            names = table_copies.columns(table)
            rows = table_copies.rows_of(session, table)
            packer.add(f"{TABLES}{table.name}", rows, rows=count, columns=names)


def _encrypt(plain: Path, part: Path, key: Key) -> None:
    """Encrypt, and read back what can be read back with this key."""
    with part.open("wb") as file:
        archives.encrypt(plain, file, key)
    if key.identity is None:
        return
    with plain.open("rb") as file:
        digest = archives.digest_of(archives.parts(file))
    again = plain.with_name("again")
    with again.open("wb") as file:
        archives.decrypt(part, file, key)
    with again.open("rb") as file:
        if archives.digest_of(archives.parts(file)) != digest:
            raise Refused("what was encrypted cannot be read back")


@contextmanager
def work_folder(instance: Path) -> Iterator[Path]:
    """A folder beside the database for what nobody else may read, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix=".work-", dir=instance))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _part(target: Path) -> Iterator[Path]:
    """A file of mode 0600 beside the target, gone afterwards unless it got its name."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


@contextmanager
def _in_words(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Refused(f"{target} cannot be written: {error.strerror or error}") from error


def sync(folder: Path) -> None:
    """Let the new name survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
