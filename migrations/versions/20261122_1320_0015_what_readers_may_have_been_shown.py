"""what readers may have been shown

Rules: no import of app.models; schema and data in separate revisions; server_default for a new
NOT NULL column; no ON DELETE CASCADE on anything that is proof; triggers are installed after
every migration by app.services.migrations, never here.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op


revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "reader", sa.Column("supposed_seq", sa.BigInteger(), server_default="-1", nullable=False)
    )


def downgrade() -> None:
    op.drop_column("reader", "supposed_seq")
