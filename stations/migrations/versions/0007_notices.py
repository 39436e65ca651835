"""The notices."""

import sqlalchemy as sa
from alembic import op

import stations.kernel.db

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notice_outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("volunteer_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=240), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("due_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("until", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("receipt", sa.String(length=120), nullable=False),
        sa.Column("failed_reason", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["volunteer_id"], ["volunteer.id"], name=op.f("fk_notice_outbox_volunteer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_notice_outbox_key")),
    )
    op.create_index("ix_notice_outbox_due_at", "notice_outbox", ["sent_at", "failed_reason", "due_at"])
    op.create_index(op.f("ix_notice_outbox_path"), "notice_outbox", ["path"])
    op.create_index(op.f("ix_notice_outbox_volunteer_id"), "notice_outbox", ["volunteer_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_notice_outbox_volunteer_id"), table_name="notice_outbox")
    op.drop_index(op.f("ix_notice_outbox_path"), table_name="notice_outbox")
    op.drop_index("ix_notice_outbox_due_at", table_name="notice_outbox")
    op.drop_table("notice_outbox")
