"""Talk."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from stations.kernel.db import Base, UtcDateTime


class Talk(Base):
    """A talk that was counted (+1), or one that was taken back (-1): then `takes_back` is the row that counted it.
    Rows are never changed. Nothing here is about whoever talked; `by` is who pressed, to take it back and for their own
    count, and is shown to nobody else. `day` is the local day of `at`."""

    __tablename__ = "talk"
    __table_args__ = (
        CheckConstraint(
            "(sign = 1 AND takes_back IS NULL) OR (sign = -1 AND takes_back IS NOT NULL)", name="counted_or_taken"
        ),
        CheckConstraint("who IN ('parent', 'examinee')", name="who_known"),
        Index("ix_talk_season_id_day", "season_id", "day", "station_id"),
        Index("ix_talk_by_day", "by", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    season_id: Mapped[int] = mapped_column(ForeignKey("season.id"))
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"), index=True)
    day: Mapped[date]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    who: Mapped[str] = mapped_column(String(10))
    topic: Mapped[str] = mapped_column(String(20))
    sign: Mapped[int]
    takes_back: Mapped[int | None] = mapped_column(ForeignKey("talk.id"), unique=True)
    by: Mapped[str] = mapped_column(String(80))
