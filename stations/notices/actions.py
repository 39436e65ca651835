"""Notices: queued, claimed for a try, and what came of it; each in the caller's transaction."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Select, Table, delete, update
from sqlalchemy.dialects.postgresql import insert

from stations.kernel import clock
from stations.kernel.db import changed_one, db
from stations.notices.models import Notice
from stations.notices.queries import NoticeRow, known_keys
from stations.notices.rules import MOST_TRIES, NoticeOrder, next_try, waking

LONGEST_REASON = 120
AT_ONCE = 500  # SQLite takes 32,766 values in a statement


def queue(orders: Iterable[NoticeOrder], zone: ZoneInfo) -> int:
    """Put into the outbox what is new and can still be of use; how many. In quiet hours it waits for their end, unless
    it is urgent."""
    timed = [(order, order.due_at if order.is_urgent else waking(order.due_at, zone)) for order in orders]
    useful = {order.key: _row(order, due_at) for order, due_at in timed if due_at < order.until}
    queued = 0
    for start in range(0, len(useful), AT_ONCE):
        keys = list(useful)[start : start + AT_ONCE]
        new = set(keys) - known_keys(keys)
        if new:  # another process may have put one of them there meanwhile
            rows = [useful[key] for key in sorted(new)]
            put = insert(cast(Table, Notice.__table__)).on_conflict_do_nothing().returning(Notice.id)
            queued += len(db.session.execute(put.values(rows)).all())
    return queued


def _row(order: NoticeOrder, due_at: datetime) -> dict[str, Any]:
    return {
        "key": order.key, "kind": order.kind, "volunteer_id": order.volunteer_id, "path": order.path,
        "values": dict(order.values), "is_urgent": order.is_urgent, "due_at": due_at, "until": order.until,
        "tries": 0, "receipt": "", "failed_reason": "",
    }  # fmt: skip


def claim(row: NoticeRow) -> bool:
    """Take the next try for ourselves, or say why there is none; whoever dies after it leaves the one after it to
    anybody."""
    now = clock.now()
    mine = update(Notice).where(Notice.id == row.id, Notice.tries == row.tries, Notice.sent_at.is_(None))
    mine = mine.where(Notice.failed_reason == "")
    if row.until <= now or row.tries >= MOST_TRIES:
        changed_one(mine.values(failed_reason="too late" if row.until <= now else "no answer"))
        return False
    return changed_one(mine.values(tries=row.tries + 1, due_at=next_try(now, row.tries + 1)))


def note_sent(row: NoticeRow, receipt: str) -> None:
    """Write that a claimed notice was taken."""
    db.session.execute(update(Notice).where(Notice.id == row.id).values(sent_at=clock.now(), receipt=receipt))


def note_failed(row: NoticeRow, reason: str, *, is_final: bool) -> None:
    """Write why a claimed notice will not be sent, if this was its last try or no other could do better."""
    if is_final or row.tries + 1 >= MOST_TRIES:
        failed = update(Notice).where(Notice.id == row.id)
        db.session.execute(failed.values(failed_reason=reason[:LONGEST_REASON]))


def erase_notices(volunteers: Select[Any]) -> None:
    """Forget what was told to these volunteers, given as a query of their ids."""
    db.session.execute(delete(Notice).where(Notice.volunteer_id.in_(volunteers)))
