"""a link for the first owner

Rules: no import of app.models; schema and data in separate revisions; server_default for a new
NOT NULL column; no ON DELETE CASCADE on anything that is proof; triggers are installed after
every migration by app.services.migrations, never here.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

from app.db import Instant


revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "first_owner_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_first_owner_link")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_first_owner_link_token_digest")),
    )


def downgrade() -> None:
    op.drop_table("first_owner_link")
