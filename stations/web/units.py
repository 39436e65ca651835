"""Quantities and how long they last as their reader says them: 3箱6瓶, or 3 cases + 6 bottles."""

from typing import Protocol

from stations.stock.rules.items import ENGLISH_UNITS, write_units
from stations.web.language import language

COUNTERS = frozenset("个只把支片块件副顶张辆条根双枚台")  # English counts these without a word

MOST_HOURS = 24


class Counted(Protocol):
    """What is counted in units and cases."""

    @property
    def unit(self) -> str: ...
    @property
    def case_unit(self) -> str: ...
    @property
    def units_per_case(self) -> int: ...


def say_units(item: Counted, quantity: int) -> str:
    """A quantity in base units, as "3箱6瓶" or in English "3 cases + 6 bottles"."""
    if language() != "en":
        return write_units(quantity, item.unit, item.case_unit, item.units_per_case)
    size, sign = abs(quantity), "-" if quantity < 0 else ""
    if not item.case_unit or item.units_per_case < 2 or size < item.units_per_case:
        return sign + _count(size, item.unit)
    cases, rest = divmod(size, item.units_per_case)
    return sign + _count(cases, item.case_unit) + (f" + {_count(rest, item.unit)}" if rest else "")


def say_base_units(item: Counted, quantity: int) -> str:
    """The same without cases: "78瓶" or "78 bottles"."""
    return _count(quantity, item.unit) if language() == "en" else f"{quantity}{item.unit}"


def say_case(item: Counted) -> str:
    """ "1箱" or "1 case"."""
    return _count(1, item.case_unit) if language() == "en" else f"1{item.case_unit}"


def unit_forms(unit: str) -> str:
    """What the desk's page says after one and after several, in English: "bottle|bottles", "|", or the unit itself."""
    if language() != "en":
        return unit
    return "|".join(_forms(unit))


def round_minutes(hours: float) -> int:
    """As exactly as it is worth saying: to five minutes in the last hour, to half hours up to five, then to hours;
    rounded down, for nobody complains of what lasts longer."""
    if hours < 1:
        return int(hours * 12) * 5
    if hours < 5:
        return int(hours * 2) * 30
    return int(min(hours, MOST_HOURS + 1)) * 60


def _forms(unit: str) -> tuple[str, str]:
    return ("", "") if unit in COUNTERS else ENGLISH_UNITS.get(unit, (unit, unit))


def _count(quantity: int, unit: str) -> str:
    return f"{quantity} {_forms(unit)[abs(quantity) != 1]}".rstrip()
