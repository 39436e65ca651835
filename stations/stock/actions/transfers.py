"""Transfers: request, approve, pick, send, receive. Units move only in the ledger: from the shelf to a hold, from
there into transit, from there to the other shelf; what is missing at the end is written off where it was lost."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, update

from stations.accounts.rules import PROGRAM, Actor
from stations.kernel import audit, clock
from stations.kernel.db import changed_one, db
from stations.kernel.errors import Invalid, Refused
from stations.kernel.text import _
from stations.stock.actions.alerts import judge_again, judge_shelf
from stations.stock.actions.booking import Booking, get_place
from stations.stock.models import Transfer, TransferLine
from stations.stock.queries.items import get_item
from stations.stock.queries.ledger import find_shelf_at, lock_levels
from stations.stock.queries.transfers import (
    MovedLot,
    TransferRow,
    get_transfer,
    list_moved_lots,
    list_overdue_holds,
)
from stations.stock.rules.ledger import MovementKind, PlaceKind, insufficient, pick
from stations.stock.rules.transfers import (
    HELD_MINUTES,
    NEXT,
    Received,
    TransferOrder,
    TransferState,
    check_move,
    check_order,
    check_received,
)


@dataclass(frozen=True, slots=True)
class _Step:
    """A transfer on its way to `wanted`, by somebody, at a time."""

    transfer: TransferRow
    wanted: TransferState
    request_id: str
    actor: Actor
    now: datetime
    zone: ZoneInfo

    def booking(self, kind: MovementKind, reason: str = "", part: str = "") -> Booking:
        """Lines of this step; `part` keeps several orders of one request apart, and from every
        request: no id that a person sends has a colon."""
        return Booking(f"{self.request_id}{part}", kind, self.actor, reason, self.transfer.about)


def request_transfer(order: TransferOrder, actor: Actor) -> dict[str, Any]:
    """Ask for units from another station; by whoever may write at either end. Approved at once where the actor may
    approve at the source."""
    check_order(order)
    source, target = get_place(order.from_station), get_place(order.to_station)
    if not (actor.may("stock.write", source.path) or actor.may("stock.write", target.path)):
        actor.require("stock.write", target.path)
    now = clock.now()
    is_approved = actor.may("stock.approve", source.path)
    state = TransferState.APPROVED if is_approved else TransferState.REQUESTED
    added = insert(Transfer).values(
        from_place_id=source.id, to_place_id=target.id, state=state.value, vehicle=order.vehicle.strip(),
        reason=order.reason.strip(), requested_by=actor.username, requested_at=now, changed_by=actor.username,
        changed_at=now,
    )  # fmt: skip
    transfer_id = db.session.execute(added.returning(Transfer.id)).scalar_one()
    rows = [
        {"transfer_id": transfer_id, "item_id": get_item(code).id, "quantity": quantity, "reason": ""}
        for code, quantity in sorted(order.quantities.items())
    ]
    db.session.execute(insert(TransferLine), rows)
    after = {"from": order.from_station, "to": order.to_station, "items": dict(order.quantities), "state": state.value}
    audit.record("transfer.request", f"transfer:{transfer_id}", actor=actor.username, scope=target.path, after=after)
    return {"id": transfer_id, "state": state.value}


def change_transfer(
    transfer_id: int, wanted: TransferState, request_id: str, actor: Actor, zone: ZoneInfo, *,
    received: Mapping[str, Received] | None = None, vehicle: str = "", reason: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Bring a transfer to its next state; the guarded UPDATE decides between two who do it at once."""
    transfer = get_transfer(transfer_id)
    check_move(transfer.state, wanted)
    _check_permission(transfer, wanted, actor)
    step = _Step(transfer, wanted, request_id, actor, clock.now(), zone)
    fields: dict[str, Any] = {"state": wanted.value, "changed_by": actor.username, "changed_at": step.now}
    if vehicle.strip():
        fields["vehicle"] = vehicle.strip()
    if reason.strip():
        fields["reason"] = reason.strip()
    fields["held_until"] = step.now + timedelta(minutes=HELD_MINUTES) if wanted is TransferState.PICKED else None
    same = update(Transfer).where(Transfer.id == transfer_id, Transfer.state == transfer.state.value)
    if not changed_one(same.values(**fields)):
        raise Refused("transfer.changed", _("Somebody else changed this transfer meanwhile. Please look again."))
    lock_levels(transfer.from_station, transfer.to_station)
    if wanted is TransferState.PICKED:
        _pick(step)
    elif wanted is TransferState.SENT:
        _send(step)
    elif wanted is TransferState.RECEIVED:
        _receive(step, received or {})
    elif transfer.state is TransferState.PICKED:
        _put_back(step)
    audit.record(
        f"transfer.{wanted.value}", transfer.about, actor=actor.username, scope=transfer.to_path,
        before={"state": transfer.state.value}, after={"state": wanted.value}, reason=reason.strip(),
    )  # fmt: skip
    return {"id": transfer_id, "state": wanted.value}


def release_overdue(zone: ZoneInfo) -> int:
    """Put back what was picked and never sent in time; how many transfers."""
    overdue = list_overdue_holds(clock.now())
    for transfer_id in overdue:
        request_id = f"hold:{transfer_id}:{clock.now():%Y%m%d%H%M%S}"
        change_transfer(transfer_id, TransferState.APPROVED, request_id, PROGRAM, zone)
    return len(overdue)


