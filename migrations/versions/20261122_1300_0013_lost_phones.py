"""lost phones, and why somebody gave up on one

Rules: no import of app.models; schema and data in separate revisions; server_default for a new
NOT NULL column; no ON DELETE CASCADE on anything that is proof; triggers are installed after
every migration by app.services.migrations, never here.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

from app.db import Instant


revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

_KINDS = ('known', 'locked', 'encrypted', 'note', 'advice', 'decision')


def upgrade() -> None:
    op.add_column('device', sa.Column('give_up_reason', sa.Text(), server_default='', nullable=False))
    op.create_table(
        'incident',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('public_id', sa.Text(), nullable=False),
        sa.Column('device_id', sa.Integer(), nullable=False),
        sa.Column('opened_at', Instant(), nullable=False),
        sa.Column('reporter_id', sa.Integer(), nullable=True),
        sa.Column('was_managed', sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(['device_id'], ['device.id'], name=op.f('fk_incident_device_id')),
        sa.ForeignKeyConstraint(['reporter_id'], ['user.id'], name=op.f('fk_incident_reporter_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_incident')),
        sa.UniqueConstraint('device_id', name=op.f('uq_incident_device_id')),
        sa.UniqueConstraint('public_id', name=op.f('uq_incident_public_id')),
    )
    op.create_index(op.f('ix_incident_opened_at'), 'incident', ['opened_at'], unique=False)
    op.create_table(
        'incident_fact',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('incident_id', sa.Integer(), nullable=False),
        sa.Column('at', Instant(), nullable=False),
        sa.Column('user_id', sa.Integer(), nullable=True),
        sa.Column(
            'kind',
            sa.Enum(*_KINDS, name='factkind', native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column('value', sa.Text(), nullable=False),
        sa.Column('words', sa.Text(), nullable=False),
        sa.Column('since_at', Instant(), nullable=True),
        sa.ForeignKeyConstraint(['incident_id'], ['incident.id'], name=op.f('fk_incident_fact_incident_id')),
        sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_incident_fact_user_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_incident_fact')),
    )
    op.create_index(op.f('ix_incident_fact_incident_id'), 'incident_fact', ['incident_id'], unique=False)


def downgrade() -> None:
    op.drop_table('incident_fact')
    op.drop_table('incident')
    op.drop_column('device', 'give_up_reason')
