"""pads of numbered blanks, and the inbox of papers

Rules: no import of app.models; schema and data in separate revisions; server_default for a new
NOT NULL column; no ON DELETE CASCADE on anything that is proof; triggers are installed after
every migration by app.services.migrations, never here.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

from app.db import Instant


revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'paper_pad',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('public_id', sa.Text(), nullable=False),
        sa.Column('collection_point_id', sa.Integer(), nullable=False),
        sa.Column('form_id', sa.Integer(), nullable=False),
        sa.Column('notice_version_id', sa.Integer(), nullable=False),
        sa.Column('language', sa.Text(), nullable=False),
        sa.Column('printed_at', Instant(), nullable=False),
        sa.Column('printed_by_id', sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(['collection_point_id'], ['collection_point.id'], name=op.f('fk_paper_pad_collection_point_id')),
        sa.ForeignKeyConstraint(['form_id'], ['consent_form.id'], name=op.f('fk_paper_pad_form_id')),
        sa.ForeignKeyConstraint(['notice_version_id'], ['notice_version.id'], name=op.f('fk_paper_pad_notice_version_id')),
        sa.ForeignKeyConstraint(['printed_by_id'], ['user.id'], name=op.f('fk_paper_pad_printed_by_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_paper_pad')),
        sa.UniqueConstraint('public_id', name=op.f('uq_paper_pad_public_id')),
    )
    op.create_index(op.f('ix_paper_pad_collection_point_id'), 'paper_pad', ['collection_point_id'])
    op.create_table(
        'paper_form',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('pad_id', sa.Integer(), nullable=False),
        sa.Column('spoiled_at', Instant(), nullable=True),
        sa.ForeignKeyConstraint(['pad_id'], ['paper_pad.id'], name=op.f('fk_paper_form_pad_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_paper_form')),
    )
    op.create_index(op.f('ix_paper_form_pad_id'), 'paper_form', ['pad_id'])
    op.create_table(
        'paper_scan',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('public_id', sa.Text(), nullable=False),
        sa.Column('collection_point_id', sa.Integer(), nullable=False),
        sa.Column('evidence_id', sa.Integer(), nullable=False),
        sa.Column('paper_form_id', sa.Integer(), nullable=True),
        sa.Column('is_card', sa.Boolean(), nullable=False),
        sa.Column('brought_at', Instant(), nullable=False),
        sa.Column('brought_by_id', sa.Integer(), nullable=True),
        sa.Column('outcome', sa.Enum('given', 'refused', 'unreadable', 'card', name='paperoutcome', native_enum=False, create_constraint=True, length=40), nullable=True),
        sa.Column('settled_at', Instant(), nullable=True),
        sa.Column('settled_by_id', sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(['brought_by_id'], ['user.id'], name=op.f('fk_paper_scan_brought_by_id')),
        sa.ForeignKeyConstraint(['collection_point_id'], ['collection_point.id'], name=op.f('fk_paper_scan_collection_point_id')),
        sa.ForeignKeyConstraint(['evidence_id'], ['evidence.id'], name=op.f('fk_paper_scan_evidence_id')),
        sa.ForeignKeyConstraint(['paper_form_id'], ['paper_form.id'], name=op.f('fk_paper_scan_paper_form_id')),
        sa.ForeignKeyConstraint(['settled_by_id'], ['user.id'], name=op.f('fk_paper_scan_settled_by_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_paper_scan')),
        sa.UniqueConstraint('evidence_id', name=op.f('uq_paper_scan_evidence_id')),
        sa.UniqueConstraint('paper_form_id', name=op.f('uq_paper_scan_paper_form_id')),
        sa.UniqueConstraint('public_id', name=op.f('uq_paper_scan_public_id')),
    )
    op.create_index(op.f('ix_paper_scan_collection_point_id'), 'paper_scan', ['collection_point_id'])
    op.create_index(op.f('ix_paper_scan_settled_at'), 'paper_scan', ['settled_at'])


def downgrade() -> None:
    op.drop_table('paper_scan')
    op.drop_table('paper_form')
    op.drop_table('paper_pad')
