"""Supplies, balances and limits as kinds of sheet, written as organizers write them: names or codes, cases and
bottles, one row an item or one column an item."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from stations.accounts.rules import Actor
from stations.kernel.cells import read_last_day
from stations.kernel.errors import Invalid, Refused
from stations.kernel.revision import kept
from stations.kernel.sheets import Row, Sheet, fold, guess_headings, without_brackets
from stations.kernel.text import Text, _
from stations.places.queries.loading import STATIONS
from stations.places.queries.stations import list_paths
from stations.seasons.queries import get_calendar
from stations.stock.actions.items import save_item
from stations.stock.actions.sheets import remove_item, remove_limits, set_all_limits, set_balances, take_back_about
from stations.stock.forms import BalanceForm, ItemForm, LimitsForm, read_parts
from stations.stock.queries import sheets
from stations.stock.queries.items import TOPIC as ITEMS
from stations.stock.queries.items import list_items
from stations.stock.rules.items import read_units
from stations.stock.rules.sheets import BalanceOrder, LimitsOrder, name_lot, read_lot
from stations.workflows.sheet_kind import Headings, Reference, SheetKind, Values

Errors = dict[str, Text]
STOCK = "stock"


class Names:
    """Codes by the code itself and by the names that people write for it."""

    def __init__(self, named: Iterable[tuple[str, Sequence[str]]]) -> None:
        self._codes: dict[str, str] = {}
        self._shared: set[str] = set()
        listed = [(code, [fold(code)], [fold(name) for name in names if name]) for code, names in named]
        for code, _own, names in listed:
            for name in names:
                if self._codes.setdefault(name, code) != code:
                    self._shared.add(name)
        for code, own, _names in listed:  # a code goes before any name
            self._codes[own[0]] = code
            self._shared.discard(own[0])

    def find(self, text: str) -> str | None:
        """The code, or None where nothing or more than one thing is called so."""
        return next((self._codes.get(name) for name in self._forms(text) if name not in self._shared), None)

    def get(self, text: str) -> str:
        """The code. Raises Invalid."""
        if any(name in self._shared for name in self._forms(text)):
            raise Invalid("sheet.shared", _('Several have the name "%(name)s". Please write the code.', name=text[:40]))
        code = self.find(text)
        if code is None:
            raise Invalid("sheet.unknown", _('Nothing has the name or code "%(name)s".', name=text[:40]))
        return code

    def _forms(self, text: str) -> list[str]:
        return [name for name in (fold(text), without_brackets(text)) if name in self._codes][:1]


def _station_names() -> Names:
    return Names((code, [name]) for code, name in sheets.list_station_names().items())


def _item_names() -> Names:
    return Names((code, [row.name, row.name_en]) for code, row in list_items().items())


class _Reader:
    """Puts rows into codes and base units; `amounts` are the fields that may be written in cases."""

    def __init__(self, amounts: Sequence[str]) -> None:
        self._amounts = amounts
        self._names = {"station": _station_names(), "item": _item_names()}
        self._items = list_items()

    def __call__(self, typed: Values) -> tuple[Values, Errors]:
        """The row, and what is wrong with it by field."""
        given, errors = dict(typed), Errors()
        for name in ("station", "item", *self._amounts):
            text = given.get(name, "")
            if text and not errors:
                try:
                    given[name] = self._names[name].get(text) if name in self._names else self._units(given, text)
                except Refused as refused:
                    errors[name] = refused.message
        return given, errors

    def _units(self, given: Values, text: str) -> str:
        item = self._items.get(given.get("item", ""))
        return str(read_units(text, item.unit, item.case_unit, item.units_per_case)) if item else text


class _BalanceReader(_Reader):
    """The same for balances with their lots: a lot has one expiry, and what has an expiry is a lot."""

    def __init__(self) -> None:
        super().__init__(("quantity",))
        self._expiries = {lot: expiry.isoformat() if expiry else "" for lot, expiry in sheets.list_lots().items()}
        self._counted: dict[tuple[str, str], bool] = {}

    def __call__(self, typed: Values) -> tuple[Values, Errors]:
        """The row, and what is wrong with it by field."""
        given, errors = super().__call__(typed)
        try:
            expiry = read_last_day(given["expiry_date"]) if given.get("expiry_date") else None
        except Invalid as refused:
            return given, {"expiry_date": refused.message}
        given["expiry_date"] = expiry.isoformat() if expiry else ""
        lot = unicodedata.normalize("NFKC", given.get("lot", "")).strip()
        given["lot"] = lot or (name_lot(expiry) if expiry else "")
        return given, errors or self._check_lot(given["item"], given) if given.get("item") else errors

    def _check_lot(self, item: str, given: Values) -> Errors:
        is_by_lot = bool(given["lot"])
        if self._counted.setdefault((given.get("station", ""), item), is_by_lot) != is_by_lot:
            return {"lot": _("This sheet counts the item both as a whole and by lot here. Please keep one.")}
        if not is_by_lot:
            return {}
        lot = read_lot(given["lot"]) or ""
        expiry = self._expiries.setdefault((item, lot), given["expiry_date"] if lot else "")
        if given["expiry_date"] not in ("", expiry):
            message = _("Lot %(lot)s is known with another expiry date. Please use another lot number.", lot=lot or "-")
            return {"expiry_date": message}
        given["expiry_date"] = expiry
        return {}


def _unfold(sheet: Sheet) -> Sheet:
    """The rows of a cross table: stations down and items across, or the other way round; any other sheet as it is.

    Cells that are empty are no rows; columns that are called neither are left out, such as totals."""
    columns = guess_headings(sheet.headings, {name: _BALANCE[name] for name in STOCK_SHEET.required})
    if len(columns) != 1 or "quantity" in columns:
        return sheet
    ((down, heading),) = columns.items()
    across = "item" if down == "station" else "station"
    names = _item_names() if across == "item" else _station_names()
    found = [other for other in sheet.headings if other != heading and names.find(other)]
    if not found:
        return sheet
    written = (_BALANCE[down][0], _BALANCE[across][0], _BALANCE["quantity"][0])
    rows = [
        Row(row.number, dict(zip(written, (row.cells[heading], other, row.cells[other]), strict=True)))
        for row in sheet.rows
        for other in found
        if row.cells[other]
    ]
    return Sheet(written, rows)


def _station_path(order: BalanceOrder | LimitsOrder) -> str:
    return kept(STATIONS, list_paths).get(order.station, "")


def _paths_of(current: Mapping[str, Values]) -> dict[str, str]:
    paths = kept(STATIONS, list_paths)
    return {key: paths[values["station"]] for key, values in current.items()}


def _save_balances(rows: Sequence[Values], run_id: int, actor: Actor) -> None:
    orders = [STOCK_SHEET.get_order(values) for values in rows]
    set_balances(orders, f"import:{run_id}", f"import:{run_id}", actor, get_calendar().zone)


def _take_back(run_id: int, actor: Actor) -> None:
    take_back_about(f"import:{run_id}", actor, get_calendar().zone)


def _save_limits(rows: Sequence[Values], _run_id: int, actor: Actor) -> None:
    set_all_limits([LIMITS_SHEET.get_order(values) for values in rows], actor, get_calendar().zone)


def _remove_limits(key: str, actor: Actor) -> None:
    station, _slash, item = key.partition("/")
    remove_limits(station, item, actor, get_calendar().zone)


_STATION: Headings = {
    "station": ("站点", "网点", "站点编号", "网点编号", "站点名称", "网点名称", "服务站", "伴考点", "驿站", "门店",
                "station", "station_code", "station name"),
}  # fmt: skip
_ITEM: Headings = {
    "item": ("物资", "品名", "物资编号", "物资名称", "物品", "物品名称", "名称", "item", "item_code", "item name"),
}

_BALANCE: Headings = {
    **_STATION, **_ITEM, "lot": ("批号", "批次", "lot", "batch"),
    "expiry_date": ("有效期", "有效期至", "效期", "到期日", "到期日期", "失效日期", "保质期至", "expiry",
                    "expiry_date"),
    "quantity": ("数量", "库存", "现有", "现存", "现有数量", "库存数量", "结存", "实存", "盘点数", "quantity",
                 "on_hand"),
}  # fmt: skip

ITEM_SHEET = SheetKind(
    name="items", title=_("Supply items"), topic=ITEMS, permission="stock.items", form=ItemForm, required=("code",),
    headings={
        "code": ("编号", "代码", "物资编号", "code", "item_code"), "name": ("名称", "品名", "物资名称", "物资", "name"),
        "name_en": ("英文名", "name_en", "english name"), "category": ("类别", "分类", "类型", "category"),
        "unit": ("单位", "unit"), "case_unit": ("箱单位", "包装单位", "case_unit"),
        "units_per_case": ("每箱数量", "每箱", "箱规", "装箱数", "units_per_case"),
        "contains_alcohol": ("含酒精", "contains_alcohol"), "exam_room": ("考场", "可否带入考场", "exam_room"),
        "is_lent": ("借用", "需归还", "is_lent"), "is_public": ("公开", "对外公开", "is_public"),
        "service": ("服务", "对应服务", "service"), "parts": ("内含", "配套", "清单", "parts"),
    },
    refers={"parts": Reference(sheets.list_plain_items, read_parts, lambda row: not row["parts"])},
    current=sheets.item_values, save_order=save_item, remove=remove_item,
)  # fmt: skip

STOCK_SHEET = SheetKind(
    name="stock", title=_("Balances"), topic=STOCK, permission="stock.write", form=BalanceForm,
    required=("station", "item", "quantity"), keys=("station", "item", "lot"), open=("lot",), owner="station",
    headings=_BALANCE,
    current=sheets.balance_values, listed=sheets.listed_balance_values, path=_station_path,
    paths=lambda: _paths_of(sheets.balance_values()), reader=_BalanceReader, blank=lambda row: row | {"quantity": "0"},
    unfold=_unfold, filled_down=("station",),
    save_rows=_save_balances, undo_rows=_take_back,
)  # fmt: skip

LIMITS_SHEET = SheetKind(
    name="limits", title=_("Stock limits"), topic=STOCK, permission="stock.write", form=LimitsForm,
    required=("station", "item"), keys=("station", "item"), owner="station",
    headings={
        **_STATION, **_ITEM, "min_level": ("最低", "最低库存", "下限", "min", "min_level"),
        "reorder_level": ("补货点", "安全库存", "预警", "预警线", "预警值", "reorder", "reorder_level"),
        "max_level": ("上限", "最高", "最高库存", "最大库存", "max", "max_level"),
    },
    current=sheets.limit_values, path=_station_path, paths=lambda: _paths_of(sheets.limit_values()),
    reader=lambda: _Reader(("min_level", "reorder_level", "max_level")), filled_down=("station",),
    save_rows=_save_limits, remove=_remove_limits,
)  # fmt: skip
