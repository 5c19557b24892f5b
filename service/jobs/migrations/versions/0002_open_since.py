"""Since when a job waits for its end."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("open_since", sa.DateTime(timezone=True)))
    op.execute("UPDATE jobs SET open_since = created_at WHERE due_at IS NOT NULL")
    some = sa.text("open_since IS NOT NULL")
    op.create_index("ix_jobs_open_since", "jobs", ["open_since"], postgresql_where=some, sqlite_where=some)


def downgrade() -> None:
    op.drop_index("ix_jobs_open_since", "jobs")
    op.drop_column("jobs", "open_since")
