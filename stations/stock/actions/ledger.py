"""Issuing, writing off, receiving, counting and taking back."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select

from stations.accounts.rules import Actor
from stations.kernel import clock
from stations.kernel.db import db
from stations.kernel.errors import Invalid, NotFound, Refused
from stations.kernel.text import _
from stations.stock.actions.alerts import judge_again, judge_shelf
from stations.stock.actions.booking import Booking, Moved, get_lot, get_place
from stations.stock.models import Lot, Movement, StockCount
from stations.stock.queries.ledger import (
    balance_at,
    find_shelf,
    find_shelf_at,
    get_item_id,
    last_position,
    list_places,
    lock_levels,
)
from stations.stock.rules.ledger import (
    MOST_UNITS,
    CountOrder,
    LotRow,
    MovementKind,
    ReceiveOrder,
    TakeOrder,
    check_quantity,
    check_reason,
    insufficient,
    pick,
)
from stations.stock.rules.sheets import name_lot


def take(order: TakeOrder, actor: Actor, zone: ZoneInfo) -> Moved:
    """Issue or write off units, first expired first; refused where too few are left. At most five statements."""
    check_quantity(order.quantity)
    check_reason(order.kind, order.reason, is_override=order.lot is not None)
    booking = Booking(order.request_id, order.kind, actor, order.reason, happened_at=order.happened_at)
    shelf = find_shelf(order.station, order.item)
    actor.require("stock.write", shelf.path if shelf else get_place(order.station).path)
    if not booking.is_first():
        return booking.replayed()
    if shelf is None:
        get_item_id(order.item)
        raise insufficient(order.quantity, 0)
    today = clock.now().astimezone(zone).date()
    with_expired = order.kind is MovementKind.WRITE_OFF
    picked = pick(shelf.lots, order.quantity, today, lot=order.lot, with_expired=with_expired)
    for lot, quantity in picked:
        booking.take(shelf.place_id, lot.lot_id, quantity, lot.code)
    gone = sum(quantity for lot, quantity in picked if lot.expiry_date is None or lot.expiry_date >= today)
    judge_shelf(shelf, shelf.usable(today) - gone)
    return booking.done()


def receive(order: ReceiveOrder, actor: Actor, zone: ZoneInfo) -> Moved:
    """Put units on a station's shelf; a lot that is new is added with its expiry."""
    check_quantity(order.quantity)
    booking = Booking(order.request_id, MovementKind.RECEIPT, actor, order.reason, happened_at=order.happened_at)
    place = get_place(order.station)
    actor.require("stock.write", place.path)
    if not booking.is_first():
        return booking.replayed()
    today = clock.now().astimezone(zone).date()
    if order.expiry_date is not None and order.expiry_date < today:
        raise Invalid("stock.expired", _("This lot has expired. Please do not take it in."), field="expiry_date")
    item_id = get_item_id(order.item)
    # A delivery without a number is told from others by its date.
    lot = order.lot or (name_lot(order.expiry_date) if order.expiry_date else "")
    booking.put(place.id, get_lot(item_id, lot, order.expiry_date), order.quantity, lot)
    judge_again(place.id, item_id, today)
    return booking.done()


def count(order: CountOrder, actor: Actor, zone: ZoneInfo) -> Moved:
    """Set the balance to what was counted: the difference to the balance that the counter had seen is booked, so
    that what moved since stays on top. Refused where the difference would take more than is left."""
    if not 0 <= order.counted <= MOST_UNITS:
        message = _("The quantity must be a whole number from 0 to %(most)s.", most=MOST_UNITS)
        raise Invalid("stock.quantity", message, field="quantity")
    booking = Booking(
        order.request_id, MovementKind.ADJUSTMENT, actor, order.reason, "count", happened_at=order.happened_at
    )
    place = get_place(order.station)
    actor.require("stock.write", place.path)
    if not booking.is_first():
        return booking.replayed()
    item_id = get_item_id(order.item)
    shelf = find_shelf_at(place.id, item_id)
    newest = last_position()
    position = newest if order.position is None else order.position
    if not 0 <= position <= newest:
        raise Invalid("stock.position", _("This page is out of step with the ledger. Please reload it."))
    expected = balance_at(place.id, item_id, position, order.lot, order.seen)
    adjust(booking, place.id, item_id, order, order.counted - expected, shelf.lots if shelf else ())
    counted = insert(StockCount).values(
        at=booking.now, order_id=order.request_id, place_id=place.id, item_id=item_id, position=position,
        expected=expected, counted=order.counted, actor=actor.username, reason=order.reason.strip(),
    )  # fmt: skip
    db.session.execute(counted)
    judge_again(place.id, item_id, clock.now().astimezone(zone).date())
    return booking.done()


def adjust(
    booking: Booking, place_id: int, item_id: int, order: CountOrder, difference: int, lots: Sequence[LotRow]
) -> None:
    """Book the difference between what was counted and what the ledger says of the `lots` that are there."""
    if difference > 0:
        newest = max((lot for lot in lots if order.lot in (None, lot.code)), key=lambda lot: lot.lot_id, default=None)
        code = order.lot or ""
        lot_id = newest.lot_id if newest else get_lot(item_id, code, None)
        booking.put(place_id, lot_id, difference, newest.code if newest else code)
    elif difference < 0:
        # What is missing is taken to be what was handed out: first expired first, the expired ones too.
        for lot, quantity in pick(lots, -difference, date.min, lot=order.lot, with_expired=True):
            booking.take(place_id, lot.lot_id, quantity, lot.code)


def reverse(
    request_id: str, order_id: str, reason: str, actor: Actor, zone: ZoneInfo, *, station: str | None = None
) -> Moved:  # fmt: skip
    """Take an order back line by line, once; refused where its units have already gone on. Where a `station` is
    named, orders of others are not known."""
    booking = Booking(request_id, MovementKind.REVERSAL, actor, reason, f"reverses:{order_id}"[:40])
    fields = (
        Movement.id, Movement.kind, Movement.place_id, Movement.lot_id, Movement.quantity, Movement.about,
        Lot.code, Lot.item_id,
    )  # fmt: skip
    chosen = select(*fields).join(Lot, Lot.id == Movement.lot_id).where(Movement.order_id == order_id)
    lines = db.session.execute(chosen.order_by(Movement.line)).all()
    places = list_places(line.place_id for line in lines).values()
    if not lines or any(station not in (None, place.station) for place in places):
        raise NotFound("stock.order", _("There is no such entry in the ledger."))
    for place in places:
        actor.require("stock.write", place.path)
    if not booking.is_first():
        return booking.replayed()
    if lines[0].kind not in REVERSIBLE:
        raise Refused("stock.irreversible", _("This entry is taken back where it was made, not here."))
    lock_levels(*{place.station for place in places})  # who takes the same back waits here, and then sees it done
    again = select(Movement.id).where(Movement.reverses_id == lines[0].id)
    if db.session.execute(again).first():
        raise Refused("stock.reversed", _("This entry was already taken back."))
    for line in sorted(lines, key=lambda line: (line.quantity > 0, line.lot_id)):
        move = booking.put if line.quantity < 0 else booking.take
        move(line.place_id, line.lot_id, abs(line.quantity), line.code, reverses=line.id)
    today = clock.now().astimezone(zone).date()
    for place_id, item_id in {(line.place_id, line.item_id) for line in lines}:
        judge_again(place_id, item_id, today)
    return booking.done()


REVERSIBLE = frozenset(
    {MovementKind.RECEIPT, MovementKind.ISSUE, MovementKind.ADJUSTMENT, MovementKind.WRITE_OFF, MovementKind.ASSEMBLY}
)
