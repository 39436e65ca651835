"""Forms of stock: an item as a page or a row of a sheet, and what a desk sends."""

from collections.abc import Mapping
from typing import Any

from stations.kernel.cells import read_flag, read_instant, read_last_day, read_list, read_whole
from stations.kernel.errors import Invalid
from stations.kernel.forms import (
    CellField,
    CellForm,
    HiddenField,
    choice_reader,
    code_reader,
    read_code,
    read_request_id,
    text_reader,
)
from stations.kernel.text import _
from stations.places.rules import SERVICES
from stations.stock.queries.items import ItemRow, find_item
from stations.stock.rules.items import CATEGORIES, EXAM_ROOM, ItemOrder, read_units
from stations.stock.rules.ledger import MOST_UNITS
from stations.stock.rules.limits import Limits, check_limits
from stations.stock.rules.sheets import BalanceOrder, LimitsOrder, read_lot

CATEGORY_WORDS = {
    "饮品": "drink", "饮料": "drink", "水": "drink", "食品": "food", "文具": "stationery", "防暑防雨": "weather",
    "雨具": "weather", "防暑": "weather", "药品": "medicine", "卫生用品": "hygiene", "设备": "equipment",
    "器材": "equipment", "包": "kit", "套包": "kit",
}  # fmt: skip
EXAM_ROOM_WORDS = {
    "可带入": "permitted", "允许": "permitted", "可以": "permitted", "禁止": "forbidden", "不可带入": "forbidden",
    "不可": "forbidden", "未知": "unknown", "待定": "unknown",
}  # fmt: skip


LAST_POSITION = 2**31 - 1
MOST_SEEN = 1000


def read_parts(text: str) -> dict[str, int]:
    """A bill of materials: "water*2; pen*1" or "water×2、pen" -> {"water": 2, "pen": 1}. Raises Invalid."""
    parts: dict[str, int] = {}
    for word in read_list(text):
        code, _times, number = word.replace("×", "*").replace("x ", "*").partition("*")
        name = read_code(code.strip())
        if name in parts:
            raise Invalid("kit.twice", _("%(code)s is named twice.", code=name))
        parts[name] = read_whole(number.strip(), limit=MOST_UNITS) if number.strip() else 1
        if not parts[name]:
            raise Invalid("kit.none", _("A kit holds at least one %(code)s.", code=name))
    return parts


class ItemForm(CellForm):
    """A supply item."""

    code = CellField(_("Code"), code_reader(28), is_required=True)
    name = CellField(_("Name"), text_reader(80), is_required=True)
    name_en = CellField(_("English name"), text_reader(80))
    category = CellField(_("Category"), choice_reader(CATEGORIES, CATEGORY_WORDS), is_required=True)
    unit = CellField(_("Unit"), text_reader(10), is_required=True, hint=_("What one of it is called, such as 瓶"))
    case_unit = CellField(_("Case unit"), text_reader(10), hint=_("What a case of it is called, such as 箱"))
    units_per_case = CellField(_("Units in a case"), read_whole)
    contains_alcohol = CellField(_("Contains alcohol"), read_flag)
    exam_room = CellField(_("Exam room"), choice_reader(EXAM_ROOM, EXAM_ROOM_WORDS))
    is_lent = CellField(_("Lent, not handed out"), read_flag)
    is_public = CellField(_("Shown to the public"), read_flag)
    service = CellField(
        _("Service"), choice_reader(SERVICES, {}), hint=_("The service that a station only offers while this lasts")
    )
    parts = CellField(_("Parts of the kit"), read_parts, hint=_("Such as water*2; pen*1; empty for plain items"))
    request_id = HiddenField(_("Request id"), read_request_id)

    def order(self) -> ItemOrder:
        """The order that a valid form gives."""
        value = self.values
        return ItemOrder(
            code=value["code"], name=value["name"], name_en=value["name_en"] or "", category=value["category"],
            unit=value["unit"], case_unit=value["case_unit"] or "", units_per_case=value["units_per_case"] or 1,
            contains_alcohol=bool(value["contains_alcohol"]), exam_room=value["exam_room"] or "unknown",
            is_lent=bool(value["is_lent"]), is_public=value["is_public"] is not False,
            service=value["service"] or "", parts=value["parts"] or {},
        )  # fmt: skip


def _read_units(text: str) -> int:
    return read_whole(text, limit=MOST_UNITS)