def may_change(transfer: TransferRow, wanted: TransferState, actor: Actor) -> bool:
    """Whether the table has this move and the actor may make it."""
    permission, *paths = _needed(transfer, wanted)
    return wanted in NEXT[transfer.state] and any(actor.may(permission, path) for path in paths)


def _check_permission(transfer: TransferRow, wanted: TransferState, actor: Actor) -> None:
    permission, *paths = _needed(transfer, wanted)
    if not any(actor.may(permission, path) for path in paths):
        actor.require(permission, paths[0])


def _needed(transfer: TransferRow, wanted: TransferState) -> tuple[str, ...]:
    """The permission that a move needs, and the paths of which one is enough."""
    if wanted is TransferState.RECEIVED:
        return "stock.write", transfer.to_path
    if wanted is TransferState.CANCELLED:
        return "stock.write", transfer.from_path, transfer.to_path
    is_answer = transfer.state is TransferState.REQUESTED
    return "stock.approve" if is_answer else "stock.write", transfer.from_path


def _pick(step: _Step) -> None:
    """Hold the units, first expired first."""
    today = step.now.astimezone(step.zone).date()
    booking = step.booking(MovementKind.HOLD)
    held = get_place(step.transfer.from_station, PlaceKind.HELD)
    for line in step.transfer.lines:
        shelf = find_shelf_at(step.transfer.from_place_id, line.item_id)
        if shelf is None:
            raise insufficient(line.quantity, 0)
        for lot, quantity in pick(shelf.lots, line.quantity, today):
            booking.move(shelf.place_id, held.id, lot.lot_id, quantity, lot.code)
        judge_shelf(shelf, shelf.usable(today) - line.quantity)


def _send(step: _Step) -> None:
    held = get_place(step.transfer.from_station, PlaceKind.HELD)
    transit = get_place(step.transfer.from_station, PlaceKind.IN_TRANSIT)
    booking = step.booking(MovementKind.TRANSFER_OUT)
    for lot in list_moved_lots(step.transfer, held.id):
        booking.move(held.id, transit.id, lot.lot_id, lot.quantity, lot.code)


def _put_back(step: _Step) -> None:
    held = get_place(step.transfer.from_station, PlaceKind.HELD)
    booking = step.booking(MovementKind.RELEASE)
    lots = list_moved_lots(step.transfer, held.id)
    for lot in lots:
        booking.move(held.id, step.transfer.from_place_id, lot.lot_id, lot.quantity, lot.code)
    _judge(step, step.transfer.from_place_id, {lot.item_id for lot in lots})


def _receive(step: _Step, received: Mapping[str, Received]) -> None:
    """Book in what came; the rest is written off in transit, what is too much is booked as found."""
    transit = get_place(step.transfer.from_station, PlaceKind.IN_TRANSIT)
    lots = list_moved_lots(step.transfer, transit.id)
    unknown = received.keys() - {line.item for line in step.transfer.lines}
    if unknown:
        message = _("%(item)s is not in this transfer.", item=sorted(unknown)[0][:40])
        raise Invalid("transfer.item", message, field="received")
    into = step.booking(MovementKind.TRANSFER_IN)
    for line in step.transfer.lines:
        came = received.get(line.item, Received(line.quantity))
        check_received(line.quantity, came)
        of_item = [lot for lot in lots if lot.item_id == line.item_id]
        missing = _book_in(into, transit.id, step.transfer.to_place_id, of_item, came.quantity)
        if missing:
            lost = step.booking(MovementKind.WRITE_OFF, came.reason, f":lost:{line.item_id}")
            for lot_id, quantity in missing:
                lost.take(transit.id, lot_id, quantity)
        elif came.quantity > line.quantity:
            found = step.booking(MovementKind.ADJUSTMENT, came.reason, f":more:{line.item_id}")
            found.put(step.transfer.to_place_id, of_item[-1].lot_id, came.quantity - line.quantity)
        _note(step.transfer.id, line.item_id, came)
    _judge(step, step.transfer.to_place_id, {line.item_id for line in step.transfer.lines})


def _book_in(booking: Booking, from_id: int, to_id: int, lots: list[MovedLot], quantity: int) -> list[tuple[int, int]]:
    """Move up to `quantity` units; (lot, units) that stay behind."""
    missing = []
    for lot in lots:
        moved = min(quantity, lot.quantity)
        if moved:
            booking.move(from_id, to_id, lot.lot_id, moved, lot.code)
        if moved < lot.quantity:
            missing.append((lot.lot_id, lot.quantity - moved))
        quantity -= moved
    return missing


def _note(transfer_id: int, item_id: int, came: Received) -> None:
    line = update(TransferLine).where(TransferLine.transfer_id == transfer_id, TransferLine.item_id == item_id)
    db.session.execute(line.values(received=came.quantity, reason=came.reason.strip()))


def _judge(step: _Step, place_id: int, item_ids: set[int]) -> None:
    today = step.now.astimezone(step.zone).date()
    for item_id in sorted(item_ids):
        judge_again(place_id, item_id, today)
