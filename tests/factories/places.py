"""Rows and orders of places, complete but for what a test says."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from stations.kernel.geo.datum import Point
from stations.places.queries.rows import StationRow
from stations.places.rules import Hours, Said, StationState
from stations.places.rules.orders import SiteOrder, StationOrder

BEIJING = ZoneInfo("Asia/Shanghai")
SAID_NOTHING = Said(StationState.PLANNED, None, "", None)
ALL_DAY = ((0, 1440),)
MONDAY = "2027-06-07"


def beijing(clock: str, day: str = MONDAY) -> datetime:
    """`clock` (HH:MM or HH:MM:SS) in Beijing; 7 June 2027 is a Monday."""
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=BEIJING)


def every_day(*spans: tuple[int, int]) -> Hours:
    """The same hours on all weekdays."""
    return Hours((spans,) * 7)


def make_row(position: int = 0, **changes: Any) -> StationRow:
    """A live station, open round the clock."""
    fields: dict[str, Any] = {
        "id": position + 1, "code": f"T-{position}", "name": f"站点{position}", "kind": "union_point", "host": "工会",
        "path": f"YS-BJ/T-{position}/", "district": "海淀区", "district_en": "Haidian", "address": "", "lat": 39.9,
        "lon": 116.3, "phone": "", "services": (), "access": (), "hours": every_day(*ALL_DAY), "said": SAID_NOTHING,
        "version": 1, "revision": 1,
    }  # fmt: skip
    return StationRow(**fields | changes)


def make_order(code: str, **changes: Any) -> StationOrder:
    """A station to save into the demonstration."""
    fields: dict[str, Any] = {
        "code": code, "name": f"测试站点{code}", "kind": "union_point", "organization": "YS-BJ-110108",
        "district": "海淀区", "address": "", "point": Point(39.96, 116.35), "phone": "", "offers": frozenset({"water"}),
        "hours": every_day(*ALL_DAY), "verified_at": None,
    }  # fmt: skip
    return StationOrder(**fields | changes)


def make_site_order(code: str, name: str, **changes: Any) -> SiteOrder:
    """An exam site to save into the demonstration."""
    fields: dict[str, Any] = {
        "aliases": (), "district": "海淀区", "campus": "", "address": "", "point": Point(39.96, 116.35),
        "examinees": None,
    }  # fmt: skip
    return SiteOrder(code=code, name=name, **fields | changes)
