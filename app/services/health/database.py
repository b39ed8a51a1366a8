"""The database: which engine, whole, migrated, searchable, and a ledger at one with the facts."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db import Sessions
from app.services import consistency, migrations, search_index
from app.services.health.check import Check, well, wrong


def engine(session: Session, dialect: str) -> Check:
    """Which engine it is, and for SQLite whether the file is whole."""
    if dialect == "postgresql":
        version = session.scalar(text("SHOW server_version"))
        return well("database", f"PostgreSQL {version}")
    version = session.scalar(text("SELECT sqlite_version()"))
    found = session.scalar(text("PRAGMA quick_check(1)"))
    if found != "ok":
        detail = f"SQLite {version}, damaged: {found}: stop Kustod and restore the last backup"
        return wrong("database", detail)
    return well("database", f"SQLite {version}, whole")


def schema(sessions: Sessions) -> Check:
    """Whether tables and triggers are those of this version."""
    problems = migrations.problems(sessions.engine)
    if problems:
        return wrong("schema", "; ".join(problems) + ": run `kustod init`")
    return well("schema", f"revision {migrations.head()}, triggers in place")


def contents(session: Session, at: datetime) -> Iterator[Check]:
    """What stands in the tables, where they are those of this version."""
    yield _search(session)
    yield _ledger(session, at)


def _search(session: Session) -> Check:
    """Whether every contact can be found by its letters."""
    if fault := search_index.fault(session):
        return wrong("search", f"{fault}: run `kustod init`")
    return well("search", "its index knows every contact")


def _ledger(session: Session, at: datetime) -> Check:
    if found := consistency.faults(session, at):
        return wrong("ledger", "; ".join(found))
    return well("ledger", "at one with itself and with the facts")
