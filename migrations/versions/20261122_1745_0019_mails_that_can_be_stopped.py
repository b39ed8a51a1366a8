"""the address at which the reader of a mail stops such mails

Rules: no import of app.models; schema and data in separate revisions; server_default for a new
NOT NULL column; no ON DELETE CASCADE on anything that is proof; triggers are installed after
every migration by app.services.migrations, never here.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op


revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('outbox_message', sa.Column('unsubscribe', sa.Text(), nullable=False, server_default=''))


def downgrade() -> None:
    op.drop_column('outbox_message', 'unsubscribe')
