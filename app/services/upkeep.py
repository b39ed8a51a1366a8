"""What keeps a running instance in order, whoever does it: the heartbeat, the clock, the WAL."""

from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from app import clock
from app.db import Sessions
from app.engines import WAL_LIMIT_BYTES
from app.models import Heartbeat
from app.queries import instances


def beat(session: Session, at: datetime) -> None:
    """Say that the worker is alive at `at`; the row never goes back."""
    row = session.get(Heartbeat, instances.WORKER)
    if row is None:
        session.add(Heartbeat(name=instances.WORKER, at=at))
    else:
        row.at = max(row.at, at)


def hold_clock(sessions: Sessions) -> None:
    """Keep this process's clock from telling less than the last heartbeat.

    Each process asks this once when it starts: a machine whose clock was set back while it was
    off must not re-open what had ended.
    """
    with sessions.read() as session:
        last = instances.heartbeat(session)
    if last is not None:
        clock.raise_floor(last)


def shrink_wal(sessions: Sessions, limit: int = WAL_LIMIT_BYTES) -> bool:
    """Empty SQLite's write-ahead log where it has outgrown `limit` bytes; whether it was tried.

    A long reader lets it grow, and it never shrinks by itself (sqlite.org/wal.html).
    """
    database = sessions.engine.url.database
    if sessions.dialect != "sqlite" or not database:
        return False
    log = Path(f"{database}-wal")
    if not log.is_file() or log.stat().st_size <= limit:
        return False
    # The driver's connection: SQLAlchemy's own would open a transaction first.
    connection = sessions.engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()
    return True
