"""files sent to the portal

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

from app.db import Instant


revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('job', sa.Column('public_id', sa.Text(), server_default='', nullable=False))
    op.create_index(
        'ux_job_public_id',
        'job',
        ['public_id'],
        unique=True,
        sqlite_where=sa.text("public_id <> ''"),
        postgresql_where=sa.text("public_id <> ''"),
    )
    op.create_table(
        'waiting_file',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('public_id', sa.Text(), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('directory_id', sa.Integer(), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('source', sa.Text(), nullable=False),
        sa.Column('bytes', sa.LargeBinary(), nullable=False),
        sa.Column('reading', sa.JSON(), nullable=False),
        sa.Column('total', sa.Integer(), nullable=False),
        sa.Column('checked', sa.JSON(), nullable=True),
        sa.Column('checked_at', Instant(), nullable=True),
        sa.Column('created_at', Instant(), nullable=False),
        sa.ForeignKeyConstraint(['directory_id'], ['directory.id'], name=op.f('fk_waiting_file_directory_id')),
        sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_waiting_file_user_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_waiting_file')),
        sa.UniqueConstraint('public_id', name=op.f('uq_waiting_file_public_id')),
    )
    op.create_index(op.f('ix_waiting_file_created_at'), 'waiting_file', ['created_at'], unique=False)
    op.create_index(op.f('ix_waiting_file_user_id'), 'waiting_file', ['user_id'], unique=False)
    op.create_table(
        'column_mapping',
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('header', sa.Text(), nullable=False),
        sa.Column('fields', sa.JSON(), nullable=False),
        sa.Column('used_at', Instant(), nullable=False),
        sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_column_mapping_user_id')),
        sa.PrimaryKeyConstraint('user_id', 'header', name=op.f('pk_column_mapping')),
    )


def downgrade() -> None:
    op.drop_table('column_mapping')
    op.drop_table('waiting_file')
    op.drop_index('ux_job_public_id', table_name='job')
    op.drop_column('job', 'public_id')
