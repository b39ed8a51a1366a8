"""Alembic's entry: runs on the connection and in the transaction that app.services.migrations opened."""

from alembic import context

import app.models  # noqa: F401 - fills the metadata
from app.db import Base, Instant


def render_item(kind: str, item: object, _context: object) -> str | bool:
    """Write our Instant type by its bare name; everything else as Alembic does."""
    return "Instant()" if kind == "type" and isinstance(item, Instant) else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    compare_server_default=False,
    transactional_ddl=False,
    render_item=render_item,
)
context.run_migrations()
