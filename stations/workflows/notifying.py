"""What volunteers are told on their phones, derived from the shifts as they stand: each notice has a key of its own, so
that every round may ask again."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from stations.adapters.messenger import Messenger, make_messenger
from stations.kernel import clock
from stations.kernel.db import run_in_transaction, setting
from stations.notices.actions import erase_notices, queue
from stations.notices.rules import URGENT, NoticeOrder
from stations.seasons.queries import get_calendar
from stations.shifts.queries import notifiable
from stations.shifts.queries.notifiable import NotifiableRow
from stations.shifts.rules.states import AssignmentState, SwapState
from stations.workflows.notice_sending import Address, send_due

EVENING = time(19)
LATE_EVENING = timedelta(hours=3)  # a reminder that came later would disturb
BEFORE = timedelta(hours=2)
MINUTE = timedelta(minutes=1)
AT_NIGHT_TOO = ("changed", "removed", "cancelled")
SETTINGS = ("messenger", "messenger_url", "messenger_key", "messenger_templates")


def notify(messenger: Messenger | None = None) -> int:
    """Queue what is to be told, forget what was told to whoever is erased, send what is due by the messenger of the
    settings; how many were sent."""
    zone = get_calendar().zone
    now = clock.now()
    run_in_transaction(lambda: _refresh(list(_list_orders(now, zone)), zone))
    return send_due(messenger or make_messenger(*(setting(name) for name in SETTINGS)), _find_address, zone)


def _refresh(orders: list[NoticeOrder], zone: ZoneInfo) -> None:
    erase_notices(notifiable.erased_volunteers())
    queue(orders, zone)


def _list_orders(now: datetime, zone: ZoneInfo) -> Iterator[NoticeOrder]:
    for row in notifiable.list_ahead(now, _remind_until(now, zone)):
        name = _which_reminder(row, now, zone)
        if name:
            yield _order(f"{name}:{row.id}:{_stamp(row.starts_at)}", "reminder", row, now, zone)
    kinds = (
        ("placed", notifiable.list_placed(now)),
        ("changed", notifiable.list_moved(now)),
        ("removed", notifiable.list_ended(now, AssignmentState.REMOVED)),
        ("cancelled", notifiable.list_ended(now, AssignmentState.CANCELLED)),
        ("offer", notifiable.list_offers(now)),
        ("swap", notifiable.list_questions(now)),
        ("agreed", notifiable.list_answers(now, SwapState.AGREED)),
        ("refused", notifiable.list_answers(now, SwapState.REFUSED)),
    )
    for kind, rows in kinds:
        for row in rows:
            yield _order(f"{kind}:{row.id}:{_stamp(row.at)}", kind, row, now, zone)


def _remind_until(now: datetime, zone: ZoneInfo) -> datetime:
    """The first start that is too far for any reminder now."""
    local = now.astimezone(zone)
    evening = datetime.combine(local.date(), EVENING, zone)
    if not evening <= local < evening + LATE_EVENING:
        return now + BEFORE + MINUTE
    return datetime.combine(local.date() + timedelta(days=2), time(), zone)


def _which_reminder(row: NotifiableRow, now: datetime, zone: ZoneInfo) -> str:
    """The reminder whose time it is; none for who took the place after that time came: they know."""
    day_before = row.starts_at.astimezone(zone).date() - timedelta(days=1)
    evening = datetime.combine(day_before, EVENING, zone)
    soon = row.starts_at - BEFORE
    if row.at < soon <= now < row.starts_at:
        return "soon"
    return "evening" if row.at < evening <= now < evening + LATE_EVENING else ""


def _stamp(at: datetime) -> int:
    return int(at.timestamp())


def _order(key: str, kind: str, row: NotifiableRow, now: datetime, zone: ZoneInfo) -> NoticeOrder:
    starts, ends = row.starts_at.astimezone(zone), row.ends_at.astimezone(zone)
    values = {"station": row.station_name, "time": f"{starts:%m-%d %H:%M}–{ends:%H:%M}"}
    is_urgent = kind in AT_NIGHT_TOO and row.starts_at - now <= URGENT
    return NoticeOrder(key, kind, row.volunteer_id, row.path, values, now, row.until, is_urgent)


def _find_address(volunteer_id: int) -> Address | None:
    found = notifiable.find_address(volunteer_id)
    return Address(*found) if found else None
