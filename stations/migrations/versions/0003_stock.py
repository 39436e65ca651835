"""Stock."""

import sqlalchemy as sa
from alembic import op

import stations.kernel.db

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "supply_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("unit", sa.String(length=10), nullable=False),
        sa.Column("case_unit", sa.String(length=10), nullable=False),
        sa.Column("units_per_case", sa.Integer(), nullable=False),
        sa.Column("contains_alcohol", sa.Boolean(), nullable=False),
        sa.Column("exam_room", sa.String(length=10), nullable=False),
        sa.Column("is_lent", sa.Boolean(), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("service", sa.String(length=30), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "exam_room IN ('permitted', 'forbidden', 'unknown')", name=op.f("ck_supply_item_exam_room_known")
        ),
        sa.CheckConstraint("units_per_case >= 1", name=op.f("ck_supply_item_case_holds_some")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supply_item")),
        sa.UniqueConstraint("code", name=op.f("uq_supply_item_code")),
    )
    op.create_table(
        "kit_part",
        sa.Column("kit_id", sa.Integer(), nullable=False),
        sa.Column("part_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("kit_id <> part_id", name=op.f("ck_kit_part_not_itself")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_kit_part_holds_some")),
        sa.ForeignKeyConstraint(["kit_id"], ["supply_item.id"], name=op.f("fk_kit_part_kit_id")),
        sa.ForeignKeyConstraint(["part_id"], ["supply_item.id"], name=op.f("fk_kit_part_part_id")),
        sa.PrimaryKeyConstraint("kit_id", "part_id", name=op.f("pk_kit_part")),
    )
    op.create_table(
        "lot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("expiry_date", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["supply_item.id"], name=op.f("fk_lot_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot")),
        sa.UniqueConstraint("item_id", "code", name=op.f("uq_lot_item_id_code")),
    )
    op.create_table(
        "stock_place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.CheckConstraint("kind IN ('station', 'held', 'in_transit', 'lent')", name=op.f("ck_stock_place_kind_known")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_stock_place_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_place")),
        sa.UniqueConstraint("station_id", "kind", name=op.f("uq_stock_place_station_id_kind")),
    )
    op.create_table(
        "loan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Integer(), nullable=False),
        sa.Column("tag", sa.String(length=4), nullable=False),
        sa.Column("lent_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("due_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("returned_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("returned_place_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["supply_item.id"], name=op.f("fk_loan_item_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_loan_lot_id")),
        sa.ForeignKeyConstraint(["place_id"], ["stock_place.id"], name=op.f("fk_loan_place_id")),
        sa.ForeignKeyConstraint(["returned_place_id"], ["stock_place.id"], name=op.f("fk_loan_returned_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan")),
    )
    op.create_index(op.f("ix_loan_due_at"), "loan", ["due_at"], unique=False)
    op.create_index(op.f("ix_loan_place_id"), "loan", ["place_id"], unique=False)
    op.create_index(
        "uq_loan_live",
        "loan",
        ["item_id", "tag"],
        unique=True,
        sqlite_where=sa.text("returned_at IS NULL"),
        postgresql_where=sa.text("returned_at IS NULL"),
    )
    op.create_table(
        "movement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("happened_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("balance", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.String(length=96), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("about", sa.String(length=40), nullable=False),
        sa.Column("reverses_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("quantity <> 0", name=op.f("ck_movement_moves_something")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_movement_lot_id")),
        sa.ForeignKeyConstraint(["place_id"], ["stock_place.id"], name=op.f("fk_movement_place_id")),
        sa.ForeignKeyConstraint(["reverses_id"], ["movement.id"], name=op.f("fk_movement_reverses_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_movement")),
        sa.UniqueConstraint("order_id", "line", name=op.f("uq_movement_order_id_line")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_movement_reverses_id")),
    )
    op.create_index(op.f("ix_movement_about"), "movement", ["about"], unique=False)
    op.create_index("ix_movement_kind_happened_at", "movement", ["kind", "happened_at"], unique=False)
    op.create_index("ix_movement_place_id_lot_id_id", "movement", ["place_id", "lot_id", "id"], unique=False)
    op.create_table(
        "stock_alert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("raised_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_by", sa.String(length=80), nullable=True),
        sa.Column("acknowledged_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("cleared_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("level BETWEEN 1 AND 3", name=op.f("ck_stock_alert_level_known")),
        sa.ForeignKeyConstraint(["item_id"], ["supply_item.id"], name=op.f("fk_stock_alert_item_id")),
        sa.ForeignKeyConstraint(["place_id"], ["stock_place.id"], name=op.f("fk_stock_alert_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_alert")),
    )
    op.create_index(
        "uq_stock_alert_live",
        "stock_alert",
        ["place_id", "item_id"],
        unique=True,
        sqlite_where=sa.text("cleared_at IS NULL"),
        postgresql_where=sa.text("cleared_at IS NULL"),
    )
    op.create_table(
        "stock_count",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("order_id", sa.String(length=64), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["supply_item.id"], name=op.f("fk_stock_count_item_id")),
        sa.ForeignKeyConstraint(["place_id"], ["stock_place.id"], name=op.f("fk_stock_count_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_count")),
        sa.UniqueConstraint("order_id", name=op.f("uq_stock_count_order_id")),
    )
    op.create_index(op.f("ix_stock_count_place_id"), "stock_count", ["place_id"], unique=False)
    op.create_table(
        "stock_level",
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Integer(), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("as_of", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("on_hand >= 0", name=op.f("ck_stock_level_not_negative")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_stock_level_lot_id")),
        sa.ForeignKeyConstraint(["place_id"], ["stock_place.id"], name=op.f("fk_stock_level_place_id")),
        sa.PrimaryKeyConstraint("place_id", "lot_id", name=op.f("pk_stock_level")),
    )
    op.create_index(op.f("ix_stock_level_lot_id"), "stock_level", ["lot_id"], unique=False)
    op.create_table(
        "stock_limit",
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("min_level", sa.Integer(), nullable=False),
        sa.Column("reorder_level", sa.Integer(), nullable=False),
        sa.Column("max_level", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "0 <= min_level AND min_level <= reorder_level AND reorder_level <= max_level",
            name=op.f("ck_stock_limit_in_order"),
        ),
        sa.ForeignKeyConstraint(["item_id"], ["supply_item.id"], name=op.f("fk_stock_limit_item_id")),
        sa.ForeignKeyConstraint(["place_id"], ["stock_place.id"], name=op.f("fk_stock_limit_place_id")),
        sa.PrimaryKeyConstraint("place_id", "item_id", name=op.f("pk_stock_limit")),
    )
    op.create_table(
        "transfer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("from_place_id", sa.Integer(), nullable=False),
        sa.Column("to_place_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("vehicle", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("requested_by", sa.String(length=80), nullable=False),
        sa.Column("requested_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=80), nullable=False),
        sa.Column("changed_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("held_until", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('requested', 'approved', 'picked', 'sent', 'received', 'refused', 'cancelled')",
            name=op.f("ck_transfer_state_known"),
        ),
        sa.CheckConstraint("from_place_id <> to_place_id", name=op.f("ck_transfer_goes_somewhere")),
        sa.ForeignKeyConstraint(["from_place_id"], ["stock_place.id"], name=op.f("fk_transfer_from_place_id")),
        sa.ForeignKeyConstraint(["to_place_id"], ["stock_place.id"], name=op.f("fk_transfer_to_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
    )
    op.create_index(op.f("ix_transfer_from_place_id"), "transfer", ["from_place_id"], unique=False)
    op.create_index(op.f("ix_transfer_state"), "transfer", ["state"], unique=False)
    op.create_index(op.f("ix_transfer_to_place_id"), "transfer", ["to_place_id"], unique=False)
    op.create_table(
        "transfer_line",
        sa.Column("transfer_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_transfer_line_moves_something")),
        sa.ForeignKeyConstraint(["item_id"], ["supply_item.id"], name=op.f("fk_transfer_line_item_id")),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfer.id"], name=op.f("fk_transfer_line_transfer_id")),
        sa.PrimaryKeyConstraint("transfer_id", "item_id", name=op.f("pk_transfer_line")),
    )
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER movement_no_{act.lower()} BEFORE {act} ON movement "
                "BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END"
            )
    else:
        op.execute(
            "CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER movement_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON movement "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change()"
        )


def downgrade() -> None:
    op.drop_table("transfer_line")
    op.drop_index(op.f("ix_transfer_to_place_id"), table_name="transfer")
    op.drop_index(op.f("ix_transfer_state"), table_name="transfer")
    op.drop_index(op.f("ix_transfer_from_place_id"), table_name="transfer")
    op.drop_table("transfer")
    op.drop_table("stock_limit")
    op.drop_index(op.f("ix_stock_level_lot_id"), table_name="stock_level")
    op.drop_table("stock_level")
    op.drop_index(op.f("ix_stock_count_place_id"), table_name="stock_count")
    op.drop_table("stock_count")
    op.drop_index(
        "uq_stock_alert_live",
        table_name="stock_alert",
        sqlite_where=sa.text("cleared_at IS NULL"),
        postgresql_where=sa.text("cleared_at IS NULL"),
    )
    op.drop_table("stock_alert")
    op.drop_index("ix_movement_place_id_lot_id_id", table_name="movement")
    op.drop_index("ix_movement_kind_happened_at", table_name="movement")
    op.drop_index(op.f("ix_movement_about"), table_name="movement")
    op.drop_table("movement")
    op.drop_index(
        "uq_loan_live",
        table_name="loan",
        sqlite_where=sa.text("returned_at IS NULL"),
        postgresql_where=sa.text("returned_at IS NULL"),
    )
    op.drop_index(op.f("ix_loan_place_id"), table_name="loan")
    op.drop_index(op.f("ix_loan_due_at"), table_name="loan")
    op.drop_table("loan")
    op.drop_table("stock_place")
    op.drop_table("lot")
    op.drop_table("kit_part")
    op.drop_table("supply_item")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION refuse_ledger_change()")
