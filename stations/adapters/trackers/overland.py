"""Overland for iOS: batches of GeoJSON features. Source: aaronpk/Overland-iOS README and GLManager.m."""

from datetime import datetime
from typing import Any

from stations.adapters.trackers.fix import Fix, Heard, make_fix, read_json, read_text, read_time, times


def read_body(body: bytes, received_at: datetime) -> Heard:
    """The batch, and where the device is now when it says so beside it."""
    document = read_json(body)
    if not isinstance(document, dict):
        return Heard("", rejected=1)
    locations = document.get("locations")
    features = locations if isinstance(locations, list) else []
    if isinstance(document.get("current"), dict):
        features = [*features, document["current"]]
    read = [_read_feature(feature, received_at) for feature in features]
    fixes = tuple(fix for fix in read if fix is not None)
    device = next((name for name in map(_name, features) if name), "")
    return Heard(device, fixes, len(read) - len(fixes))


def _read_feature(feature: Any, received_at: datetime) -> Fix | None:
    said, place = _part(feature, "properties"), _part(feature, "geometry").get("coordinates")
    if not isinstance(place, list) or len(place) < 2:
        return None
    return make_fix(
        "overland", read_time(said.get("timestamp"), received_at), place[1], place[0],
        accuracy=said.get("horizontal_accuracy"), speed_mps=said.get("speed"), heading=said.get("course"),
        battery_percent=times(said.get("battery_level"), 100),
    )  # fmt: skip


def _part(feature: Any, name: str) -> dict[str, Any]:
    found = feature.get(name) if isinstance(feature, dict) else None
    return found if isinstance(found, dict) else {}


def _name(feature: Any) -> str:
    return read_text(_part(feature, "properties").get("device_id"))
