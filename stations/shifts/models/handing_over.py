"""Handover."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from stations.kernel.db import Base, UtcDateTime

LIVE = "state IN ('begun', 'counted')"


class Handover(Base):
    """One lead leaves a station to another. `counts` are what was counted, item by item, and `left_open` what was not
    finished then; a station has one live hand-over at most."""

    __tablename__ = "handover"
    __table_args__ = (
        CheckConstraint("state IN ('begun', 'counted', 'signed', 'cancelled')", name="state_known"),
        CheckConstraint("state <> 'signed' OR ended_by <> begun_by", name="two_people"),
        Index("ix_handover_station_id_begun_at", "station_id", "begun_at"),
        Index("uq_handover_live", "station_id", unique=True, sqlite_where=text(LIVE), postgresql_where=text(LIVE)),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"))
    state: Mapped[str] = mapped_column(String(10))
    begun_by: Mapped[str] = mapped_column(String(80))
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime)
    counted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    counts: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    left_open: Mapped[dict[str, Any]] = mapped_column(JSON)
    note: Mapped[str] = mapped_column(String(200))
    ended_by: Mapped[str] = mapped_column(String(80))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
