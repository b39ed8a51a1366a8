"""jobs

The table `job` had no writer in the revision before, so it is made anew: a CHECK can be replaced
in place on PostgreSQL only. Where it does hold rows, the migration is refused and undone.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

from app.db import Instant


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

BEFORE = ('waiting', 'running', 'done', 'failed', 'cancelled')


def make_job(states: tuple[str, ...], *more: sa.Column) -> None:
    op.create_table('job',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('import', name='jobkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('state', sa.Enum(*states, name='jobstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('arguments', sa.JSON(), nullable=False),
    sa.Column('progress', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('result', sa.JSON(), nullable=True),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('created_at', Instant(), nullable=False),
    sa.Column('cancel_asked_at', Instant(), nullable=True),
    sa.Column('claimed_at', Instant(), nullable=True),
    *more,
    sa.Column('finished_at', Instant(), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_job_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job'))
    )


def upgrade() -> None:
    op.drop_table('job')
    make_job(
    (*BEFORE, 'undone'),
    sa.Column('claims', sa.Integer(), nullable=False),
    sa.Column('losses', sa.Integer(), nullable=False),
    )
    op.create_table('job_file',
    sa.Column('job_id', sa.Integer(), nullable=False),
    sa.Column('bytes', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['job_id'], ['job.id'], name=op.f('fk_job_file_job_id')),
    sa.PrimaryKeyConstraint('job_id', name=op.f('pk_job_file'))
    )
    op.create_table('job_row',
    sa.Column('job_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('line', sa.Integer(), nullable=False),
    sa.Column('contact_id', sa.Integer(), nullable=True),
    sa.Column('outcome', sa.Enum('created', 'updated', 'unchanged', 'suppressed', 'invalid', 'kept', name='outcome', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('before', sa.JSON(), nullable=True),
    sa.ForeignKeyConstraint(['contact_id'], ['contact.id'], name=op.f('fk_job_row_contact_id')),
    sa.ForeignKeyConstraint(['job_id'], ['job.id'], name=op.f('fk_job_row_job_id')),
    sa.PrimaryKeyConstraint('job_id', 'position', name=op.f('pk_job_row'))
    )


def downgrade() -> None:
    op.drop_table('job_row')
    op.drop_table('job_file')
    op.drop_table('job')
    make_job(BEFORE)
