"""When a lead said how a station stands, instead of only the day."""

from datetime import datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

from stations.kernel.db import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ZONE = ZoneInfo("Asia/Shanghai")  # of every season so far
station = sa.table(
    "station", sa.column("id", sa.Integer), sa.column("state_on", sa.Date), sa.column("state_at", UtcDateTime)
)


def upgrade() -> None:
    op.add_column("station", sa.Column("state_at", UtcDateTime(timezone=True), nullable=True))
    known = sa.select(station.c.id, station.c.state_on).where(station.c.state_on.is_not(None))
    for station_id, day in op.get_bind().execute(known).all():
        begin = datetime(day.year, day.month, day.day, tzinfo=ZONE)
        op.execute(station.update().where(station.c.id == station_id).values(state_at=begin))
    op.drop_column("station", "state_on")


def downgrade() -> None:
    op.add_column("station", sa.Column("state_on", sa.Date(), nullable=True))
    known = sa.select(station.c.id, station.c.state_at).where(station.c.state_at.is_not(None))
    for station_id, at in op.get_bind().execute(known).all():
        op.execute(station.update().where(station.c.id == station_id).values(state_on=at.astimezone(ZONE).date()))
    op.drop_column("station", "state_at")
