"""District, ExamSite, Gate, Station, OpeningHours, ServiceOffered, Landmark. Positions are WGS-84 degrees."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from stations.kernel.db import Base, UtcDateTime

IN_CHINA = "lat BETWEEN 3.5 AND 53.6 AND lon BETWEEN 73.3 AND 135.1"


class District(Base):
    __tablename__ = "district"

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    name_en: Mapped[str] = mapped_column(String(60))
    lat: Mapped[float]
    lon: Mapped[float]


class ExamSite(Base):
    """A school (or one campus of it) where papers are written. `aliases` is separated by semicolons."""

    __tablename__ = "exam_site"
    __table_args__ = (CheckConstraint(IN_CHINA, name="in_china"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    aliases: Mapped[str] = mapped_column(String(400))
    district_code: Mapped[str] = mapped_column(ForeignKey("district.code"), index=True)
    campus: Mapped[str] = mapped_column(String(80))
    address: Mapped[str] = mapped_column(String(200))
    lat: Mapped[float]
    lon: Mapped[float]
    examinees: Mapped[int | None]
    revision: Mapped[int] = mapped_column(index=True)
    version: Mapped[int] = mapped_column(default=1)
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Gate(Base):
    """A way into an exam site; the nearest station is measured from the gates."""

    __tablename__ = "gate"
    __table_args__ = (UniqueConstraint("exam_site_id", "code"), CheckConstraint(IN_CHINA, name="in_china"))

    id: Mapped[int] = mapped_column(primary_key=True)
    exam_site_id: Mapped[int] = mapped_column(ForeignKey("exam_site.id"))
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(60))
    lat: Mapped[float]
    lon: Mapped[float]
    is_step_free: Mapped[bool | None]


class Station(Base):
    """A support station. `path` is its organization's path and its own code: the unit of permission.

    `state` is what the lead said last (open, paused, closed) and `state_at` when; how long that holds is a rule
    (`rules.openness.Said`). `verified_at` is when somebody on the spot last said that all this is true.
    """

    __tablename__ = "station"
    __table_args__ = (
        CheckConstraint(IN_CHINA, name="in_china"),
        CheckConstraint("state IN ('planned', 'open', 'paused', 'closed')", name="state_known"),
        Index("ix_station_path", "path"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    path: Mapped[str] = mapped_column(String(240))
    district_code: Mapped[str] = mapped_column(ForeignKey("district.code"), index=True)
    address: Mapped[str] = mapped_column(String(200))
    lat: Mapped[float]
    lon: Mapped[float]
    phone: Mapped[str] = mapped_column(String(30))
    state: Mapped[str] = mapped_column(String(10))
    state_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    state_reason: Mapped[str] = mapped_column(String(200))
    verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revision: Mapped[int] = mapped_column(index=True)
    version: Mapped[int] = mapped_column(default=1)
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OpeningHours(Base):
    """A span of minutes since midnight, station time: every week on `weekday` (0 is Monday), or on one dated
    `day`, which then replaces that weekday; a dated row without span means closed all day."""

    __tablename__ = "opening_hours"
    __table_args__ = (
        CheckConstraint("(weekday IS NULL) <> (day IS NULL)", name="weekly_or_dated"),
        CheckConstraint(
            "(opens_minute IS NULL AND closes_minute IS NULL AND day IS NOT NULL)"
            " OR (0 <= opens_minute AND opens_minute < closes_minute AND closes_minute <= 1440)",
            name="span_in_a_day",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"), index=True)
    weekday: Mapped[int | None]
    day: Mapped[date | None]
    opens_minute: Mapped[int | None]
    closes_minute: Mapped[int | None]


class ServiceOffered(Base):
    """A service or an access feature that a station has."""

    __tablename__ = "service_offered"

    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"), primary_key=True)
    service: Mapped[str] = mapped_column(String(30), primary_key=True)


class Landmark(Base):
    """A place people name when they say where they are: a metro station or one of its exits."""

    __tablename__ = "landmark"
    __table_args__ = (CheckConstraint(IN_CHINA, name="in_china"),)

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(120))
    lat: Mapped[float]
    lon: Mapped[float]
    is_step_free: Mapped[bool | None]
    revision: Mapped[int] = mapped_column(index=True)
