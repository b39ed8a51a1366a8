"""proofs that are kept sealed, and who opened them

Rules: no import of app.models; schema and data in separate revisions; server_default for a new
NOT NULL column; no ON DELETE CASCADE on anything that is proof; triggers are installed after
every migration by app.services.migrations, never here.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

from app.db import Instant


revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('evidence', sa.Column('erased_at', Instant(), nullable=True))
    op.create_index(op.f('ix_evidence_captured_at'), 'evidence', ['captured_at'])
    op.create_table(
        'evidence_opening',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('public_id', sa.Text(), nullable=False),
        sa.Column('evidence_id', sa.Integer(), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=True),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('opened_at', Instant(), nullable=False),
        sa.ForeignKeyConstraint(['evidence_id'], ['evidence.id'], name=op.f('fk_evidence_opening_evidence_id')),
        sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_evidence_opening_user_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence_opening')),
        sa.UniqueConstraint('public_id', name=op.f('uq_evidence_opening_public_id')),
    )
    op.create_index(op.f('ix_evidence_opening_evidence_id'), 'evidence_opening', ['evidence_id'])


def downgrade() -> None:
    op.drop_table('evidence_opening')
    op.drop_index(op.f('ix_evidence_captured_at'), 'evidence')
    op.drop_column('evidence', 'erased_at')
