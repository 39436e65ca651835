"""The hand-overs of a station."""

import sqlalchemy as sa
from alembic import op

import stations.kernel.db

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "handover",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("begun_by", sa.String(length=80), nullable=False),
        sa.Column("begun_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("counted_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("left_open", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("ended_by", sa.String(length=80), nullable=False),
        sa.Column("ended_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('begun', 'counted', 'signed', 'cancelled')", name=op.f("ck_handover_state_known")
        ),
        sa.CheckConstraint("state <> 'signed' OR ended_by <> begun_by", name=op.f("ck_handover_two_people")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_handover_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )
    op.create_index("ix_handover_station_id_begun_at", "handover", ["station_id", "begun_at"])
    op.create_index(
        "uq_handover_live",
        "handover",
        ["station_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('begun', 'counted')"),
        postgresql_where=sa.text("state IN ('begun', 'counted')"),
    )


def downgrade() -> None:
    op.drop_index("uq_handover_live", table_name="handover")
    op.drop_index("ix_handover_station_id_begun_at", table_name="handover")
    op.drop_table("handover")
