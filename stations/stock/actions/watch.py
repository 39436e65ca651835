"""Once a minute, whoever of the processes comes first: alerts of what will not last until the exam ends."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite

from stations.kernel import clock
from stations.kernel.db import changed_one, db, is_sqlite
from stations.kernel.revision import Revision
from stations.stock.actions.alerts import judge_outlook
from stations.stock.queries.ledger import find_shelf_at
from stations.stock.queries.watching import RunOut

TOPIC = "stock-watch"  # its number is the minute that was watched last
MINUTE_SECONDS = 60


def claim_minute(real_now: datetime) -> bool:
    """Take the watch of this minute; False when another process has it. To be committed before the work begins.

    By the machine's own time: a demonstration's clock may be turned back."""
    minute = int(real_now.timestamp()) // MINUTE_SECONDS
    insert = sqlite.insert if is_sqlite() else postgresql.insert
    db.session.execute(insert(Revision).values(topic=TOPIC, number=0).on_conflict_do_nothing())
    return changed_one(update(Revision).where(Revision.topic == TOPIC, Revision.number < minute).values(number=minute))


def sound_alert(found: RunOut, zone: ZoneInfo) -> None:
    """Judge again, under the lock of the shelf, what was found by reading."""
    shelf = find_shelf_at(found.place_id, found.item_id)
    if shelf is not None:
        judge_outlook(shelf, shelf.usable(clock.now().astimezone(zone).date()), found.hours, found.needed)
