"""keys of websites, what came in already, and where a form adds its people

Rules: no import of app.models; schema and data in separate revisions; server_default for a new
NOT NULL column; no ON DELETE CASCADE on anything that is proof; triggers are installed after
every migration by app.services.migrations, never here.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

from app.db import Instant


revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'site_key',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('public_id', sa.Text(), nullable=False),
        sa.Column('collection_point_id', sa.Integer(), nullable=False),
        sa.Column('site', sa.Text(), nullable=False),
        sa.Column('key_sha256', sa.Text(), nullable=False),
        sa.Column('created_at', Instant(), nullable=False),
        sa.Column('ended_at', Instant(), nullable=True),
        sa.ForeignKeyConstraint(['collection_point_id'], ['collection_point.id'], name=op.f('fk_site_key_collection_point_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_site_key')),
        sa.UniqueConstraint('key_sha256', name=op.f('uq_site_key_key_sha256')),
        sa.UniqueConstraint('public_id', name=op.f('uq_site_key_public_id')),
    )
    op.create_index(op.f('ix_site_key_collection_point_id'), 'site_key', ['collection_point_id'], unique=False)
    op.create_table(
        'intake',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('collection_point_id', sa.Integer(), nullable=False),
        sa.Column('name_sha256', sa.Text(), nullable=False),
        sa.Column('body_sha256', sa.Text(), nullable=False),
        sa.Column('received_at', Instant(), nullable=False),
        sa.ForeignKeyConstraint(['collection_point_id'], ['collection_point.id'], name=op.f('fk_intake_collection_point_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_intake')),
        sa.UniqueConstraint('collection_point_id', 'name_sha256', name=op.f('uq_intake_collection_point_id_name_sha256')),
    )
    op.create_index(op.f('ix_intake_received_at'), 'intake', ['received_at'], unique=False)
    with op.batch_alter_table('collection_point') as batch:
        batch.add_column(sa.Column('directory_id', sa.Integer(), nullable=True))
        batch.create_foreign_key(op.f('fk_collection_point_directory_id'), 'directory', ['directory_id'], ['id'])


def downgrade() -> None:
    with op.batch_alter_table('collection_point') as batch:
        batch.drop_constraint(op.f('fk_collection_point_directory_id'), type_='foreignkey')
        batch.drop_column('directory_id')
    op.drop_table('intake')
    op.drop_table('site_key')
