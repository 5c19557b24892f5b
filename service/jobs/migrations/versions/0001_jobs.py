"""Jobs, their orders, results and webhooks, batches and idempotency keys."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "batches",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rejected", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_batches"),
    )
    op.create_index("ix_batches_expires_at", "batches", ["expires_at"])
    op.create_table(
        "jobs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("article_id", sa.Text()),
        sa.Column("batch_id", sa.Text()),
        sa.Column("line", sa.Integer()),
        sa.Column("reply_to", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("send_at", sa.DateTime(timezone=True)),
        sa.Column("announce_at", sa.DateTime(timezone=True)),
        sa.Column("token", sa.Text()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("questions", sa.Integer()),
        sa.Column("trouble_code", sa.Text()),
        sa.Column("trouble_detail", sa.Text()),
        sa.Column("reused_from", sa.Text()),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name="fk_jobs_batch_id"),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    )
    _work_list("jobs", "due_at", "line")
    _work_list("jobs", "send_at", "line")
    _work_list("jobs", "announce_at", "line")
    op.create_index("ix_jobs_fingerprint_finished_at", "jobs", ["fingerprint", "finished_at"])
    op.create_index("ix_jobs_batch_id_line", "jobs", ["batch_id", "line"], unique=True)
    op.create_index("ix_jobs_expires_at", "jobs", ["expires_at"])
    for papers in ("orders", "results"):
        op.create_table(
            papers,
            sa.Column("job_id", sa.Text(), nullable=False),
            sa.Column("body", sa.Text(), nullable=False),
            sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=f"fk_{papers}_job_id", ondelete="CASCADE"),
            sa.PrimaryKeyConstraint("job_id", name=f"pk_{papers}"),
        )
    op.create_table(
        "callbacks",
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("detail", sa.Text()),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name="fk_callbacks_job_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id", name="pk_callbacks"),
    )
    _work_list("callbacks", "due_at")
    op.create_table(
        "idempotency_keys",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("reserved", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("location", sa.Text()),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_idempotency_keys"),
    )
    op.create_index("ix_idempotency_keys_expires_at", "idempotency_keys", ["expires_at"])


def downgrade() -> None:
    for table in ("idempotency_keys", "callbacks", "results", "orders", "jobs", "batches"):
        op.drop_table(table)


def _work_list(table: str, *columns: str) -> None:
    some = sa.text(f"{columns[0]} IS NOT NULL")
    op.create_index(f"ix_{table}_{columns[0]}", table, list(columns), postgresql_where=some, sqlite_where=some)
