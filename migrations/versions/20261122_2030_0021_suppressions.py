"""contact points to which something is stopped, and links that undo a typed stop

Rules: no import of app.models; schema and data in separate revisions; server_default for a new
NOT NULL column; no ON DELETE CASCADE on anything that is proof; triggers are installed after
every migration by app.services.migrations, never here.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

from app.db import Instant


revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None

KINDS = ('confirm', 'preferences', 'withdraw', 'receipt')


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.create_table(
        'suppression',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('public_id', sa.Text(), nullable=False),
        sa.Column('subject_id', sa.Integer(), nullable=True),
        sa.Column('point_kind', _words('pointkind', 'phone', 'email', 'url', 'im'), nullable=False),
        sa.Column('point_mac', sa.Text(), nullable=False),
        sa.Column('point_key_id', sa.Text(), nullable=False),
        sa.Column('scope', _words('stopscope', 'purpose', 'marketing', 'reimport'), nullable=False),
        sa.Column('purpose_id', sa.Integer(), nullable=True),
        sa.Column('media', sa.JSON(), nullable=False),
        sa.Column('ground', _words('stopground', 'withdrawal', 'objection', 'erasure', 'off-list', 'bounce'), nullable=False),
        sa.Column('authority', _words('authority', 'subject', 'typed', 'staff', 'system'), nullable=False),
        sa.Column('event_id', sa.Integer(), nullable=True),
        sa.Column('closed', sa.JSON(), nullable=False),
        sa.Column('begun_at', Instant(), nullable=False),
        sa.Column('recorded_at', Instant(), nullable=False),
        sa.Column('valid_until', Instant(), nullable=False),
        sa.Column('ended_at', Instant(), nullable=True),
        sa.Column('ended_why', _words('stopend', 'undone', 'error'), nullable=True),
        sa.ForeignKeyConstraint(['event_id'], ['consent_event.id'], name=op.f('fk_suppression_event_id')),
        sa.ForeignKeyConstraint(['purpose_id'], ['purpose.id'], name=op.f('fk_suppression_purpose_id')),
        sa.ForeignKeyConstraint(['subject_id'], ['consent_subject.id'], name=op.f('fk_suppression_subject_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_suppression')),
        sa.UniqueConstraint('public_id', name=op.f('uq_suppression_public_id')),
    )
    for column in ('subject_id', 'point_mac', 'purpose_id', 'event_id', 'recorded_at'):
        op.create_index(op.f(f'ix_suppression_{column}'), 'suppression', [column], unique=False)
    op.create_table(
        'stop_doubt',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('public_id', sa.Text(), nullable=False),
        sa.Column('suppression_id', sa.Integer(), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('asked_by_id', sa.Integer(), nullable=False),
        sa.Column('asked_at', Instant(), nullable=False),
        sa.Column('answered_by_id', sa.Integer(), nullable=True),
        sa.Column('answered_at', Instant(), nullable=True),
        sa.Column('is_agreed', sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(['answered_by_id'], ['user.id'], name=op.f('fk_stop_doubt_answered_by_id')),
        sa.ForeignKeyConstraint(['asked_by_id'], ['user.id'], name=op.f('fk_stop_doubt_asked_by_id')),
        sa.ForeignKeyConstraint(['suppression_id'], ['suppression.id'], name=op.f('fk_stop_doubt_suppression_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_stop_doubt')),
        sa.UniqueConstraint('public_id', name=op.f('uq_stop_doubt_public_id')),
    )
    op.create_index(op.f('ix_stop_doubt_suppression_id'), 'stop_doubt', ['suppression_id'], unique=False)
    _let_links_be(*KINDS, 'undo')


def downgrade() -> None:
    op.execute("DELETE FROM public_token WHERE kind = 'undo'")
    _let_links_be(*KINDS)
    op.drop_table('stop_doubt')
    op.drop_table('suppression')


def _let_links_be(*kinds: str) -> None:
    words = ', '.join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table('public_token') as batch:
        batch.drop_constraint(op.f('ck_public_token_tokenkind'), type_='check')
        batch.create_check_constraint(op.f('ck_public_token_tokenkind'), f'kind IN ({words})')
