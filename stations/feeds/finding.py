"""The one answer behind list, map and API: places and supplies together, nearest first."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from stations.kernel.text import Text
from stations.places.queries.atlas import Atlas
from stations.places.queries.picture import need_bits
from stations.places.queries.rows import NearestAnswer, StationRow
from stations.places.rules import NEEDS, Standing
from stations.stock.queries.items import ItemRow
from stations.stock.queries.public import PublicLevel, PublicStock, Stocked


class Asked(NamedTuple):
    """What a station must have: services and access features by their bits, and which stations that leaves."""

    bits: int
    stocked: Stocked | None

    def allows(self, station: str) -> bool:
        """Whether supplies speak against a station."""
        if self.stocked is None:
            return True
        having, lacking = self.stocked
        return station not in lacking and (having is None or station in having)


def understand(stock: PublicStock, needs: Iterable[str], now: datetime) -> Asked:
    """Needs are codes of services, access features and public items. What can run out must be there for certain."""
    needs = tuple(needs)
    can_run_out = [need for need in needs if need not in NEEDS or stock.is_stocked(need)]
    stocked = stock.stocked(can_run_out, now) if can_run_out else None
    return Asked(need_bits([need for need in needs if need in NEEDS]), stocked)


def find_nearest(
    atlas: Atlas, starts: Sequence[tuple[float, float]], asked: Asked, *, now: datetime, limit: int, only_open: bool
) -> NearestAnswer:
    """The `limit` stations nearest to the closest of `starts` that have what is asked for; what can run out is only
    to be had where it is open."""
    return atlas.nearest(
        starts, now=now, limit=limit, need=asked.bits, only_open=only_open or asked.stocked is not None,
        among=asked.stocked,
    )  # fmt: skip


def list_found(
    atlas: Atlas, asked: Asked, needs: Iterable[str], *, now: datetime, only_open: bool
) -> Iterable[tuple[StationRow, Standing]]:
    """Every station of which the same is true, in no order."""
    services = {need for need in needs if need in NEEDS}
    only_open = only_open or asked.stocked is not None
    for row, how in atlas.list_standings(now):
        is_there = services.issubset((*row.services, *row.access)) and (how.is_open or not only_open)
        if is_there and asked.allows(row.code):
            yield row, how


def list_supplies(
    stock: PublicStock, station: str, needs: Iterable[str] | None = None
) -> list[tuple[ItemRow, PublicLevel]]:
    """What a station has of the public items; of those that the needs stand for, where they are given."""
    levels = stock.list_levels(station)
    if needs is None:
        return levels
    wanted = set(needs)
    return [(item, level) for item, level in levels if wanted & {item.code, item.service}]


def need_names(stock: PublicStock) -> dict[str, Text]:
    """Everything that may be asked for, and what it is called."""
    return NEEDS | {code: Text(item.name) for code, item in stock.items.items() if code not in NEEDS}
