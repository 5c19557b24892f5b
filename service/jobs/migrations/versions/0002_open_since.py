"""Since when a job waits for its end."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("open_since", sa.DateTime(timezone=True)))
    # Not since they were taken in: before, jobs were allowed to wait for longer.
    jobs = sa.table("jobs", sa.column("due_at"), sa.column("open_since", sa.DateTime(timezone=True)))
    op.execute(jobs.update().where(jobs.c.due_at.is_not(None)).values(open_since=datetime.now(UTC)))
    some = sa.text("open_since IS NOT NULL")
    op.create_index("ix_jobs_open_since", "jobs", ["open_since"], postgresql_where=some, sqlite_where=some)


def downgrade() -> None:
    op.drop_index("ix_jobs_open_since", "jobs")
    op.drop_column("jobs", "open_since")
