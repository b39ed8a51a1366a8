"""names of older jobs

Data alone: jobs from before revision 0007 get the random name that their pages are found by.

Revision ID: 0008
Revises: 0007
"""

import uuid

import sqlalchemy as sa
from alembic import op


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    job = sa.table('job', sa.column('id', sa.Integer()), sa.column('public_id', sa.Text()))
    connection = op.get_bind()
    for job_id in connection.scalars(sa.select(job.c.id).where(job.c.public_id == '')).all():
        named = sa.update(job).where(job.c.id == job_id).values(public_id=str(uuid.uuid4()))
        connection.execute(named)


def downgrade() -> None:
    pass
