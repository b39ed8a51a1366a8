"""mail

Rules: no import of app.models; schema and data in separate revisions; server_default for a new
NOT NULL column; no ON DELETE CASCADE on anything that is proof; triggers are installed after
every migration by app.services.migrations, never here.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

from app.db import Instant


revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

KINDS = ('access', 'project', 'review')
TEXTS = ('public_id', 'html', 'language', 'link')
INSTANTS = ('claimed_at', 'failed_at', 'cancelled_at', 'erased_at')


def upgrade() -> None:
    with op.batch_alter_table('outbox_message') as batch:
        for name in TEXTS:
            batch.add_column(sa.Column(name, sa.Text(), server_default='', nullable=False))
        for name in INSTANTS:
            batch.add_column(sa.Column(name, Instant(), nullable=True))
        batch.add_column(sa.Column('claims', sa.Integer(), server_default='0', nullable=False))
        batch.add_column(sa.Column('user_id', sa.Integer(), nullable=True))
        batch.create_foreign_key(op.f('fk_outbox_message_user_id_user'), 'user', ['user_id'], ['id'])
    where = sa.text("public_id <> ''")
    op.create_index(
        'ux_outbox_message_public_id', 'outbox_message', ['public_id'], unique=True,
        sqlite_where=where, postgresql_where=where,
    )
    op.create_index('ix_outbox_message_user_id_cause', 'outbox_message', ['user_id', 'cause'])
    op.create_table(
        'announcement',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.Enum(*KINDS, name='announcementkind', native_enum=False, length=40, create_constraint=True), nullable=False),
        sa.Column('ref_id', sa.Integer(), nullable=False),
        sa.Column('ends_at', Instant(), nullable=False),
        sa.Column('days', sa.Integer(), nullable=False),
        sa.Column('announced_at', Instant(), nullable=False),
        sa.Column('message_id', sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(['message_id'], ['outbox_message.id'], name=op.f('fk_announcement_message_id_outbox_message')),
        sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_announcement_user_id_user')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_announcement')),
        sa.UniqueConstraint('user_id', 'kind', 'ref_id', 'ends_at', 'days', name=op.f('uq_announcement_user_id_kind_ref_id_ends_at_days')),
    )
    op.create_index(op.f('ix_announcement_message_id'), 'announcement', ['message_id'])
    op.create_table(
        'access_review',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('grant_id', sa.Integer(), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=True),
        sa.Column('reviewed_at', Instant(), nullable=False),
        sa.ForeignKeyConstraint(['grant_id'], ['grant.id'], name=op.f('fk_access_review_grant_id_grant')),
        sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_access_review_user_id_user')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_access_review')),
    )
    op.create_index(op.f('ix_access_review_grant_id'), 'access_review', ['grant_id'])


def downgrade() -> None:
    op.drop_table('access_review')
    op.drop_table('announcement')
    op.drop_index('ix_outbox_message_user_id_cause', 'outbox_message')
    op.drop_index('ux_outbox_message_public_id', 'outbox_message')
    with op.batch_alter_table('outbox_message') as batch:
        batch.drop_constraint('fk_outbox_message_user_id_user', type_='foreignkey')
        for name in (*TEXTS, *INSTANTS, 'claims', 'user_id'):
            batch.drop_column(name)
