"""links to profiles

Rules: no import of app.models; schema and data in separate revisions; server_default for a new
NOT NULL column; no ON DELETE CASCADE on anything that is proof; triggers are installed after
every migration by app.services.migrations, never here.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

from app.db import Instant


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('device', sa.Column('link_digest', sa.Text(), server_default='', nullable=False))
    op.add_column('device', sa.Column('link_expires_at', Instant(), nullable=True))
    op.create_index(op.f('ix_device_link_digest'), 'device', ['link_digest'])


def downgrade() -> None:
    op.drop_index(op.f('ix_device_link_digest'), 'device')
    op.drop_column('device', 'link_expires_at')
    op.drop_column('device', 'link_digest')
