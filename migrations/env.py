"""Alembic's entry: runs in the transaction that app.services.migrations opened."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

import app.models  # noqa: F401 - fills the metadata
from app.db import Base, Instant
from app.models.searching import is_index


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:  # noqa: ANN401 - Alembic's signature
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
    include_name=lambda name, *_: not is_index(name or ""),
)
context.run_migrations()
