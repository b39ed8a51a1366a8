"""contacts of a directory by kind

Rules: no import of app.models; schema and data in separate revisions; server_default for a new
NOT NULL column; no ON DELETE CASCADE on anything that is proof; triggers are installed after
every migration by app.services.migrations, never here.

A list narrowed to the firms of one directory is counted without reading its people.

Revision ID: 0014
Revises: 0013
"""

from alembic import op


revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_contact_directory_id_kind", "contact", ["directory_id", "kind"])


def downgrade() -> None:
    op.drop_index("ix_contact_directory_id_kind", "contact")
