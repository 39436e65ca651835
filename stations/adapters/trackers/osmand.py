"""The OsmAnd protocol: names and values in a query or a form, as Traccar's clients, GPSLogger and many trackers send
them; and the JSON bodies of Traccar Client 9 and of its SDK.

Source: traccar/traccar OsmAndProtocolDecoder.java; traccar/traccar-client; mendhak/gpslogger CustomUrlManager.java."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from stations.adapters.trackers.fix import KNOT_MPS, Fix, Heard, make_fix, read_json, read_text, read_time, times

PLACE_NAMES = ("lat", "latitude", "lon", "longitude", "location")
SOS = "sos"
INVALID = frozenset({"0", "false", "False"})


def read_values(values: Mapping[str, Any], received_at: datetime, source: str) -> Heard:
    """The names and values of one request. Without a place it is a sign of life."""
    device = read_text(values.get("id")) or read_text(values.get("deviceid"))
    is_alarm = values.get("alarm") == SOS
    if not any(values.get(name) not in (None, "") for name in PLACE_NAMES):
        return Heard(device, is_alarm=is_alarm)
    fix = _read_point(values, received_at, source)
    return Heard(device, (fix,), 0, is_alarm) if fix else Heard(device, (), 1, is_alarm)


def _read_point(values: Mapping[str, Any], received_at: datetime, source: str) -> Fix | None:
    if str(values.get("valid", "")) in INVALID:
        return None
    lat, lon = values.get("lat", values.get("latitude")), values.get("lon", values.get("longitude"))
    if lat in (None, ""):
        lat, _comma, lon = read_text(values.get("location")).partition(",")
    # `speed` counts knots; a template of ours gives metres a second a name of its own.
    speed = values["speed_mps"] if "speed_mps" in values else times(values.get("speed"), KNOT_MPS)
    return make_fix(
        "gpslogger" if "speed_mps" in values else source, read_time(values.get("timestamp"), received_at), lat, lon,
        accuracy=values.get("accuracy"), speed_mps=speed, heading=values.get("bearing", values.get("heading")),
        battery_percent=values.get("batt"),
    )  # fmt: skip


def is_json(body: bytes) -> bool:
    """Whether a body holds a JSON document rather than a form."""
    return body.lstrip()[:1] in (b"{", b"[")


def read_body(body: bytes, received_at: datetime) -> Heard:
    """A JSON body: the document of Traccar Client 9, or the SDK's array of flat objects; both in metres a second or
    knots as their documents say."""
    document = read_json(body)
    if isinstance(document, list):
        return _read_list(document, received_at)
    if not isinstance(document, dict):
        return Heard("", rejected=1)
    return _read_document(document, received_at)


def _read_list(items: list[Any], received_at: datetime) -> Heard:
    read = [read_values(item, received_at, "traccar") for item in items if isinstance(item, dict)]
    fixes = tuple(fix for heard in read for fix in heard.fixes)
    rejected = len(items) - len(read) + sum(heard.rejected for heard in read)
    device = next((heard.device for heard in read if heard.device), "")
    return Heard(device, fixes, rejected, any(heard.is_alarm for heard in read))


def _read_document(document: dict[str, Any], received_at: datetime) -> Heard:
    device = read_text(document.get("device_id"))
    location = document.get("location")
    if not isinstance(location, dict):
        flat = dict(parse_qsl(read_text(document.get("_"))))  # what it says to servers of the old protocol
        return read_values(flat | ({"id": device} if device else {}), received_at, "traccar")
    is_alarm = SOS in (location.get("alarm"), document.get("alarm"))
    coords = location.get("coords")
    if not isinstance(coords, dict):
        return Heard(device, is_alarm=is_alarm)
    battery = location.get("battery")
    fix = make_fix(
        "traccar", read_time(location.get("timestamp"), received_at), coords.get("latitude"), coords.get("longitude"),
        accuracy=coords.get("accuracy"), speed_mps=coords.get("speed"), heading=coords.get("heading"),
        battery_percent=times(battery.get("level") if isinstance(battery, dict) else None, 100),
    )  # fmt: skip
    return Heard(device, (fix,), 0, is_alarm) if fix else Heard(device, (), 1, is_alarm)
