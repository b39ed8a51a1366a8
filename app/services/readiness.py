"""Whether this process could serve a request now."""

from sqlalchemy.exc import SQLAlchemyError

from app.db import Sessions
from app.errors import KustodError
from app.services import migrations


def is_ready(sessions: Sessions) -> bool:
    """Whether the database answers and its tables and triggers are those of this version."""
    try:
        return not migrations.problems(sessions.engine)
    except (SQLAlchemyError, KustodError):
        return False
