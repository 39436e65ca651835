"""Attendance, ServiceRecord and SeasonRounding."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from stations.kernel.db import Base, UtcDateTime


class Attendance(Base):
    """When somebody was at their post, and how that is known. A check-out that the program made at the shift's end
    says so."""

    __tablename__ = "attendance"
    __table_args__ = (
        CheckConstraint("out_at IS NULL OR (in_at IS NOT NULL AND in_at <= out_at)", name="in_before_out"),
        CheckConstraint("no_show_at IS NULL OR in_at IS NULL", name="there_or_not"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"), unique=True)
    in_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    in_how: Mapped[str] = mapped_column(String(20))
    in_by: Mapped[str] = mapped_column(String(80))
    out_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    out_how: Mapped[str] = mapped_column(String(20))
    out_by: Mapped[str] = mapped_column(String(80))
    is_closed_by_program: Mapped[bool]
    no_show_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)


class SeasonRounding(Base):
    """By which rule the minutes of a season are rounded; a season without one counts exact minutes."""

    __tablename__ = "season_rounding"

    season_id: Mapped[int] = mapped_column(ForeignKey("season.id"), primary_key=True)
    rounding: Mapped[str] = mapped_column(String(20))
    set_by: Mapped[str] = mapped_column(String(80))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ServiceRecord(Base):
    """A certificate of service: its number is printed, its key stands in the verification link."""

    __tablename__ = "service_record"
    __table_args__ = (
        CheckConstraint("since <= until AND minutes >= 0 AND attendances >= 0", name="amounts"),
        Index("ix_service_record_volunteer_id_issued_at", "volunteer_id", "issued_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    minutes: Mapped[int]
    attendances: Mapped[int]
    content: Mapped[str] = mapped_column(String(200))
    recording_unit_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"), index=True)
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    issued_by: Mapped[str] = mapped_column(String(80))
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
