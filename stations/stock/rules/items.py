"""Supply items: their categories, flags, cases and kits."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from stations.kernel.cells import read_whole
from stations.kernel.errors import Invalid
from stations.kernel.text import Text, _
from stations.stock.rules.ledger import MOST_UNITS

CATEGORIES: dict[str, Text] = {
    "drink": _("Drinks"),
    "food": _("Food"),
    "stationery": _("Stationery"),
    "weather": _("Rain and heat"),
    "medicine": _("Medicine"),
    "hygiene": _("Hygiene"),
    "equipment": _("Equipment"),
    "kit": _("Kits"),
}

EXAM_ROOM: dict[str, Text] = {
    "permitted": _("May be taken into the exam room"),
    "forbidden": _("Not allowed in the exam room"),
    "unknown": _("Ask at the gate whether it is allowed in the exam room"),
}

ENGLISH_UNITS = {
    "箱": ("case", "cases"),
    "瓶": ("bottle", "bottles"),
    "盒": ("box", "boxes"),
    "包": ("pack", "packs"),
    "袋": ("bag", "bags"),
    "桶": ("barrel", "barrels"),
    "套": ("set", "sets"),
}

TEXTS = ("code", "name", "name_en", "category", "unit", "case_unit", "units_per_case", "exam_room", "service")
FLAGS = ("contains_alcohol", "is_lent", "is_public")

ALCOHOL_WARNING: Text = _("Contains alcohol: not for drivers, nor with cephalosporins.")


@dataclass(frozen=True, slots=True)
class ItemOrder:
    """What an item is to be. `parts` is the bill of materials of a kit: item code -> units in one kit."""

    code: str
    name: str
    name_en: str
    category: str
    unit: str
    case_unit: str = ""
    units_per_case: int = 1
    contains_alcohol: bool = False
    exam_room: str = "unknown"
    is_lent: bool = False
    is_public: bool = True
    service: str = ""
    parts: Mapping[str, int] = field(default_factory=dict)

    def values(self) -> dict[str, str]:
        """The fields of its form as text."""
        flags = {name: "yes" if getattr(self, name) else "no" for name in FLAGS}
        return {name: str(getattr(self, name)) for name in TEXTS} | flags | {"parts": write_parts(self.parts)}


def write_parts(parts: Mapping[str, int]) -> str:
    """A bill of materials as text: "pen*1;water*2"."""
    return ";".join(f"{code}*{quantity}" for code, quantity in sorted(parts.items()))


def check_item(order: ItemOrder) -> None:
    """Refuse a case of several units that has no name, and a kit that holds itself."""
    if order.units_per_case > 1 and not order.case_unit:
        raise Invalid("item.case", _("What is a case of it called?"), field="case_unit")
    if order.code in order.parts:
        raise Invalid("item.kit", _("A kit cannot hold itself."), field="parts")


def read_units(text: str, unit: str, case_unit: str, units_per_case: int) -> int:
    """Whole base units from "36", "3箱", "3箱+6瓶", "３箱６瓶", "两箱" or "3 cases + 6 bottles". Raises
    Invalid."""
    plain = unicodedata.normalize("NFKC", text)
    for known in (case_unit, unit):
        one, many = ENGLISH_UNITS.get(known, (known, known))
        plain = re.sub(rf"\b({many}|{one})\b", known, plain, flags=re.IGNORECASE) if one != known else plain
    plain = re.sub(r"[\s+＋加和]+", "", plain)
    cases, rest = 0, plain
    if case_unit and case_unit in plain:
        before, _unit, rest = plain.partition(case_unit)
        cases = read_whole(before, limit=MOST_UNITS, field="quantity")
    rest = rest.removesuffix(unit) if unit else rest
    units = read_whole(rest, limit=MOST_UNITS, field="quantity") if rest or not cases else 0
    total = cases * units_per_case + units
    if total > MOST_UNITS:
        message = _('"%(text)s" is more than %(limit)s.', text=text[:40], limit=MOST_UNITS)
        raise Invalid("cell.too_large", message, field="quantity")
    return total


def write_units(quantity: int, unit: str, case_unit: str, units_per_case: int) -> str:
    """How people say it: 78 bottles in cases of 24 are "3箱6瓶"."""
    if not case_unit or units_per_case < 2 or abs(quantity) < units_per_case:
        return f"{quantity}{unit}"
    cases, units = divmod(abs(quantity), units_per_case)
    return ("-" if quantity < 0 else "") + f"{cases}{case_unit}" + (f"{units}{unit}" if units else "")
