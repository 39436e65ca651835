"""Vehicle, Booking, HelpRequest, Ride, PositionReport, VehiclePosition, GateVisit. Positions are WGS-84 degrees."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from stations.kernel.db import Base, UtcDateTime

LIVE = "state IN ('offered', 'accepted', 'en_route', 'picked_up')"


class Vehicle(Base):
    """A vehicle with its file. `path` is its organization's path and its own code: the unit of permission. It stands
    by, or it is off duty; at `gate_id` where it was told to, else at its base. `device_key` is what its trackers sign
    with, `link_no` what makes the driver's older links void. Duty is minutes since midnight, season time."""

    __tablename__ = "vehicle"
    __table_args__ = (
        CheckConstraint("state IN ('off', 'standby')", name="state_known"),
        CheckConstraint("seats BETWEEN 1 AND 60", name="seats_some"),
        CheckConstraint(
            "0 <= duty_from_minute AND duty_from_minute < duty_until_minute AND duty_until_minute <= 1440",
            name="duty_in_a_day",
        ),
        Index("ix_vehicle_path", "path"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    plate: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    seats: Mapped[int]
    has_wheelchair: Mapped[bool]
    sticker_no: Mapped[str] = mapped_column(String(20))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    path: Mapped[str] = mapped_column(String(240))
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"), index=True)
    crew_phone: Mapped[str] = mapped_column(String(30))
    duty_from_minute: Mapped[int]
    duty_until_minute: Mapped[int]
    licence_until: Mapped[date | None]
    registration_until: Mapped[date | None]
    insurance_until: Mapped[date | None]
    driver_checked_on: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(10))
    state_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    state_reason: Mapped[str] = mapped_column(String(200))
    gate_id: Mapped[int | None] = mapped_column(ForeignKey("gate.id"))
    crew_seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    device_key: Mapped[str] = mapped_column(String(40), unique=True)
    link_no: Mapped[int] = mapped_column(default=1)
    version: Mapped[int] = mapped_column(default=1)
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Booking(Base):
    """A span of a vehicle's time. Two on one lane may not overlap: the database refuses it. Rides, booked or from the
    hotline, share the lane 'ride'; a roving patrol may be called away from its own lane to a ride."""

    __tablename__ = "booking"
    __table_args__ = (
        CheckConstraint("kind IN ('booked', 'roving', 'hotline')", name="kind_known"),
        CheckConstraint("lane = CASE kind WHEN 'roving' THEN 1 ELSE 0 END", name="lane_of_kind"),
        CheckConstraint("starts_at < ends_at", name="takes_time"),
        Index("ix_booking_vehicle_id_ends_at", "vehicle_id", "ends_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    vehicle_id: Mapped[int] = mapped_column(ForeignKey("vehicle.id"))
    kind: Mapped[str] = mapped_column(String(10))
    lane: Mapped[int]
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    help_request_id: Mapped[int | None] = mapped_column(ForeignKey("help_request.id"), index=True)
    place: Mapped[str] = mapped_column(String(120))
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class HelpRequest(Base):
    """What somebody asks for. There is no field for who they are; `phone` and where they are go when they are no
    longer needed. `key` is the asker's link. `entry_cutoff_at` is the session's as it stood when they asked."""

    __tablename__ = "help_request"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'riding', 'closed', 'cancelled')", name="state_known"),
        CheckConstraint("kind IN ('late', 'wrong_site', 'papers', 'unwell', 'ride_home')", name="kind_known"),
        Index("ix_help_request_state_asked_at", "state", "asked_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(10))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    asked_by: Mapped[str] = mapped_column(String(80))
    wanted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    path: Mapped[str] = mapped_column(String(240), index=True)
    exam_site_id: Mapped[int] = mapped_column(ForeignKey("exam_site.id"))
    gate_id: Mapped[int | None] = mapped_column(ForeignKey("gate.id"))
    entry_cutoff_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    station_id: Mapped[int | None] = mapped_column(ForeignKey("station.id"))
    place: Mapped[str] = mapped_column(String(120))
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    seats: Mapped[int]
    needs_wheelchair: Mapped[bool]
    phone: Mapped[str] = mapped_column(String(30))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[str] = mapped_column(String(20))
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)


class Ride(Base):
    """One vehicle's part in a help request, with the time of every step. A relay has two legs. The database holds one
    live ride a vehicle and one live ride a leg. `reach_seconds` and `ride_seconds` are what was promised."""

    __tablename__ = "ride"
    __table_args__ = (
        CheckConstraint(
            "state IN ('offered', 'accepted', 'en_route', 'picked_up', 'dropped_off', 'closed', 'refused',"
            " 'cancelled', 'handed_over')",
            name="state_known",
        ),
        Index("uq_ride_live_vehicle", "vehicle_id", unique=True, sqlite_where=text(LIVE), postgresql_where=text(LIVE)),
        Index(
            "uq_ride_live_leg", "help_request_id", "leg", unique=True, sqlite_where=text(LIVE),
            postgresql_where=text(LIVE),
        ),
        Index("ix_ride_vehicle_id_offered_at", "vehicle_id", "offered_at"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    help_request_id: Mapped[int] = mapped_column(ForeignKey("help_request.id"), index=True)
    leg: Mapped[int]
    vehicle_id: Mapped[int] = mapped_column(ForeignKey("vehicle.id"))
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    state: Mapped[str] = mapped_column(String(12))
    offered_by: Mapped[str] = mapped_column(String(80))
    offered_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    en_route_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    picked_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dropped_off_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    end_reason: Mapped[str] = mapped_column(String(200))
    pickup_place: Mapped[str] = mapped_column(String(120))
    pickup_lat: Mapped[float | None]
    pickup_lon: Mapped[float | None]
    dropoff_place: Mapped[str] = mapped_column(String(160))
    dropoff_lat: Mapped[float | None]
    dropoff_lon: Mapped[float | None]
    reach_seconds: Mapped[int]
    ride_seconds: Mapped[int]
    travel_source: Mapped[str] = mapped_column(String(20))
    handover_code: Mapped[str] = mapped_column(String(4))


class PositionReport(Base):
    """One fix of a vehicle's track; sent twice it is kept once. `verdict` says why a fix did not move the marker."""

    __tablename__ = "position_report"
    __table_args__ = (
        UniqueConstraint("vehicle_id", "fixed_at"),
        CheckConstraint("verdict IN ('good', 'late', 'future', 'implausible')", name="verdict_known"),
        Index("ix_position_report_received_at", "received_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    vehicle_id: Mapped[int] = mapped_column(ForeignKey("vehicle.id"))
    fixed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lat: Mapped[float]
    lon: Mapped[float]
    accuracy_metres: Mapped[float | None]
    speed_mps: Mapped[float | None]
    heading: Mapped[float | None]
    battery_percent: Mapped[float | None]
    source: Mapped[str] = mapped_column(String(12))
    verdict: Mapped[str] = mapped_column(String(12))


class VehiclePosition(Base):
    """Where a vehicle was last: its newest good fix. `seen_at` is the earlier of the device's and our clock, and tells
    how fresh it is; `heard_at` is when the device last said anything, a position or not."""

    __tablename__ = "vehicle_position"

    vehicle_id: Mapped[int] = mapped_column(ForeignKey("vehicle.id"), primary_key=True)
    fixed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    heard_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lat: Mapped[float]
    lon: Mapped[float]
    accuracy_metres: Mapped[float | None]
    speed_mps: Mapped[float | None]
    heading: Mapped[float | None]
    battery_percent: Mapped[float | None]
    source: Mapped[str] = mapped_column(String(12))
    interval_seconds: Mapped[int]
    alarm_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    gate_id: Mapped[int | None] = mapped_column(ForeignKey("gate.id"))
    gate_since: Mapped[datetime | None] = mapped_column(UtcDateTime)


class GateVisit(Base):
    """A vehicle's stay at a gate of an exam site; one open stay a vehicle."""

    __tablename__ = "gate_visit"
    __table_args__ = (
        Index(
            "uq_gate_visit_open", "vehicle_id", unique=True, sqlite_where=text("left_at IS NULL"),
            postgresql_where=text("left_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    vehicle_id: Mapped[int] = mapped_column(ForeignKey("vehicle.id"))
    gate_id: Mapped[int] = mapped_column(ForeignKey("gate.id"), index=True)
    arrived_at: Mapped[datetime] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
