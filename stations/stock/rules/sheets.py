"""Balances and limits as the lines of a sheet."""

from dataclasses import dataclass
from datetime import date

from stations.stock.rules.limits import Limits

UNNAMED = "-"  # how a sheet writes the lot without a number; an empty cell counts the item as a whole


@dataclass(frozen=True, slots=True)
class BalanceOrder:
    """What a station has of an item, in whole base units: of one `lot` ('' is the one without a number), or of all
    of them where it is None."""

    station: str
    item: str
    lot: str | None
    expiry_date: date | None
    quantity: int

    def values(self) -> dict[str, str]:
        """The fields of its form as text."""
        return {
            "station": self.station, "item": self.item, "lot": write_lot(self.lot),
            "expiry_date": self.expiry_date.isoformat() if self.expiry_date else "", "quantity": str(self.quantity),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class LimitsOrder:
    """When an item is short at a station."""

    station: str
    item: str
    limits: Limits

    def values(self) -> dict[str, str]:
        """The fields of its form as text."""
        levels = {name: str(getattr(self.limits, name)) for name in Limits.__slots__}
        return {"station": self.station, "item": self.item, **levels}


def read_lot(text: str) -> str | None:
    """The lot of a cell; None for all lots together."""
    return None if not text else "" if text == UNNAMED else text


def write_lot(lot: str | None) -> str:
    """How a sheet writes it."""
    return "" if lot is None else lot or UNNAMED


def name_lot(expiry_date: date) -> str:
    """The number of a lot of which only the expiry is known."""
    return f"{expiry_date:%Y%m%d}"
