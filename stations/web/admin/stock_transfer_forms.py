"""What was typed of a transfer: the lines that are wanted, and what came of each."""

from collections.abc import Mapping
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from stations.kernel.errors import Invalid
from stations.kernel.forms import CellField, CellForm, HiddenField, code_reader, read_request_id, text_reader
from stations.kernel.text import Text, _
from stations.stock.queries.items import find_item
from stations.stock.queries.transfers import TransferRow
from stations.stock.rules.items import read_units, write_units
from stations.stock.rules.transfers import Received, TransferOrder
from stations.web.admin.stock_writing import NO_ITEM

FIRST_LINES = 4
MOST_LINES = 40


class TransferForm(CellForm):
    """A new transfer, but for its lines."""

    source = CellField(_("From"), code_reader(40), is_required=True)
    to = CellField(_("To"), code_reader(40), is_required=True)
    vehicle = CellField(_("Vehicle"), text_reader(40), hint=_("Plate or sticker number, where it is known"))
    reason = CellField(_("Reason"), text_reader(200))
    request_id = HiddenField(_("Request id"), read_request_id, is_required=True)


class MoveForm(CellForm):
    """The next step of a transfer."""

    vehicle = CellField(_("Vehicle"), text_reader(40))
    reason = CellField(_("Reason"), text_reader(200))
    request_id = HiddenField(_("Request id"), read_request_id, is_required=True)


@dataclass
class TypedLine:
    """One line as it was typed, and what is wrong with it."""

    item: str = ""
    quantity: str = ""
    error: Text | str = ""


def typed_lines(sent: "MultiDict[str, str]", extra: int = 0) -> list[TypedLine]:
    """The lines of a form, and empty ones to go on with."""
    pairs = zip(sent.getlist("item"), sent.getlist("quantity"), strict=False)
    lines = [TypedLine(item.strip(), quantity.strip()) for item, quantity in pairs]
    wanted = min(max(FIRST_LINES, len(lines)) + extra, MOST_LINES)
    return lines + [TypedLine() for _line in range(wanted - len(lines))]


def read_lines(lines: list[TypedLine]) -> dict[str, int]:
    """Item code -> units; a line without an item and a quantity is passed over. Raises Invalid for the first wrong
    one, when every wrong one has been marked."""
    wanted: dict[str, int] = {}
    filled = [line for line in lines if line.item or line.quantity]
    if len(filled) > MOST_LINES:
        message = _("A transfer has at most %(most)s lines; please make another one for the rest.", most=MOST_LINES)
        raise Invalid("transfer.many", message)
    for line in filled:
        try:
            code, units = _read_line(line)
            if code in wanted:
                raise Invalid("transfer.twice", _("This item stands in two lines."))
            wanted[code] = units
        except Invalid as refused:
            line.error = refused.message
    wrong = next((line for line in lines if line.error), None)
    if wrong is not None:
        raise Invalid("transfer.line", _("Please correct the marked lines."))
    return wanted


def _read_line(line: TypedLine) -> tuple[str, int]:
    item = find_item(line.item)
    if item is None:
        raise Invalid("stock.item", NO_ITEM if line.item else _("Which item?"))
    if not line.quantity:
        raise Invalid("stock.quantity", _("How many?"))
    units = read_units(line.quantity, item.unit, item.case_unit, item.units_per_case)
    if not units:
        raise Invalid("stock.quantity", _("How many?"))
    return item.code, units


def transfer_order(form: TransferForm, quantities: Mapping[str, int]) -> TransferOrder:
    """The order that a valid form and its lines give."""
    value = form.values
    return TransferOrder(
        value["request_id"], value["source"], value["to"], quantities, value["vehicle"] or "", value["reason"] or ""
    )  # fmt: skip


@dataclass
class ReceivedLine:
    """What came of one item, as it was typed."""

    item_id: int
    quantity: str
    reason: str = ""
    error: Text | str = ""


def received_lines(transfer: TransferRow, sent: "MultiDict[str, str] | None" = None) -> dict[str, ReceivedLine]:
    """By item: what was typed, or all that was sent."""
    return {
        line.item: ReceivedLine(
            line.item_id,
            sent.get(f"quantity-{line.item_id}", "")[:60] if sent is not None
            else write_units(line.quantity, line.unit, line.case_unit, line.units_per_case),
            sent.get(f"reason-{line.item_id}", "") if sent is not None else "",
        )
        for line in transfer.lines
    }  # fmt: skip


def read_received(transfer: TransferRow, typed: Mapping[str, ReceivedLine]) -> dict[str, Received]:
    """What came, by item; a difference needs its reason. Raises Invalid when every wrong line has been marked."""
    came: dict[str, Received] = {}
    read_reason = text_reader(200)
    for line in transfer.lines:
        entry = typed[line.item]
        try:
            units = _read_came(entry.quantity, line.unit, line.case_unit, line.units_per_case)
            came[line.item] = Received(units, read_reason(entry.reason))
            if units != line.quantity and not entry.reason.strip():
                raise Invalid("transfer.difference", _("Not what was sent. Please say why."))
        except Invalid as refused:
            entry.error = refused.message
    if any(entry.error for entry in typed.values()):
        raise Invalid("transfer.line", _("Please correct the marked lines."))
    return came


def _read_came(typed: str, unit: str, case_unit: str, units_per_case: int) -> int:
    if not typed.strip():
        raise Invalid("stock.quantity", _("How many came? 0 if none."))
    return read_units(typed, unit, case_unit, units_per_case)
