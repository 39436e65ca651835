"""Assembling kits from their parts and taking them apart."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from stations.accounts.rules import Actor
from stations.kernel import clock
from stations.kernel.errors import Invalid
from stations.kernel.text import _
from stations.stock.actions.alerts import judge_again
from stations.stock.actions.booking import Booking, Moved, get_lot, get_place
from stations.stock.queries.items import list_parts
from stations.stock.queries.ledger import Shelf, find_shelf_at, get_item_id, lock_levels
from stations.stock.rules.ledger import MovementKind, check_quantity, insufficient, pick


@dataclass(frozen=True, slots=True)
class KitOrder:
    """Kits to assemble at a station, or to take apart."""

    request_id: str
    station: str
    kit: str
    quantity: int


def assemble(order: KitOrder, actor: Actor, zone: ZoneInfo) -> Moved:
    """Make kits from parts, first expired first. A kit expires with the first of its parts."""
    booking, place_id, kit_id = _begin(order, actor)
    if not booking.is_first():
        return booking.replayed()
    lock_levels(order.station)
    today = clock.now().astimezone(zone).date()
    expiries: list[date] = []
    for part_id, each in _parts(kit_id):
        shelf = find_shelf_at(place_id, part_id)
        if shelf is None:
            raise insufficient(each * order.quantity, 0)
        for lot, quantity in pick(shelf.lots, each * order.quantity, today):
            booking.take(place_id, lot.lot_id, quantity, lot.code)
            expiries += [lot.expiry_date] if lot.expiry_date else []
        judge_again(place_id, part_id, today)
    expiry = min(expiries, default=None)
    code = f"{expiry:%Y%m%d}" if expiry else ""
    booking.put(place_id, get_lot(kit_id, code, expiry), order.quantity, code)
    judge_again(place_id, kit_id, today)
    return booking.done()


def take_apart(order: KitOrder, actor: Actor, zone: ZoneInfo) -> Moved:
    """Put the parts of kits back on the shelf, to expire when their kit would have."""
    booking, place_id, kit_id = _begin(order, actor)
    if not booking.is_first():
        return booking.replayed()
    lock_levels(order.station)
    today = clock.now().astimezone(zone).date()
    shelf: Shelf | None = find_shelf_at(place_id, kit_id)
    if shelf is None:
        raise insufficient(order.quantity, 0)
    for lot, quantity in pick(shelf.lots, order.quantity, today, with_expired=True):
        booking.take(place_id, lot.lot_id, quantity, lot.code)
        for part_id, each in _parts(kit_id):
            booking.put(place_id, get_lot(part_id, lot.code, lot.expiry_date), each * quantity, lot.code)
    for item_id in (kit_id, *(part_id for part_id, _each in _parts(kit_id))):
        judge_again(place_id, item_id, today)
    return booking.done()


def _begin(order: KitOrder, actor: Actor) -> tuple[Booking, int, int]:
    check_quantity(order.quantity)
    place = get_place(order.station)
    actor.require("stock.write", place.path)
    booking = Booking(order.request_id, MovementKind.ASSEMBLY, actor)
    return booking, place.id, get_item_id(order.kit)


def _parts(kit_id: int) -> list[tuple[int, int]]:
    parts = list_parts(kit_id)
    if not parts:
        raise Invalid("stock.no_kit", _("This item is not a kit."), field="item")
    return parts
