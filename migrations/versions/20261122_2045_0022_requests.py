"""requests of people about their data, and erasures that wait for phones

Rules: no import of app.models; schema and data in separate revisions; server_default for a new
NOT NULL column; no ON DELETE CASCADE on anything that is proof; triggers are installed after
every migration by app.services.migrations, never here.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

from app.db import Instant


revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None

_KINDS = ('access', 'rectification', 'erasure', 'restriction', 'objection', 'portability')
_WAYS = ('page', 'mail', 'paper', 'phone', 'staff')
_STEPS = ('taken', 'note', 'asked', 'identity', 'extended', 'closed')


def _one_of(words: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        'subject_request',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('number', sa.Text(), nullable=False),
        sa.Column('kind', _one_of(_KINDS, 'requestkind'), nullable=False),
        sa.Column('way', _one_of(_WAYS, 'requestway'), nullable=False),
        sa.Column('subject_id', sa.Integer(), nullable=True),
        sa.Column('received_at', Instant(), nullable=False),
        sa.Column('recorded_at', Instant(), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=True),
        sa.Column('language', sa.Text(), nullable=False),
        sa.Column('words', sa.Text(), nullable=False),
        sa.Column('wanted', sa.JSON(), nullable=False),
        sa.Column('email', sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(['subject_id'], ['consent_subject.id'], name=op.f('fk_subject_request_subject_id')),
        sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_subject_request_user_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_subject_request')),
        sa.UniqueConstraint('number', name=op.f('uq_subject_request_number')),
    )
    op.create_index(op.f('ix_subject_request_subject_id'), 'subject_request', ['subject_id'], unique=False)
    op.create_index(op.f('ix_subject_request_received_at'), 'subject_request', ['received_at'], unique=False)
    op.create_table(
        'request_step',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('request_id', sa.Integer(), nullable=False),
        sa.Column('at', Instant(), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=True),
        sa.Column('kind', _one_of(_STEPS, 'stepkind'), nullable=False),
        sa.Column('value', sa.Text(), nullable=False),
        sa.Column('words', sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(['request_id'], ['subject_request.id'], name=op.f('fk_request_step_request_id')),
        sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_request_step_user_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_request_step')),
    )
    op.create_index(op.f('ix_request_step_request_id'), 'request_step', ['request_id'], unique=False)
    op.create_table(
        'erasure',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('contact_id', sa.Integer(), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=True),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('despite', sa.Boolean(), nullable=False),
        sa.Column('ordered_at', Instant(), nullable=False),
        sa.Column('ended_at', Instant(), nullable=False),
        sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_erasure_contact_id')),
        sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_erasure_user_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_erasure')),
    )
    op.create_index(op.f('ix_erasure_contact_id'), 'erasure', ['contact_id'], unique=False)
    op.create_index(op.f('ix_erasure_ended_at'), 'erasure', ['ended_at'], unique=False)
    op.add_column('restriction', sa.Column('lift_reason', sa.Text(), server_default='', nullable=False))


def downgrade() -> None:
    op.drop_column('restriction', 'lift_reason')
    op.drop_table('erasure')
    op.drop_table('request_step')
    op.drop_table('subject_request')
