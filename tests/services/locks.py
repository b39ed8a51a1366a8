"""Whether somebody waits for somebody else, on PostgreSQL."""

from sqlalchemy import text

from app.db import Sessions

_WAITING = """SELECT count(*) FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND datname = current_database()"""


def is_waiting(sessions: Sessions) -> bool:
    """Whether a connection waits for a lock; asked in a transaction of its own.

    What is told of the others stands still within one.
    """
    with sessions.read() as session:
        return bool(session.scalar(text(_WAITING)))
