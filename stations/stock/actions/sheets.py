"""What a sheet does to stock: the same movements as a page, with the look-ups of all its rows made once."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from stations.accounts.rules import Actor
from stations.kernel import audit, clock
from stations.kernel.db import db, is_sqlite
from stations.kernel.progress import counted
from stations.kernel.revision import next_revision
from stations.kernel.text import _
from stations.stock.actions.alerts import judge_again, judge_filled
from stations.stock.actions.booking import Booking, get_place, write_kept
from stations.stock.actions.ledger import adjust
from stations.stock.models import KitPart, Lot, StockCount, StockLimit, SupplyItem
from stations.stock.queries.items import TOPIC, get_item, list_items
from stations.stock.queries.ledger import PlaceRow, Shelf, last_position, list_places
from stations.stock.queries.sheets import list_lines_about, list_shelves, list_station_places
from stations.stock.rules.ledger import CountOrder, LotRow, MovementKind, PlaceKind
from stations.stock.rules.limits import Limits, check_limits
from stations.stock.rules.sheets import BalanceOrder, LimitsOrder


@dataclass
class _Counting:
    """A sheet of balances while it is booked. `ticket` names it: each row is an order of its own."""

    ticket: str
    about: str
    actor: Actor
    places: dict[str, PlaceRow]
    lots: dict[tuple[int, str], int]
    shelves: dict[tuple[int, int], Shelf]
    position: int
    moved: list[dict[str, Any]] = field(default_factory=list)
    counted: list[dict[str, Any]] = field(default_factory=list)

    def count(self, number: int, order: BalanceOrder, item_id: int) -> None:
        """Book the difference between the row and the shelf, as a count at this moment."""
        order_id = f"{self.ticket}:{number}"
        place = self.places[order.station]
        shelf = self._shelf(place, item_id, order)
        expected = sum(lot.on_hand for lot in shelf.lots if order.lot in (None, lot.code))
        booking = Booking(order_id, MovementKind.ADJUSTMENT, self.actor, about=self.about, kept=self.moved)
        counted = CountOrder(order_id, order.station, order.item, order.quantity, self.position, order.lot)
        adjust(booking, place.id, item_id, counted, order.quantity - expected, shelf.lots)
        self.counted.append(
            {"at": booking.now, "order_id": order_id, "place_id": place.id, "item_id": item_id,
             "position": self.position, "expected": expected, "counted": order.quantity,
             "actor": self.actor.username, "reason": ""}
        )  # fmt: skip
        on_hand = {code: balance for code, _quantity, balance in booking.lines}
        lots = tuple(replace(lot, on_hand=on_hand.get(lot.code, lot.on_hand)) for lot in shelf.lots)
        self.shelves[(place.id, item_id)] = replace(shelf, lots=lots)

    def _shelf(self, place: PlaceRow, item_id: int, order: BalanceOrder) -> Shelf:
        """The shelf with the lot of the row on it, be it empty."""
        shelf = self.shelves.get((place.id, item_id)) or Shelf(place.id, place.path, item_id, Limits(), None, ())
        if order.lot in {lot.code for lot in shelf.lots} or (order.lot is None and shelf.lots):
            return shelf
        code = order.lot or ""
        lot = LotRow(self.lots[(item_id, code)], code, order.expiry_date, 0)
        return replace(shelf, lots=(*shelf.lots, lot))


def set_balances(orders: Sequence[BalanceOrder], ticket: str, about: str, actor: Actor, zone: ZoneInfo) -> None:
    """Count many lots or items at once; every row is an order `ticket:<number>` of its own, all are `about` one
    thing. Their balances are locked, so that each is what its row says when this is committed."""
    items = list_items()
    item_ids = [items[order.item].id for order in orders]
    places = _make_places({order.station for order in orders})
    for place in places.values():
        actor.require("stock.write", place.path)
    lots = _make_lots(
        {(item_id, order.lot or ""): order.expiry_date for item_id, order in zip(item_ids, orders, strict=True)}
    )
    shelves = list_shelves(place.id for place in places.values())
    counting = _Counting(ticket, about, actor, places, lots, shelves, last_position())
    rows = zip(orders, item_ids, strict=True)
    for number, (order, item_id) in enumerate(counted(_("Rows written:"), rows, len(orders))):
        counting.count(number, order, item_id)
    write_kept(counting.moved)
    if counting.counted:
        db.session.execute(insert(StockCount), counting.counted)
    _judge({(places[order.station].id, item_id) for order, item_id in zip(orders, item_ids, strict=True)}, zone)


def take_back_about(about: str, actor: Actor, zone: ZoneInfo) -> None:
    """Take back, by linked reversals, every count that is `about` something; refused where its units have gone on."""
    lines = list_lines_about(about, MovementKind.ADJUSTMENT.value)
    for place in list_places(line.place_id for line in lines).values():
        actor.require("stock.write", place.path)
    kept: list[dict[str, Any]] = []
    orders: dict[str, Booking] = {}
    taken_first = sorted(lines, key=lambda line: (line.quantity > 0, line.id))
    for line in counted(_("Rows put back:"), taken_first, len(lines)):
        booking = orders.get(line.order_id) or orders.setdefault(
            line.order_id,
            Booking(f"undo:{line.order_id}", MovementKind.REVERSAL, actor, about=f"reverses:{about}"[:40], kept=kept),
        )
        move = booking.put if line.quantity < 0 else booking.take
        move(line.place_id, line.lot_id, abs(line.quantity), line.code, reverses=line.id)
    write_kept(kept)
    items = {lot: item for lot, item in db.session.execute(select(Lot.id, Lot.item_id))} if lines else {}
    _judge({(line.place_id, items[line.lot_id]) for line in lines}, zone)


def _judge(moved: set[tuple[int, int]], zone: ZoneInfo) -> None:
    """Judge these shelves again, read all at once."""
    today = clock.now().astimezone(zone).date()
    shelves = list_shelves(place_id for place_id, _item_id in moved)
    found = sorted(moved & shelves.keys())
    for key in counted(_("Alerts looked at:"), found, len(found)):
        judge_filled(shelves[key], shelves[key].usable(today))


def _make_places(stations: Iterable[str]) -> dict[str, PlaceRow]:
    wanted = set(stations)
    places = list_station_places(wanted)
    for station in sorted(wanted - places.keys()):
        places[station] = get_place(station, PlaceKind.STATION)
    return places


def _make_lots(wanted: dict[tuple[int, str], date | None]) -> dict[tuple[int, str], int]:
    """(item, lot) -> id, the missing lots added."""
    dialect_insert = sqlite.insert if is_sqlite() else postgresql.insert
    known = _list_lot_ids(wanted)
    missing = [
        {"item_id": item_id, "code": code, "expiry_date": expiry}
        for (item_id, code), expiry in wanted.items()
        if (item_id, code) not in known
    ]
    if missing:
        db.session.execute(dialect_insert(Lot).on_conflict_do_nothing(), missing)
        known = _list_lot_ids(wanted)
    return known


def _list_lot_ids(wanted: dict[tuple[int, str], date | None]) -> dict[tuple[int, str], int]:
    of_items = select(Lot.item_id, Lot.code, Lot.id).where(Lot.item_id.in_({item_id for item_id, _code in wanted}))
    return {(item_id, code): lot_id for item_id, code, lot_id in db.session.execute(of_items)}


def set_all_limits(orders: Sequence[LimitsOrder], actor: Actor, zone: ZoneInfo) -> None:
    """Say at once when many items are short at their stations."""
    items = list_items()
    places = _make_places({order.station for order in orders})
    for place in places.values():
        actor.require("stock.write", place.path)
    next_revision(TOPIC)  # what the public reads depends on them
    rows = [
        {"place_id": places[order.station].id, "item_id": items[order.item].id} | asdict(order.limits)
        for order in orders
    ]
    if rows:
        dialect_insert = sqlite.insert if is_sqlite() else postgresql.insert
        fresh = dialect_insert(StockLimit)
        levels = {name: fresh.excluded[name] for name in Limits.__slots__}
        keys = [StockLimit.place_id, StockLimit.item_id]
        db.session.execute(fresh.on_conflict_do_update(index_elements=keys, set_=levels), rows)
    _judge({(row["place_id"], row["item_id"]) for row in rows}, zone)
    for order in orders:
        check_limits(order.limits)
        subject, scope = f"stock:{order.station}/{order.item}", places[order.station].path
        audit.record("stock.limits", subject, actor=actor.username, scope=scope, after=asdict(order.limits))


def remove_limits(station: str, item: str, actor: Actor, zone: ZoneInfo) -> None:
    """Forget when an item is short at a station."""
    place = get_place(station)
    actor.require("stock.write", place.path)
    item_id = get_item(item).id
    next_revision(TOPIC)
    here = delete(StockLimit).where(StockLimit.place_id == place.id, StockLimit.item_id == item_id)
    db.session.execute(here)
    judge_again(place.id, item_id, clock.now().astimezone(zone).date())
    audit.record("stock.limits", f"stock:{station}/{item}", actor=actor.username, scope=place.path)


def remove_item(code: str, actor: Actor) -> None:
    """Take out an item that nobody has ever had; the database refuses any other."""
    actor.require("stock.items")
    next_revision(TOPIC)
    item = get_item(code)
    db.session.execute(delete(KitPart).where(KitPart.kit_id == item.id))
    db.session.execute(delete(SupplyItem).where(SupplyItem.id == item.id))
    audit.record("item.remove", f"item:{code}", actor=actor.username)
