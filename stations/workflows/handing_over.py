"""The outgoing lead counts everything that a station holds, and what is still open is kept with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from stations.accounts.rules import Actor
from stations.fleet.queries.requests import list_open_requests
from stations.kernel.errors import Invalid
from stations.kernel.text import _
from stations.places.queries.rows import StationRow
from stations.shifts.actions.handovers import claim_count, note_counted
from stations.shifts.queries.attendance import list_posts
from stations.shifts.rules.attendance import Presence
from stations.shifts.rules.handovers import CountLine, LeftOpen
from stations.stock.actions.ledger import count
from stations.stock.queries.items import ItemRow, list_items
from stations.stock.queries.ledger import lock_levels
from stations.stock.queries.levels import list_levels
from stations.stock.queries.loans import list_loans
from stations.stock.queries.transfers import list_transfers
from stations.stock.rules.ledger import CountOrder
from stations.stock.rules.transfers import TransferState

REASON = "handover"


@dataclass(frozen=True, slots=True)
class Counted:
    """What somebody counted of an item (base units) who had seen the ledger up to `position`."""

    quantity: int
    position: int | None = None


def list_held(station: StationRow, now: datetime, zone: ZoneInfo) -> list[tuple[ItemRow, int]]:
    """(item, units) that are on the shelves of a station, the expired too, in the order of the items."""
    held = {row.item_id: row.on_hand + row.expired for row in list_levels([station.path], now, zone, station.code)}
    return [(item, held[item.id]) for item in list_items().values() if held.get(item.id)]


def summarize_open(station: StationRow, now: datetime) -> LeftOpen:
    """What the incoming lead will find unfinished."""
    paths = [station.path]
    arriving = [
        row for row in list_transfers(paths, station=station.code)
        if row.state is TransferState.SENT and row.to_station == station.code
    ]  # fmt: skip
    posts = list_posts(station.code, now, now)
    return LeftOpen(
        len(list_open_requests(paths, station.code)), len(arriving), len(list_loans(paths, station=station.code)),
        sum(post.count(Presence.MISSING, now) for post in posts),
    )  # fmt: skip


def count_for_handover(
    handover_id: int, station: StationRow, counted: Mapping[str, Counted], note: str, who: Actor, now: datetime,
    zone: ZoneInfo,
) -> dict[str, Any]:  # fmt: skip
    """Book the counts (item code -> what was counted) and hold the hand-over ready to be signed. Raises Invalid,
    naming the item in `field`, where one that the station holds is not counted; then nothing has changed."""
    row = claim_count(handover_id, station.code, note, summarize_open(station, now), who)
    lock_levels(station.code)
    for item, _units in list_held(station, now, zone):
        if item.code not in counted:
            message = _("Please count %(item)s too. Write 0 if none is left.", item=item.name)
            raise Invalid("handover.blank", message, field=item.code)
    lines = []
    for code, found in sorted(counted.items()):
        order = CountOrder(uuid4().hex, station.code, code, found.quantity, found.position, reason=REASON)
        lines.append(CountLine(code, found.quantity, count(order, who, zone).quantity))
    return note_counted(row, lines, who)