class BalanceForm(CellForm):
    """What a station has of an item, as a row of a sheet; the quantity in base units."""

    station = CellField(_("Station"), read_code, is_required=True)
    item = CellField(_("Item"), read_code, is_required=True)
    lot = CellField(_("Lot"), text_reader(40))
    expiry_date = CellField(_("Expiry date"), read_last_day)
    quantity = CellField(_("Quantity"), _read_units, is_required=True)

    def order(self) -> BalanceOrder:
        """The order that a valid form gives."""
        value = self.values
        return BalanceOrder(
            value["station"], value["item"], read_lot(value["lot"] or ""), value["expiry_date"], value["quantity"]
        )


class LimitsForm(CellForm):
    """When an item is short at a station, in base units; a level that is left out is the one below it."""

    station = CellField(_("Station"), read_code, is_required=True)
    item = CellField(_("Item"), read_code, is_required=True)
    min_level = CellField(_("Minimum"), _read_units)
    reorder_level = CellField(_("Reorder level"), _read_units)
    max_level = CellField(_("Maximum"), _read_units)

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """Also that the levels rise."""
        if not super().validate(extra_validators):
            return False
        try:
            check_limits(self.order().limits)
        except Invalid as refused:
            self[refused.field].errors = [refused.message]
            return False
        return True

    def order(self) -> LimitsOrder:
        """The order that a valid form gives."""
        value = self.values
        low = value["min_level"] or 0
        reorder = low if value["reorder_level"] is None else value["reorder_level"]
        most = reorder if value["max_level"] is None else value["max_level"]
        return LimitsOrder(value["station"], value["item"], Limits(low, reorder, most))


def read_position(text: str) -> int:
    """The number of a movement. Raises Invalid."""
    return read_whole(text, limit=LAST_POSITION)


def read_request_ids(text: str) -> tuple[str, ...]:
    """Request ids with spaces between them. Raises Invalid."""
    words = text.split()
    if len(words) > MOST_SEEN:
        raise Invalid("entry.seen", _("Too much was entered before this count. Please send it first, then count."))
    return tuple(read_request_id(word) for word in words)


# What the desk writes, and what each kind of entry cannot do without.
ENTRY_NEEDS: dict[str, tuple[str, ...]] = {
    "issue": ("item", "quantity"),
    "receipt": ("item", "quantity"),
    "write_off": ("item", "quantity"),
    "count": ("item", "quantity"),
    "loan": ("item", "tag"),
    "return": ("item", "tag"),
    "reversal": ("order_id",),
}


class EntryForm(CellForm):
    """One entry of a station's desk. A valid one has its `supply` (but for a reversal) and its `units`, read in the
    item's own units: "3箱+6瓶". `seen` are the ids of entries that a count already knows of."""

    id = HiddenField(_("Request id"), read_request_id, is_required=True)
    kind = HiddenField(_("Kind"), choice_reader(ENTRY_NEEDS, {}), is_required=True)
    item = HiddenField(_("Item"), read_code)
    quantity = CellField(_("Quantity"), text_reader(40))
    lot = CellField(_("Lot"), text_reader(40))
    expiry_date = CellField(_("Expiry date"), read_last_day)
    position = HiddenField(_("Position in the ledger"), read_position)
    seen = HiddenField(_("Entries seen"), read_request_ids)
    tag = CellField(_("Tag"), text_reader(10))
    reason = CellField(_("Reason"), text_reader(200))
    happened_at = HiddenField(_("Time"), read_instant)
    order_id = HiddenField(_("Entry to take back"), text_reader(96))

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """Each field by itself, then what this kind of entry needs."""
        self.supply: ItemRow | None = None
        self.units = 0
        if not super().validate(extra_validators):
            return False
        for name in ENTRY_NEEDS[self.kind.value]:
            if self[name].value is None:
                self[name].errors = [_("Please fill this in.")]
                return False
        if self.item.value is None:
            return True
        self.supply = find_item(self.item.value)
        if self.supply is None:
            self.item.errors = [_("There is no item %(code)s.", code=self.item.value)]
            return False
        return self.quantity.value is None or self._read_units(self.supply)

    def _read_units(self, supply: ItemRow) -> bool:
        try:
            self.units = read_units(self.quantity.value, supply.unit, supply.case_unit, supply.units_per_case)
        except Invalid as refusal:
            self.quantity.errors = [refusal.message]
            return False
        return True
