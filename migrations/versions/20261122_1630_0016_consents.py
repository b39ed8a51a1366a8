"""purposes in full, notices, consent events and what proves them

Rules: no import of app.models; schema and data in separate revisions; server_default for a new
NOT NULL column; no ON DELETE CASCADE on anything that is proof; triggers are installed after
every migration by app.services.migrations, never here.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

from app.db import Instant


revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'collection_point',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('public_key', sa.Text(), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('kind', sa.Enum('web-form', 'api', 'branch-paper', 'contract-clause', 'import', 'email', 'sms', 'loyalty', 'receipt', 'wifi', 'oral', name='collectionkind', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('notice_key', sa.Text(), nullable=False),
        sa.Column('purpose_ids', sa.JSON(), nullable=False),
        sa.Column('allowed_origins', sa.JSON(), nullable=False),
        sa.Column('double_opt_in', sa.Boolean(), nullable=False),
        sa.Column('is_active', sa.Boolean(), nullable=False),
        sa.Column('created_at', Instant(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_collection_point')),
        sa.UniqueConstraint('public_key', name=op.f('uq_collection_point_public_key')),
    )
    op.create_table(
        'consent_form',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('collection_point_id', sa.Integer(), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('labels', sa.JSON(), nullable=False),
        sa.Column('sha256', sa.Text(), nullable=False),
        sa.Column('created_at', Instant(), nullable=False),
        sa.ForeignKeyConstraint(['collection_point_id'], ['collection_point.id'], name=op.f('fk_consent_form_collection_point_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_consent_form')),
        sa.UniqueConstraint('collection_point_id', 'version', name=op.f('uq_consent_form_collection_point_id_version')),
    )
    op.create_table(
        'evidence',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('public_id', sa.Text(), nullable=False),
        sa.Column('kind', sa.Enum('web-log', 'paper-scan', 'paper', 'email-copy', 'sms-provider-file', 'import-file', 'contract', 'artwork', 'recording', 'oral-note', name='evidencekind', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('sha256', sa.Text(), nullable=False),
        sa.Column('mime', sa.Text(), nullable=False),
        sa.Column('size', sa.Integer(), nullable=False),
        sa.Column('original_place', sa.Text(), nullable=False),
        sa.Column('captured_by_id', sa.Integer(), nullable=True),
        sa.Column('captured_at', Instant(), nullable=False),
        sa.Column('blob_sha256', sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(['blob_sha256'], ['blob.sha256'], name=op.f('fk_evidence_blob_sha256')),
        sa.ForeignKeyConstraint(['captured_by_id'], ['user.id'], name=op.f('fk_evidence_captured_by_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_evidence')),
        sa.UniqueConstraint('public_id', name=op.f('uq_evidence_public_id')),
    )
    op.create_index(op.f('ix_evidence_sha256'), 'evidence', ['sha256'], unique=False)
    op.create_table(
        'notice_version',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('public_id', sa.Text(), nullable=False),
        sa.Column('key', sa.Text(), nullable=False),
        sa.Column('purpose_id', sa.Integer(), nullable=False),
        sa.Column('language', sa.Text(), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('state', sa.Enum('draft', 'published', 'retired', name='noticestate', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('change_class', sa.Enum('editorial', 'material', 'processing', name='changeclass', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('changes', sa.JSON(), nullable=False),
        sa.Column('blocks', sa.JSON(), nullable=False),
        sa.Column('parties', sa.JSON(), nullable=False),
        sa.Column('purposes', sa.JSON(), nullable=False),
        sa.Column('body', sa.LargeBinary(), nullable=False),
        sa.Column('sha256', sa.Text(), nullable=False),
        sa.Column('created_at', Instant(), nullable=False),
        sa.Column('effective_at', Instant(), nullable=True),
        sa.Column('published_at', Instant(), nullable=True),
        sa.Column('published_by_id', sa.Integer(), nullable=True),
        sa.Column('retired_at', Instant(), nullable=True),
        sa.ForeignKeyConstraint(['published_by_id'], ['user.id'], name=op.f('fk_notice_version_published_by_id')),
        sa.ForeignKeyConstraint(['purpose_id'], ['purpose.id'], name=op.f('fk_notice_version_purpose_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_notice_version')),
        sa.UniqueConstraint('key', 'language', 'version', name=op.f('uq_notice_version_key_language_version')),
        sa.UniqueConstraint('public_id', name=op.f('uq_notice_version_public_id')),
    )
    op.create_table(
        'consent_subject',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('ref', sa.Text(), nullable=False),
        sa.Column('contact_id', sa.Integer(), nullable=True),
        sa.Column('created_at', Instant(), nullable=False),
        sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_consent_subject_contact_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_consent_subject')),
        sa.UniqueConstraint('ref', name=op.f('uq_consent_subject_ref')),
    )
    op.create_index(op.f('ix_consent_subject_contact_id'), 'consent_subject', ['contact_id'], unique=False)
    op.create_table(
        'consent_event',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('public_id', sa.Text(), nullable=False),
        sa.Column('subject_id', sa.Integer(), nullable=False),
        sa.Column('purpose_id', sa.Integer(), nullable=False),
        sa.Column('type', sa.Enum('requested', 'given', 'refused', 'confirmed', 'renewed', 'withdrawn', 'terminated', 'invalidated', 'imported', 'objected', name='consenttype', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('covers', sa.JSON(), nullable=False),
        sa.Column('media', sa.JSON(), nullable=False),
        sa.Column('refers_to_id', sa.Integer(), nullable=True),
        sa.Column('occurred_at', Instant(), nullable=False),
        sa.Column('precision', sa.Enum('instant', 'day', 'month', name='precision', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('recorded_at', Instant(), nullable=False),
        sa.Column('valid_until', Instant(), nullable=False),
        sa.Column('actor_kind', sa.Enum('subject', 'staff', 'system', 'site', name='consentactor', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('actor_id', sa.Integer(), nullable=True),
        sa.Column('expression', sa.Enum('checkbox', 'signature', 'sms', 'button', 'voice', 'clause', 'none', name='expression', native_enum=False, create_constraint=True, length=40), nullable=False),
        sa.Column('collection_point_id', sa.Integer(), nullable=True),
        sa.Column('notice_version_id', sa.Integer(), nullable=True),
        sa.Column('form_id', sa.Integer(), nullable=True),
        sa.Column('form_sha256', sa.Text(), nullable=False),
        sa.Column('statement', sa.Text(), nullable=False),
        sa.Column('language', sa.Text(), nullable=False),
        sa.Column('rendered_at', Instant(), nullable=True),
        sa.Column('nonce', sa.Text(), nullable=False),
        sa.Column('origin', sa.Text(), nullable=False),
        sa.Column('point_kind', sa.Enum('phone', 'email', 'url', 'im', name='pointkind', native_enum=False, create_constraint=True, length=40), nullable=True),
        sa.Column('point_mac', sa.Text(), nullable=False),
        sa.Column('point_key_id', sa.Text(), nullable=False),
        sa.Column('point_value', sa.Text(), nullable=False),
        sa.Column('page', sa.Text(), nullable=False),
        sa.Column('ip', sa.Text(), nullable=False),
        sa.Column('user_agent', sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(['collection_point_id'], ['collection_point.id'], name=op.f('fk_consent_event_collection_point_id')),
        sa.ForeignKeyConstraint(['form_id'], ['consent_form.id'], name=op.f('fk_consent_event_form_id')),
        sa.ForeignKeyConstraint(['notice_version_id'], ['notice_version.id'], name=op.f('fk_consent_event_notice_version_id')),
        sa.ForeignKeyConstraint(['purpose_id'], ['purpose.id'], name=op.f('fk_consent_event_purpose_id')),
        sa.ForeignKeyConstraint(['refers_to_id'], ['consent_event.id'], name=op.f('fk_consent_event_refers_to_id')),
        sa.ForeignKeyConstraint(['subject_id'], ['consent_subject.id'], name=op.f('fk_consent_event_subject_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_consent_event')),
        sa.UniqueConstraint('public_id', name=op.f('uq_consent_event_public_id')),
    )
    op.create_index(op.f('ix_consent_event_collection_point_id'), 'consent_event', ['collection_point_id'], unique=False)
    op.create_index(op.f('ix_consent_event_nonce'), 'consent_event', ['nonce'], unique=False)
    op.create_index(op.f('ix_consent_event_notice_version_id'), 'consent_event', ['notice_version_id'], unique=False)
    op.create_index(op.f('ix_consent_event_point_mac'), 'consent_event', ['point_mac'], unique=False)
    op.create_index(op.f('ix_consent_event_purpose_id'), 'consent_event', ['purpose_id'], unique=False)
    op.create_index(op.f('ix_consent_event_recorded_at'), 'consent_event', ['recorded_at'], unique=False)
    op.create_index(op.f('ix_consent_event_subject_id'), 'consent_event', ['subject_id'], unique=False)
    op.create_index(op.f('ix_consent_event_valid_until'), 'consent_event', ['valid_until'], unique=False)
    op.create_table(
        'event_evidence',
        sa.Column('event_id', sa.Integer(), nullable=False),
        sa.Column('evidence_id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['event_id'], ['consent_event.id'], name=op.f('fk_event_evidence_event_id')),
        sa.ForeignKeyConstraint(['evidence_id'], ['evidence.id'], name=op.f('fk_event_evidence_evidence_id')),
        sa.PrimaryKeyConstraint('event_id', 'evidence_id', name=op.f('pk_event_evidence')),
    )
    op.create_index(op.f('ix_event_evidence_evidence_id'), 'event_evidence', ['evidence_id'], unique=False)
    op.add_column('purpose', sa.Column('media', sa.Text(), nullable=False, server_default=''))
    op.add_column('purpose', sa.Column('recipients', sa.Text(), nullable=False, server_default=''))
    op.add_column('purpose', sa.Column('validity', sa.Text(), nullable=False, server_default=''))
    op.add_column('purpose', sa.Column('double_opt_in', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('purpose', sa.Column('is_marketing', sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    for name in ('is_marketing', 'double_opt_in', 'validity', 'recipients', 'media'):
        op.drop_column('purpose', name)
    for name in ('event_evidence', 'consent_event', 'consent_subject', 'notice_version', 'evidence'):
        op.drop_table(name)
    op.drop_table('consent_form')
    op.drop_table('collection_point')
