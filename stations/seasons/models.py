"""Season and ExamSession."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from stations.kernel.db import Base, UtcDateTime


class Season(Base):
    """One exam season of one city. The newest one that is not archived is the current one."""

    __tablename__ = "season"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))
    zone: Mapped[str] = mapped_column(String(40))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    centre_lat: Mapped[float]
    centre_lon: Mapped[float]
    is_demo: Mapped[bool]
    clock_shows: Mapped[datetime | None] = mapped_column(UtcDateTime)
    clock_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    archived_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ExamSession(Base):
    """One paper. `entry_cutoff_at` is what the page counts down to; where sources disagree it is the earlier
    one, `other_cutoff_at` the later, and nobody has confirmed it yet."""

    __tablename__ = "exam_session"
    __table_args__ = (UniqueConstraint("season_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    season_id: Mapped[int] = mapped_column(ForeignKey("season.id"))
    code: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(40))
    subject_en: Mapped[str] = mapped_column(String(60))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    entry_cutoff_at: Mapped[datetime] = mapped_column(UtcDateTime)
    other_cutoff_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    source: Mapped[str] = mapped_column(String(300))
    rule: Mapped[str] = mapped_column(String(300))
    confirmed_by: Mapped[str | None] = mapped_column(String(80))
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)
