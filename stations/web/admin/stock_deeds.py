"""What may be done at a shelf, each with its form: receive, issue, write off, count, limits, kits."""

from collections.abc import Callable
from dataclasses import dataclass

from stations.accounts.rules import Actor
from stations.kernel.errors import Invalid
from stations.kernel.forms import CellField, CellForm, HiddenField, read_request_id, text_reader
from stations.kernel.text import Text, _
from stations.seasons.forms import read_date
from stations.seasons.queries import get_calendar
from stations.stock.actions.booking import Moved
from stations.stock.actions.items import set_limits
from stations.stock.actions.kits import KitOrder, assemble, take_apart
from stations.stock.actions.ledger import count, receive, take
from stations.stock.forms import read_position
from stations.stock.queries.items import ItemRow
from stations.stock.rules.items import read_units
from stations.stock.rules.ledger import CountOrder, MovementKind, ReceiveOrder, TakeOrder
from stations.stock.rules.limits import Limits
from stations.web.admin.stock_writing import book_once, read_quantity
from stations.web.writing import write_once

LOT_MARK = "lot:"  # before a lot's own code, which may be empty


def read_lot_choice(typed: str) -> str:
    """The code of the lot that was chosen of those on the shelf. Raises Invalid."""
    if not typed.startswith(LOT_MARK):
        raise Invalid("choice.unknown", _('"%(word)s" is not one of the choices.', word=typed[:40]))
    code: str = text_reader(40)(typed.removeprefix(LOT_MARK))
    return code


class DeedForm(CellForm):
    """Units at a shelf."""

    quantity = CellField(_("Quantity"), text_reader(40), is_required=True)
    request_id = HiddenField(_("Request id"), read_request_id, is_required=True)


class ReceiveForm(DeedForm):
    """What came."""

    lot = CellField(_("Lot number"), text_reader(40))
    expiry_date = CellField(_("Expires on"), read_date)
    reason = CellField(_("Remark"), text_reader(200), hint=_("Such as the delivery note"))


class TakeForm(DeedForm):
    """What goes out; a lot named against the first to expire needs its reason."""

    lot = CellField(_("From"), read_lot_choice)
    reason = CellField(_("Reason"), text_reader(200))


class CountForm(DeedForm):
    """What was counted by somebody who had seen the ledger up to `position`."""

    lot = CellField(_("Of"), read_lot_choice)
    reason = CellField(_("Remark"), text_reader(200))
    position = HiddenField(_("Position"), read_position, is_required=True)


class LimitsForm(CellForm):
    """When the item is short here."""

    min_level = CellField(_("Minimum"), text_reader(40), is_required=True)
    reorder_level = CellField(_("Reorder level"), text_reader(40), is_required=True)
    max_level = CellField(_("Maximum"), text_reader(40), is_required=True)
    request_id = HiddenField(_("Request id"), read_request_id, is_required=True)


def _receive(form: CellForm, station: str, item: ItemRow) -> None:
    value, zone = form.values, get_calendar().zone
    quantity = read_quantity(value["quantity"], item)
    order = ReceiveOrder(
        value["request_id"], station, item.code, quantity, value["lot"] or "", value["expiry_date"],
        value["reason"] or "",
    )  # fmt: skip
    book_once(lambda me: receive(order, me, zone), _("Received."))


def _take(kind: MovementKind, done: Text) -> Callable[[CellForm, str, ItemRow], None]:
    def do(form: CellForm, station: str, item: ItemRow) -> None:
        value, zone = form.values, get_calendar().zone
        quantity = read_quantity(value["quantity"], item)
        order = TakeOrder(
            value["request_id"], station, item.code, quantity, kind, value["reason"] or "", value["lot"]
        )  # fmt: skip
        book_once(lambda me: take(order, me, zone), done)

    return do


def _count(form: CellForm, station: str, item: ItemRow) -> None:
    value, zone = form.values, get_calendar().zone
    counted = read_quantity(value["quantity"], item)
    order = CountOrder(
        value["request_id"], station, item.code, counted, value["position"], value["lot"], value["reason"] or ""
    )  # fmt: skip
    book_once(lambda me: count(order, me, zone), _("Counted. What moved meanwhile is on top of it."))


def _set_limits(form: CellForm, station: str, item: ItemRow) -> None:
    levels = {name: _read_level(form, name, item) for name in ("min_level", "reorder_level", "max_level")}

    def do(me: Actor) -> dict[str, int]:
        set_limits(station, item.code, Limits(**levels), me, get_calendar().zone)
        return levels

    write_once(form.request_id.value, f"stock.limits {station}"[:60], do, _("Saved."))


def _read_level(form: CellForm, name: str, item: ItemRow) -> int:
    try:
        return read_units(form[name].value, item.unit, item.case_unit, item.units_per_case)
    except Invalid as refused:
        raise Invalid(refused.code, refused.message, field=name) from None


def _kits(act: Callable[..., Moved], done: Text) -> Callable[[CellForm, str, ItemRow], None]:
    def do(form: CellForm, station: str, item: ItemRow) -> None:
        zone = get_calendar().zone
        order = KitOrder(form.request_id.value, station, item.code, read_quantity(form.quantity.value, item))
        book_once(lambda me: act(order, me, zone), done)

    return do


@dataclass(frozen=True)
class Deed:
    """One thing to do at a shelf."""

    name: str
    title: Text
    form: type[CellForm]
    do: Callable[[CellForm, str, ItemRow], None]
    is_for_kits: bool = False
    is_destructive: bool = False


DEEDS: dict[str, Deed] = {
    deed.name: deed
    for deed in (
        Deed("receive", _("Receive"), ReceiveForm, _receive),
        Deed("issue", _("Issue"), TakeForm, _take(MovementKind.ISSUE, _("Issued."))),
        Deed("count", _("Count"), CountForm, _count),
        Deed("write-off", _("Write off"), TakeForm, _take(MovementKind.WRITE_OFF, _("Written off.")), False, True),
        Deed("assemble", _("Assemble"), DeedForm, _kits(assemble, _("Assembled.")), is_for_kits=True),
        Deed("take-apart", _("Take apart"), DeedForm, _kits(take_apart, _("Taken apart.")), is_for_kits=True),
        Deed("limits", _("Limits"), LimitsForm, _set_limits),
    )
}
