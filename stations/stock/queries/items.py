"""Supply items and the parts of kits."""

from dataclasses import dataclass

from sqlalchemy import select

from stations.kernel.db import db
from stations.kernel.errors import NotFound
from stations.kernel.revision import kept
from stations.kernel.text import _
from stations.stock.models import KitPart, SupplyItem
from stations.stock.rules.items import ItemOrder

TOPIC = "items"


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One supply item."""

    id: int
    code: str
    name: str
    name_en: str
    category: str
    unit: str
    case_unit: str
    units_per_case: int
    contains_alcohol: bool
    exam_room: str
    is_lent: bool
    is_public: bool
    service: str
    version: int


def _load() -> dict[str, ItemRow]:
    fields = [getattr(SupplyItem, name) for name in ItemRow.__slots__]
    rows = db.session.execute(select(*fields).order_by(SupplyItem.category, SupplyItem.code))
    return {row.code: ItemRow(*row) for row in rows}


def list_items() -> dict[str, ItemRow]:
    """Every item by its code, kept in memory until one is edited."""
    return kept(TOPIC, _load)


def find_item(code: str) -> ItemRow | None:
    """The item of that code."""
    return list_items().get(code)


def get_item(code: str) -> ItemRow:
    """The item of that code."""
    item = find_item(code)
    if item is None:
        raise NotFound("stock.item", _("There is no item %(code)s.", code=code[:40]), field="item")
    return item


def list_parts(kit_id: int) -> list[tuple[int, int]]:
    """(part id, units in one kit), by part; empty for what is not a kit."""
    chosen = select(KitPart.part_id, KitPart.quantity).where(KitPart.kit_id == kit_id).order_by(KitPart.part_id)
    return [(part_id, quantity) for part_id, quantity in db.session.execute(chosen)]


def list_kits() -> dict[str, dict[str, int]]:
    """The bill of materials of every kit: kit code -> part code -> units."""
    codes = {row.id: row.code for row in list_items().values()}
    kits: dict[str, dict[str, int]] = {}
    for kit_id, part_id, quantity in db.session.execute(select(KitPart.kit_id, KitPart.part_id, KitPart.quantity)):
        kits.setdefault(codes[kit_id], {})[codes[part_id]] = quantity
    return kits


def item_order(row: ItemRow, parts: dict[str, int]) -> ItemOrder:
    """An item as it stands."""
    return ItemOrder(
        code=row.code, name=row.name, name_en=row.name_en, category=row.category, unit=row.unit,
        case_unit=row.case_unit, units_per_case=row.units_per_case, contains_alcohol=row.contains_alcohol,
        exam_room=row.exam_room, is_lent=row.is_lent, is_public=row.is_public, service=row.service, parts=parts,
    )  # fmt: skip
