"""What the doctor looks at: keys, database, migrations, search, ledger, clock, address."""

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app import keys
from app.db import Sessions, open_database
from app.errors import KustodError
from app.queries import instances
from app.services import consistency, migrations, search_index
from app.settings import DATABASE_FILE, Settings

SKEW = timedelta(seconds=60)
"""By how much the clock may be behind the worker's last heartbeat."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at, how it is, and a sentence about it."""

    name: str
    is_ok: bool
    detail: str


def examine(settings: Settings, at: datetime) -> list[Check]:
    """Everything in order; what cannot be asked because of an earlier fault is left out.

    `at` is what the machine's clock says, before any heartbeat holds it.
    """
    checks = [_keys(settings)]
    if not (settings.database_url or (settings.instance / DATABASE_FILE).is_file()):
        return [*checks, Check("database", is_ok=False, detail="there is none: run `kustod init`")]
    try:
        sessions = open_database(settings.database)
        try:
            return [*checks, *_database(sessions, settings, at)]
        finally:
            sessions.engine.dispose()
    except (KustodError, SQLAlchemyError) as error:
        return [*checks, Check("database", is_ok=False, detail=_words(error))]


def _keys(settings: Settings) -> Check:
    try:
        keys.load(settings.keys_file)
        mode = stat.S_IMODE(settings.keys_file.stat().st_mode)
    except (KustodError, OSError) as error:
        return Check("keys", is_ok=False, detail=_words(error))
    if mode & 0o077:
        detail = f"others may read {settings.keys_file}: its mode is {mode:04o}, it must be 0600"
        return Check("keys", is_ok=False, detail=detail)
    return Check("keys", is_ok=True, detail="there, and nobody else may read them")


def _database(sessions: Sessions, settings: Settings, at: datetime) -> Iterator[Check]:
    with sessions.read() as session:
        yield _engine(session, sessions.dialect)
    problems = migrations.problems(sessions.engine)
    if problems:
        yield Check("schema", is_ok=False, detail="; ".join(problems) + ": run `kustod init`")
        return
    yield Check("schema", is_ok=True, detail=f"revision {migrations.head()}, triggers in place")
    with sessions.read() as session:
        yield _search(session)
        yield _ledger(session, at)
        yield _clock(session, at)
        yield _address(session, settings)


def _engine(session: Session, dialect: str) -> Check:
    """Which engine it is, and for SQLite whether the file is whole."""
    if dialect == "postgresql":
        version = session.scalar(text("SHOW server_version"))
        return Check("database", is_ok=True, detail=f"PostgreSQL {version}")
    version = session.scalar(text("SELECT sqlite_version()"))
    found = session.scalar(text("PRAGMA quick_check(1)"))
    if found != "ok":
        return Check("database", is_ok=False, detail=f"SQLite {version}, damaged: {found}")
    return Check("database", is_ok=True, detail=f"SQLite {version}, whole")


def _search(session: Session) -> Check:
    """Whether every contact can be found by its letters."""
    if fault := search_index.fault(session):
        return Check("search", is_ok=False, detail=f"{fault}: run `kustod init`")
    return Check("search", is_ok=True, detail="its index knows every contact")


def _ledger(session: Session, at: datetime) -> Check:
    found = consistency.faults(session, at)
    if found:
        return Check("ledger", is_ok=False, detail="; ".join(found))
    return Check("ledger", is_ok=True, detail="at one with itself and with the facts")


def _clock(session: Session, at: datetime) -> Check:
    beat = instances.heartbeat(session)
    if beat is None:
        return Check("clock", is_ok=True, detail="no worker has run yet")
    if beat - at > SKEW:
        detail = f"it is {beat - at} behind the worker's last heartbeat: it was set back"
        return Check("clock", is_ok=False, detail=detail)
    return Check("clock", is_ok=True, detail=f"the worker was last alive at {beat:%Y-%m-%d %H:%M}Z")


def _address(session: Session, settings: Settings) -> Check:
    told = instances.portal_url(session)
    if told != settings.base_url:
        detail = f"phones are told {told}, this is {settings.base_url}: run `kustod init`"
        return Check("address", is_ok=False, detail=detail)
    return Check("address", is_ok=True, detail=settings.base_url)


def _words(error: Exception) -> str:
    """The first line: the others quote SQL."""
    cause = getattr(error, "orig", None) or error
    return next(iter(str(cause).strip().splitlines()), type(error).__name__)
