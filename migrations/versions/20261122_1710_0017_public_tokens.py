"""links of people without an account, and whom they write to

Rules: no import of app.models; schema and data in separate revisions; server_default for a new
NOT NULL column; no ON DELETE CASCADE on anything that is proof; triggers are installed after
every migration by app.services.migrations, never here.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

from app.db import Instant


revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'public_token',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('digest', sa.Text(), nullable=False),
        sa.Column('kind', sa.Enum('confirm', 'preferences', 'withdraw', 'receipt', name='tokenkind', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('subject_id', sa.Integer(), nullable=True),
        sa.Column('scope', sa.JSON(), nullable=False),
        sa.Column('created_at', Instant(), nullable=False),
        sa.Column('valid_until', Instant(), nullable=False),
        sa.Column('used_at', Instant(), nullable=True),
        sa.ForeignKeyConstraint(['subject_id'], ['consent_subject.id'], name=op.f('fk_public_token_subject_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_public_token')),
        sa.UniqueConstraint('digest', name=op.f('uq_public_token_digest')),
    )
    op.create_index(op.f('ix_public_token_subject_id'), 'public_token', ['subject_id'], unique=False)
    op.create_index(op.f('ix_public_token_valid_until'), 'public_token', ['valid_until'], unique=False)
    for name in ('rights_email', 'rights_phone', 'authority'):
        op.add_column('organisation', sa.Column(name, sa.Text(), nullable=False, server_default=''))
    op.add_column('organisation', sa.Column('tells_unknown', sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    for name in ('tells_unknown', 'authority', 'rights_phone', 'rights_email'):
        op.drop_column('organisation', name)
    op.drop_table('public_token')
