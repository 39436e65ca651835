"""The rounds of a demonstration's invented staff, who go on verifying as real staff would."""

from datetime import datetime, timedelta
from zlib import crc32

from sqlalchemy import or_, select, update

from stations.kernel.db import db
from stations.kernel.revision import next_revision
from stations.places.models import Station
from stations.places.queries.loading import STATIONS
from stations.places.rules.openness import VERIFIED_MINUTES

LAST_MINUTES = 5  # before a verification runs out the next one is due
SPREAD_MINUTES = 40


def verify_due(kind: str, since: datetime, now: datetime) -> int:
    """Verify the stations of that kind whose verification runs out, or lies ahead of a clock that was set back; not
    those that nobody has verified since `since`. How many. Nothing is recorded: nobody did it."""
    runs_out = now - timedelta(minutes=VERIFIED_MINUTES - LAST_MINUTES)
    due = select(Station.id, Station.code).where(
        Station.kind == kind,
        Station.archived_at.is_(None),
        Station.verified_at >= since,
        or_(Station.verified_at <= runs_out, Station.verified_at > now),
    )
    found = db.session.execute(due).all()
    if found:
        revision = next_revision(STATIONS)
        seen = [
            {"id": id_, "verified_at": now - timedelta(minutes=crc32(code.encode()) % SPREAD_MINUTES),
             "revision": revision}
            for id_, code in found
        ]  # fmt: skip
        db.session.execute(update(Station), seen)
    return len(found)
