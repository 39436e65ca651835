"""The fleet."""

import sqlalchemy as sa
from alembic import op

import stations.kernel.db

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "help_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(length=80), nullable=False),
        sa.Column("wanted_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("path", sa.String(length=240), nullable=False),
        sa.Column("exam_site_id", sa.Integer(), nullable=False),
        sa.Column("gate_id", sa.Integer(), nullable=True),
        sa.Column("entry_cutoff_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("station_id", sa.Integer(), nullable=True),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("needs_wheelchair", sa.Boolean(), nullable=False),
        sa.Column("phone", sa.String(length=30), nullable=False),
        sa.Column("closed_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("erased_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('late', 'wrong_site', 'papers', 'unwell', 'ride_home')", name=op.f("ck_help_request_kind_known")
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'riding', 'closed', 'cancelled')", name=op.f("ck_help_request_state_known")
        ),
        sa.ForeignKeyConstraint(["exam_site_id"], ["exam_site.id"], name=op.f("fk_help_request_exam_site_id")),
        sa.ForeignKeyConstraint(["gate_id"], ["gate.id"], name=op.f("fk_help_request_gate_id")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_help_request_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_request")),
        sa.UniqueConstraint("key", name=op.f("uq_help_request_key")),
    )
    op.create_index(op.f("ix_help_request_asked_at"), "help_request", ["asked_at"], unique=False)
    op.create_index(op.f("ix_help_request_path"), "help_request", ["path"], unique=False)
    op.create_index("ix_help_request_state_asked_at", "help_request", ["state", "asked_at"], unique=False)
    op.create_table(
        "vehicle",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("plate", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("has_wheelchair", sa.Boolean(), nullable=False),
        sa.Column("sticker_no", sa.String(length=20), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=240), nullable=False),
        sa.Column("station_id", sa.Integer(), nullable=False),
        sa.Column("crew_phone", sa.String(length=30), nullable=False),
        sa.Column("duty_from_minute", sa.Integer(), nullable=False),
        sa.Column("duty_until_minute", sa.Integer(), nullable=False),
        sa.Column("licence_until", sa.Date(), nullable=True),
        sa.Column("registration_until", sa.Date(), nullable=True),
        sa.Column("insurance_until", sa.Date(), nullable=True),
        sa.Column("driver_checked_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("state_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("state_reason", sa.String(length=200), nullable=False),
        sa.Column("gate_id", sa.Integer(), nullable=True),
        sa.Column("crew_seen_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("device_key", sa.String(length=40), nullable=False),
        sa.Column("link_no", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("archived_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('off', 'standby')", name=op.f("ck_vehicle_state_known")),
        sa.CheckConstraint(
            "0 <= duty_from_minute AND duty_from_minute < duty_until_minute AND duty_until_minute <= 1440",
            name=op.f("ck_vehicle_duty_in_a_day"),
        ),
        sa.CheckConstraint("seats BETWEEN 1 AND 60", name=op.f("ck_vehicle_seats_some")),
        sa.ForeignKeyConstraint(["gate_id"], ["gate.id"], name=op.f("fk_vehicle_gate_id")),
        sa.ForeignKeyConstraint(["organization_id"], ["organization.id"], name=op.f("fk_vehicle_organization_id")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_vehicle_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vehicle")),
        sa.UniqueConstraint("code", name=op.f("uq_vehicle_code")),
        sa.UniqueConstraint("device_key", name=op.f("uq_vehicle_device_key")),
        sa.UniqueConstraint("plate", name=op.f("uq_vehicle_plate")),
    )
    op.create_index(op.f("ix_vehicle_organization_id"), "vehicle", ["organization_id"], unique=False)
    op.create_index("ix_vehicle_path", "vehicle", ["path"], unique=False)
    op.create_index(op.f("ix_vehicle_station_id"), "vehicle", ["station_id"], unique=False)
    op.create_table(
        "booking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("vehicle_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("starts_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("help_request_id", sa.Integer(), nullable=True),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("cancelled_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('booked', 'roving', 'hotline')", name=op.f("ck_booking_kind_known")),
        sa.CheckConstraint("lane = CASE kind WHEN 'roving' THEN 1 ELSE 0 END", name=op.f("ck_booking_lane_of_kind")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_booking_takes_time")),
        sa.ForeignKeyConstraint(["help_request_id"], ["help_request.id"], name=op.f("fk_booking_help_request_id")),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicle.id"], name=op.f("fk_booking_vehicle_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
    )
    op.create_index(op.f("ix_booking_help_request_id"), "booking", ["help_request_id"], unique=False)
    op.create_index(op.f("ix_booking_starts_at"), "booking", ["starts_at"], unique=False)
    op.create_index("ix_booking_vehicle_id_ends_at", "booking", ["vehicle_id", "ends_at"], unique=False)
    op.create_table(
        "gate_visit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("vehicle_id", sa.Integer(), nullable=False),
        sa.Column("gate_id", sa.Integer(), nullable=False),
        sa.Column("arrived_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("left_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["gate_id"], ["gate.id"], name=op.f("fk_gate_visit_gate_id")),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicle.id"], name=op.f("fk_gate_visit_vehicle_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate_visit")),
    )
    op.create_index(op.f("ix_gate_visit_gate_id"), "gate_visit", ["gate_id"], unique=False)
    op.create_index(
        "uq_gate_visit_open",
        "gate_visit",
        ["vehicle_id"],
        unique=True,
        sqlite_where=sa.text("left_at IS NULL"),
        postgresql_where=sa.text("left_at IS NULL"),
    )
    op.create_table(
        "position_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("vehicle_id", sa.Integer(), nullable=False),
        sa.Column("fixed_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("received_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("accuracy_metres", sa.Double(), nullable=True),
        sa.Column("speed_mps", sa.Double(), nullable=True),
        sa.Column("heading", sa.Double(), nullable=True),
        sa.Column("battery_percent", sa.Double(), nullable=True),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("verdict", sa.String(length=12), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('good', 'late', 'future', 'implausible')", name=op.f("ck_position_report_verdict_known")
        ),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicle.id"], name=op.f("fk_position_report_vehicle_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_position_report")),
        sa.UniqueConstraint("vehicle_id", "fixed_at", name=op.f("uq_position_report_vehicle_id_fixed_at")),
    )
    op.create_index("ix_position_report_received_at", "position_report", ["received_at"], unique=False)
    op.create_table(
        "vehicle_position",
        sa.Column("vehicle_id", sa.Integer(), nullable=False),
        sa.Column("fixed_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("received_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("seen_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("heard_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("accuracy_metres", sa.Double(), nullable=True),
        sa.Column("speed_mps", sa.Double(), nullable=True),
        sa.Column("heading", sa.Double(), nullable=True),
        sa.Column("battery_percent", sa.Double(), nullable=True),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("interval_seconds", sa.Integer(), nullable=False),
        sa.Column("alarm_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("gate_id", sa.Integer(), nullable=True),
        sa.Column("gate_since", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["gate_id"], ["gate.id"], name=op.f("fk_vehicle_position_gate_id")),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicle.id"], name=op.f("fk_vehicle_position_vehicle_id")),
        sa.PrimaryKeyConstraint("vehicle_id", name=op.f("pk_vehicle_position")),
    )
    op.create_table(
        "ride",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("help_request_id", sa.Integer(), nullable=False),
        sa.Column("leg", sa.Integer(), nullable=False),
        sa.Column("vehicle_id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("offered_by", sa.String(length=80), nullable=False),
        sa.Column("offered_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("en_route_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("picked_up_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("dropped_off_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", stations.kernel.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=200), nullable=False),
        sa.Column("pickup_place", sa.String(length=120), nullable=False),
        sa.Column("pickup_lat", sa.Double(), nullable=True),
        sa.Column("pickup_lon", sa.Double(), nullable=True),
        sa.Column("dropoff_place", sa.String(length=160), nullable=False),
        sa.Column("dropoff_lat", sa.Double(), nullable=True),
        sa.Column("dropoff_lon", sa.Double(), nullable=True),
        sa.Column("reach_seconds", sa.Integer(), nullable=False),
        sa.Column("ride_seconds", sa.Integer(), nullable=False),
        sa.Column("travel_source", sa.String(length=20), nullable=False),
        sa.Column("handover_code", sa.String(length=4), nullable=False),
        sa.CheckConstraint(
            "state IN ('offered', 'accepted', 'en_route', 'picked_up', 'dropped_off', 'closed', 'refused', 'cancelled', 'handed_over')",
            name=op.f("ck_ride_state_known"),
        ),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_ride_booking_id")),
        sa.ForeignKeyConstraint(["help_request_id"], ["help_request.id"], name=op.f("fk_ride_help_request_id")),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicle.id"], name=op.f("fk_ride_vehicle_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ride")),
    )
    op.create_index(op.f("ix_ride_help_request_id"), "ride", ["help_request_id"], unique=False)
    op.create_index(op.f("ix_ride_offered_at"), "ride", ["offered_at"], unique=False)
    op.create_index("ix_ride_vehicle_id_offered_at", "ride", ["vehicle_id", "offered_at"], unique=False)
    op.create_index(
        "uq_ride_live_leg",
        "ride",
        ["help_request_id", "leg"],
        unique=True,
        sqlite_where=sa.text("state IN ('offered', 'accepted', 'en_route', 'picked_up')"),
        postgresql_where=sa.text("state IN ('offered', 'accepted', 'en_route', 'picked_up')"),
    )
    op.create_index(
        "uq_ride_live_vehicle",
        "ride",
        ["vehicle_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('offered', 'accepted', 'en_route', 'picked_up')"),
        postgresql_where=sa.text("state IN ('offered', 'accepted', 'en_route', 'picked_up')"),
    )
    _keep_apart()


def _keep_apart() -> None:
    """Two bookings of one vehicle on one lane never overlap, whoever writes them."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("INSERT", "UPDATE"):
            op.execute(
                f"CREATE TRIGGER booking_apart_{act.lower()} BEFORE {act} ON booking WHEN NEW.cancelled_at IS NULL "  # noqa: S608
                "BEGIN SELECT RAISE(ABORT, 'booking_apart') WHERE EXISTS (SELECT 1 FROM booking b "
                "WHERE b.vehicle_id = NEW.vehicle_id AND b.lane = NEW.lane AND b.cancelled_at IS NULL "
                "AND b.id IS NOT NEW.id AND b.starts_at < NEW.ends_at AND NEW.starts_at < b.ends_at); END"
            )
    else:
        op.execute(
            "ALTER TABLE booking ADD CONSTRAINT booking_apart EXCLUDE USING gist "
            "(int4range(vehicle_id, vehicle_id, '[]') WITH &&, int4range(lane, lane, '[]') WITH &&, "
            "tstzrange(starts_at, ends_at) WITH &&) WHERE (cancelled_at IS NULL)"
        )


def downgrade() -> None:
    op.drop_index(
        "uq_ride_live_vehicle",
        table_name="ride",
        sqlite_where=sa.text("state IN ('offered', 'accepted', 'en_route', 'picked_up')"),
        postgresql_where=sa.text("state IN ('offered', 'accepted', 'en_route', 'picked_up')"),
    )
    op.drop_index(
        "uq_ride_live_leg",
        table_name="ride",
        sqlite_where=sa.text("state IN ('offered', 'accepted', 'en_route', 'picked_up')"),
        postgresql_where=sa.text("state IN ('offered', 'accepted', 'en_route', 'picked_up')"),
    )
    op.drop_index("ix_ride_vehicle_id_offered_at", table_name="ride")
    op.drop_index(op.f("ix_ride_offered_at"), table_name="ride")
    op.drop_index(op.f("ix_ride_help_request_id"), table_name="ride")
    op.drop_table("ride")
    op.drop_table("vehicle_position")
    op.drop_index("ix_position_report_received_at", table_name="position_report")
    op.drop_table("position_report")
    op.drop_index(
        "uq_gate_visit_open",
        table_name="gate_visit",
        sqlite_where=sa.text("left_at IS NULL"),
        postgresql_where=sa.text("left_at IS NULL"),
    )
    op.drop_index(op.f("ix_gate_visit_gate_id"), table_name="gate_visit")
    op.drop_table("gate_visit")
    op.drop_index("ix_booking_vehicle_id_ends_at", table_name="booking")
    op.drop_index(op.f("ix_booking_starts_at"), table_name="booking")
    op.drop_index(op.f("ix_booking_help_request_id"), table_name="booking")
    op.drop_table("booking")
    op.drop_index(op.f("ix_vehicle_station_id"), table_name="vehicle")
    op.drop_index("ix_vehicle_path", table_name="vehicle")
    op.drop_index(op.f("ix_vehicle_organization_id"), table_name="vehicle")
    op.drop_table("vehicle")
    op.drop_index("ix_help_request_state_asked_at", table_name="help_request")
    op.drop_index(op.f("ix_help_request_path"), table_name="help_request")
    op.drop_index(op.f("ix_help_request_asked_at"), table_name="help_request")
    op.drop_table("help_request")
