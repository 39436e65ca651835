"""Replenishment: what stations have and need, the plan over all of them, and the transfers it becomes."""

import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from zoneinfo import ZoneInfo

from stations.accounts.rules import Actor
from stations.kernel.errors import Invalid, Refused
from stations.kernel.revision import next_revision
from stations.kernel.text import _
from stations.places.queries.atlas import get_atlas
from stations.places.rules import StationState, current_state
from stations.stock.actions.transfers import request_transfer
from stations.stock.optimizer.replenishing import Proposal, Stock, propose
from stations.stock.queries.items import list_items
from stations.stock.queries.levels import list_levels
from stations.stock.queries.transfers import list_transfers
from stations.stock.rules.transfers import TransferOrder, TransferState

NOT_PICKED = (TransferState.REQUESTED, TransferState.APPROVED)  # promised, and still on the shelf
SECONDS = 10.0
TOPIC = "replenishment"


@dataclass(frozen=True, slots=True)
class Replenishment:
    """A proposal, with how many shelves of how many stations it looked at, and the seconds it took."""

    proposal: Proposal
    shelves: int
    stations: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Choice:
    """A line of a proposal that somebody accepts."""

    source: str
    target: str
    item: str
    quantity: int


def propose_transfers(
    actor: Actor, paths: Sequence[str], now: datetime, zone: ZoneInfo, horizon: datetime
) -> Replenishment:
    """The plan that lets nobody below `paths` run out before `horizon`, as far as stock goes. Raises Forbidden."""
    begun = time.monotonic()
    stocks = _list_stocks(actor, paths, now, zone, horizon)
    proposal = propose(list(stocks.values()), SECONDS)
    stations = len({station for station, _item in stocks})
    return Replenishment(proposal, len(stocks), stations, time.monotonic() - begun)


def accept(
    actor: Actor, paths: Sequence[str], now: datetime, zone: ZoneInfo, horizon: datetime, choices: Sequence[Choice]
) -> list[int]:
    """Make transfers of the chosen lines, one for each pair of stations; their ids. Refused when stock has changed so
    that a source would run short itself, or a target needs no more."""
    if not choices:
        raise Invalid("replenish.nothing", _("Please choose at least one line."))
    next_revision(TOPIC)  # who accepts at the same moment waits, and then looks at what is left to move
    _check(_list_stocks(actor, paths, now, zone, horizon), choices)
    orders: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for choice in choices:
        orders[choice.source, choice.target][choice.item] += choice.quantity
    reason = str(_("Replenishment until %(time)s", time=f"{horizon.astimezone(zone):%H:%M}"))
    return [
        int(request_transfer(TransferOrder("", source, target, dict(items), reason=reason), actor)["id"])
        for (source, target), items in sorted(orders.items())
    ]


def _check(stocks: dict[tuple[str, str], Stock], choices: Sequence[Choice]) -> None:
    given: Counter[tuple[str, str]] = Counter()
    got: Counter[tuple[str, str]] = Counter()
    for choice in choices:
        if {(choice.source, choice.item), (choice.target, choice.item)} - stocks.keys():
            message = _("A station of this proposal has no such item any more. Please look at the new proposal.")
            raise Refused("replenish.gone", message)
        given[choice.source, choice.item] += choice.quantity
        got[choice.target, choice.item] += choice.quantity
    for key, quantity in given.items():
        source = stocks[key]
        kept = max(ceil(source.needed), source.limits.reorder_level)
        if source.on_hand - source.outgoing - quantity < kept:
            message = _(
                "%(station)s can spare only %(spare)s of %(item)s by now. Please look at the new proposal.",
                station=source.station_name, spare=f"{source.spare}{source.unit}", item=source.item_name,
            )  # fmt: skip
            raise Refused("replenish.changed", message)
    for key, quantity in got.items():
        target = stocks[key]
        is_full = target.limits.max_level and target.coming + quantity > target.limits.max_level
        if not target.is_short or is_full:
            message = _(
                "%(station)s does not need so much of %(item)s any more. Please look at the new proposal.",
                station=target.station_name, item=target.item_name,
            )  # fmt: skip
            raise Refused("replenish.changed", message)


def _list_stocks(
    actor: Actor, paths: Sequence[str], now: datetime, zone: ZoneInfo, horizon: datetime
) -> dict[tuple[str, str], Stock]:
    """(station, item) -> how it stands, of the stations that are not closed today."""
    for path in paths:
        actor.require("stock.approve", path)
    places = {
        place.code: place
        for place, _standing in get_atlas(zone).list_standings(now)
        if current_state(place.hours, place.said, now, zone) is not StationState.CLOSED
    }
    items = {row.id: row for row in list_items().values()}
    incoming: Counter[tuple[str, str]] = Counter()
    outgoing: Counter[tuple[str, str]] = Counter()
    for transfer in list_transfers(paths, live=True) if paths else ():
        for line in transfer.lines:
            incoming[transfer.to_station, line.item] += line.quantity
            if transfer.state in NOT_PICKED:
                outgoing[transfer.from_station, line.item] += line.quantity
    stocks = {}
    for row in list_levels(paths, now, zone, until=horizon) if paths else ():
        place, item = places.get(row.station), items[row.item_id]
        if place is not None and not item.is_lent:
            key = row.station, item.code
            stocks[key] = Stock(
                place.code, place.name, place.lat, place.lon, item.code, row.on_hand, incoming[key], outgoing[key],
                row.outlook.needed, row.outlook.hours, row.limits, item.units_per_case if item.case_unit else 1,
                item.name, item.unit,
            )  # fmt: skip
    return stocks
