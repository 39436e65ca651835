"""Notices are queued in the caller's transaction, and each is sent by one process."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Select, Table, delete, update
from sqlalchemy.dialects.postgresql import insert

from stations.adapters.messenger import Message, Messenger, NotSentError
from stations.kernel import clock
from stations.kernel.db import changed_one, db, transaction
from stations.notices.models import Notice
from stations.notices.queries import NoticeRow, list_due
from stations.notices.rules import MOST_TRIES, NoticeOrder, is_quiet, next_try, sentence, waking

MOST_AT_ONCE = 50
MOST_FAILURES = 3  # in a row: the gateway is down, the rest waits for the next round
LONGEST_REASON = 120


@dataclass(frozen=True, slots=True)
class Address:
    """Where a volunteer is reached."""

    phone: str
    staff_no: str


def queue(order: NoticeOrder, zone: ZoneInfo) -> bool:
    """Put a notice in the outbox; whether it is new and can still be of use. In quiet hours it waits for their end,
    unless it is urgent."""
    due_at = order.due_at if order.is_urgent else waking(order.due_at, zone)
    if due_at >= order.until:
        return False
    row = {
        "key": order.key, "kind": order.kind, "volunteer_id": order.volunteer_id, "path": order.path,
        "values": dict(order.values), "is_urgent": order.is_urgent, "due_at": due_at, "until": order.until,
        "tries": 0, "receipt": "", "failed_reason": "",
    }  # fmt: skip
    return changed_one(insert(cast(Table, Notice.__table__)).values(row).on_conflict_do_nothing())


def send_due(messenger: Messenger, address_of: Callable[[int], Address | None], zone: ZoneInfo) -> int:
    """Send what is due; how many were taken. Opens transactions of its own: none stays open while a gateway thinks."""
    now = clock.now()
    sent = failures = 0
    for row in list_due(now, MOST_AT_ONCE, urgent_only=is_quiet(now, zone)):
        if failures == MOST_FAILURES:
            break
        if not _claim(row):
            continue
        is_sent = _send(row, messenger, address_of(row.volunteer_id))
        sent += is_sent
        failures = 0 if is_sent else failures + 1
    return sent


def _claim(row: NoticeRow) -> bool:
    """Take this try for ourselves; whoever dies after it leaves the next try to anybody."""
    now = clock.now()
    with transaction():
        mine = update(Notice).where(Notice.id == row.id, Notice.tries == row.tries, Notice.sent_at.is_(None))
        mine = mine.where(Notice.failed_reason == "")
        if row.until <= now:
            changed_one(mine.values(failed_reason="too late"))
            return False
        if row.tries >= MOST_TRIES:
            changed_one(mine.values(failed_reason="no answer"))
            return False
        return changed_one(mine.values(tries=row.tries + 1, due_at=next_try(now, row.tries + 1)))


def _send(row: NoticeRow, messenger: Messenger, address: Address | None) -> bool:
    tries = row.tries + 1
    reason, receipt = "", ""
    try:
        if address is None or not address.phone:
            tries, reason = MOST_TRIES, "no phone"
        else:
            text = str(sentence(row.kind, row.values))
            message = Message(row.key, row.kind, address.phone, address.staff_no, text, row.values)
            receipt = messenger.send(message).text
    except NotSentError as error:
        reason = str(error)[:LONGEST_REASON]
    with transaction():
        mine = update(Notice).where(Notice.id == row.id)
        if not reason:
            changed_one(mine.values(sent_at=clock.now(), receipt=receipt))
        elif tries >= MOST_TRIES:
            changed_one(mine.values(failed_reason=reason))
    return not reason


def erase_notices(volunteers: Select[Any]) -> None:
    """Forget what was told to these volunteers, given as a query of their ids."""
    db.session.execute(delete(Notice).where(Notice.volunteer_id.in_(volunteers)))
