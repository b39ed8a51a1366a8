"""who was asked anew before a consent ended, and who processes data for us

Rules: no import of app.models; schema and data in separate revisions; server_default for a new
NOT NULL column; no ON DELETE CASCADE on anything that is proof; triggers are installed after
every migration by app.services.migrations, never here.

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

from app.db import Instant


revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'renewal_campaign',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('public_id', sa.Text(), nullable=False),
        sa.Column('purpose_id', sa.Integer(), nullable=False),
        sa.Column('notice_key', sa.Text(), nullable=False),
        sa.Column('notice_version', sa.Integer(), nullable=False),
        sa.Column('started_by_id', sa.Integer(), nullable=True),
        sa.Column('started_at', Instant(), nullable=False),
        sa.Column('invited', sa.Integer(), nullable=False),
        sa.Column('cancelled_at', Instant(), nullable=True),
        sa.ForeignKeyConstraint(['purpose_id'], ['purpose.id'], name=op.f('fk_renewal_campaign_purpose_id')),
        sa.ForeignKeyConstraint(['started_by_id'], ['user.id'], name=op.f('fk_renewal_campaign_started_by_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_renewal_campaign')),
        sa.UniqueConstraint('public_id', name=op.f('uq_renewal_campaign_public_id')),
    )
    for column in ('purpose_id', 'started_by_id'):
        op.create_index(op.f(f'ix_renewal_campaign_{column}'), 'renewal_campaign', [column], unique=False)
    op.create_table(
        'renewal_invitation',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('campaign_id', sa.Integer(), nullable=False),
        sa.Column('contact_id', sa.Integer(), nullable=False),
        sa.Column('subject_id', sa.Integer(), nullable=False),
        sa.Column('purpose_id', sa.Integer(), nullable=False),
        sa.Column('ends_at', Instant(), nullable=False),
        sa.Column('notice_version_id', sa.Integer(), nullable=False),
        sa.Column('message_id', sa.Integer(), nullable=False),
        sa.Column('nonce', sa.Text(), nullable=False),
        sa.Column('language', sa.Text(), nullable=False),
        sa.Column('asked', sa.JSON(), nullable=False),
        sa.Column('invited_at', Instant(), nullable=False),
        sa.ForeignKeyConstraint(['campaign_id'], ['renewal_campaign.id'], name=op.f('fk_renewal_invitation_campaign_id')),
        sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_renewal_invitation_contact_id')),
        sa.ForeignKeyConstraint(['subject_id'], ['consent_subject.id'], name=op.f('fk_renewal_invitation_subject_id')),
        sa.ForeignKeyConstraint(['purpose_id'], ['purpose.id'], name=op.f('fk_renewal_invitation_purpose_id')),
        sa.ForeignKeyConstraint(['notice_version_id'], ['notice_version.id'], name=op.f('fk_renewal_invitation_notice_version_id')),
        sa.ForeignKeyConstraint(['message_id'], ['outbox_message.id'], name=op.f('fk_renewal_invitation_message_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_renewal_invitation')),
        sa.UniqueConstraint('nonce', name=op.f('uq_renewal_invitation_nonce')),
        sa.UniqueConstraint('contact_id', 'purpose_id', 'ends_at', name=op.f('uq_renewal_invitation_contact_id_purpose_id_ends_at')),
    )
    for column in ('campaign_id', 'subject_id', 'message_id'):
        op.create_index(op.f(f'ix_renewal_invitation_{column}'), 'renewal_invitation', [column], unique=False)
    op.create_table(
        'processor',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('public_id', sa.Text(), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('task', sa.Text(), nullable=False),
        sa.Column('place', sa.Text(), nullable=False),
        sa.Column('transfer', sa.Text(), nullable=False),
        sa.Column('contract', sa.Text(), nullable=False),
        sa.Column('added_by_id', sa.Integer(), nullable=True),
        sa.Column('created_at', Instant(), nullable=False),
        sa.Column('valid_from', Instant(), nullable=False),
        sa.Column('valid_until', Instant(), nullable=False),
        sa.ForeignKeyConstraint(['added_by_id'], ['user.id'], name=op.f('fk_processor_added_by_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_processor')),
        sa.UniqueConstraint('public_id', name=op.f('uq_processor_public_id')),
    )
    op.create_index(op.f('ix_processor_valid_until'), 'processor', ['valid_until'], unique=False)


def downgrade() -> None:
    op.drop_table('processor')
    op.drop_table('renewal_invitation')
    op.drop_table('renewal_campaign')
