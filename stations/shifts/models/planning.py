"""ShiftTemplate, Shift, ShiftNeed."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from stations.kernel.db import Base, UtcDateTime


class ShiftTemplate(Base):
    """From which shifts are made: at one station, or at every live one below `path`; for the sessions of one subject,
    or of every one (''). Minutes are counted from the session's start, or its end (`ends_from`). `needs` maps a skill
    ('' for anyone) to places."""

    __tablename__ = "shift_template"
    __table_args__ = (CheckConstraint("ends_from IN ('start', 'end')", name="ends_from_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    station_id: Mapped[int | None] = mapped_column(ForeignKey("station.id"), index=True)
    path: Mapped[str] = mapped_column(String(240), index=True)
    subject: Mapped[str] = mapped_column(String(40))
    post: Mapped[str] = mapped_column(String(20))
    starts_minutes: Mapped[int]
    ends_from: Mapped[str] = mapped_column(String(5))
    ends_minutes: Mapped[int]
    needs: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(default=1)
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Shift(Base):
    """A post at a station, whose path is the unit of permission, for a span of time. One that a template made is known
    by template, station and session. `sequence` counts what a calendar must be told of (RFC 5545, 3.8.7.4)."""

    __tablename__ = "shift"
    __table_args__ = (
        UniqueConstraint("template_id", "station_id", "exam_session_id"),
        CheckConstraint("starts_at < ends_at", name="takes_time"),
        Index("ix_shift_station_id_starts_at", "station_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    template_id: Mapped[int | None] = mapped_column(ForeignKey("shift_template.id"))
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"))
    exam_session_id: Mapped[int | None] = mapped_column(ForeignKey("exam_session.id"), index=True)
    post: Mapped[str] = mapped_column(String(20))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    sequence: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ShiftNeed(Base):
    """So many places of a shift for those who have a skill ('' for anyone). A place is taken, or offered to somebody
    on the waiting list, or free; the database holds that there are never more than there are."""

    __tablename__ = "shift_need"
    __table_args__ = (
        UniqueConstraint("shift_id", "skill"),
        CheckConstraint("0 <= taken AND 0 <= offered AND taken + offered <= places", name="never_over_full"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"))
    skill: Mapped[str] = mapped_column(String(20))
    places: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)
    offered: Mapped[int] = mapped_column(default=0)
