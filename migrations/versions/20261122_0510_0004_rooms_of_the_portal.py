"""rooms of the portal

Rules: no import of app.models; schema and data in separate revisions; server_default for a new
NOT NULL column; no ON DELETE CASCADE on anything that is proof; triggers are installed after
every migration by app.services.migrations, never here.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

from app.db import Instant


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

KINDS = ('iphone', 'mac', 'android', 'thunderbird', 'outlook', 'other')


def upgrade() -> None:
    op.add_column('project_member', sa.Column('is_lead', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('organisation', sa.Column('phone_policy', sa.Text(), server_default='', nullable=False))
    # One statement with its CHECK, which both databases know: a batch would rebuild the table.
    kinds = ', '.join(f"'{kind}'" for kind in KINDS)
    op.execute(
        "ALTER TABLE device ADD COLUMN kind VARCHAR(40) DEFAULT 'other' NOT NULL "
        f"CONSTRAINT ck_device_devicekind CHECK (kind IN ({kinds}))"
    )
    op.create_table(
        'favourite',
        sa.Column('user_id', sa.Integer(), nullable=False),
        sa.Column('contact_id', sa.Integer(), nullable=False),
        sa.Column('kept_at', Instant(), nullable=False),
        sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_favourite_contact_id_contact')),
        sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_favourite_user_id_user')),
        sa.PrimaryKeyConstraint('user_id', 'contact_id', name=op.f('pk_favourite')),
    )


def downgrade() -> None:
    op.drop_table('favourite')
    if op.get_bind().dialect.name == 'sqlite':
        with op.batch_alter_table('device') as batch:
            batch.drop_constraint('ck_device_devicekind', type_='check')
            batch.drop_column('kind')
    else:
        op.drop_column('device', 'kind')
    op.drop_column('organisation', 'phone_policy')
    op.drop_column('project_member', 'is_lead')
