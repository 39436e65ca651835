"""The counted talks."""

import sqlalchemy as sa
from alembic import op

import stations.kernel.db

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "talk",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("season_id", sa.Integer(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=10), nullable=False),
        sa.Column("topic", sa.String(length=20), nullable=False),
        sa.Column("sign", sa.Integer(), nullable=False),
        sa.Column("takes_back", sa.Integer(), nullable=True),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.CheckConstraint(
            "(sign = 1 AND takes_back IS NULL) OR (sign = -1 AND takes_back IS NOT NULL)",
            name=op.f("ck_talk_counted_or_taken"),
        ),
        sa.CheckConstraint("who IN ('parent', 'examinee')", name=op.f("ck_talk_who_known")),
        sa.ForeignKeyConstraint(["season_id"], ["season.id"], name=op.f("fk_talk_season_id")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_talk_station_id")),
        sa.ForeignKeyConstraint(["takes_back"], ["talk.id"], name=op.f("fk_talk_takes_back")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_talk")),
        sa.UniqueConstraint("takes_back", name=op.f("uq_talk_takes_back")),
    )
    op.create_index("ix_talk_season_id_day", "talk", ["season_id", "day", "station_id"])
    op.create_index("ix_talk_by_day", "talk", ["by", "day"])
    op.create_index(op.f("ix_talk_station_id"), "talk", ["station_id"])
    if op.get_context().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER talk_no_{act.lower()} BEFORE {act} ON talk "
                "BEGIN SELECT RAISE(ABORT, 'counted talks are append-only'); END"
            )
    else:
        op.execute(
            "CREATE FUNCTION refuse_talk_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'counted talks are append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER talk_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON talk "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_talk_change()"
        )


def downgrade() -> None:
    op.drop_table("talk")
    if op.get_context().dialect.name != "sqlite":
        op.execute("DROP FUNCTION refuse_talk_change()")
