"""Our own beacon, which the driver's page sends: {"fixes": [{lat, lon, accuracy, speed, heading, battery, at}]} in
metres, metres a second, degrees, percent and milliseconds."""

from datetime import datetime
from typing import Any

from stations.adapters.trackers.fix import Fix, Heard, make_fix, read_json, read_time


def read_body(body: bytes, received_at: datetime) -> Heard:
    """What the page says; an empty list is a sign of life."""
    document = read_json(body)
    points = document.get("fixes") if isinstance(document, dict) else None
    if not isinstance(points, list):
        return Heard("", rejected=1)
    read = [_read_point(point, received_at) for point in points]
    fixes = tuple([fix for fix in read if fix is not None])
    return Heard("", fixes, len(read) - len(fixes))


def _read_point(point: Any, received_at: datetime) -> Fix | None:
    if not isinstance(point, dict):
        return None
    get = point.get
    return make_fix(
        "beacon", read_time(get("at"), received_at), get("lat"), get("lon"), accuracy=get("accuracy"),
        speed_mps=get("speed"), heading=get("heading"), battery_percent=get("battery"),
    )  # fmt: skip
