"""The OsmAnd protocol as each client speaks it."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import pytest

from stations.adapters.trackers.fix import Fix, Heard
from stations.adapters.trackers.osmand import is_json, read_body, read_values

NOW = datetime(2027, 6, 6, 23, 45, tzinfo=UTC)
AT = datetime(2027, 6, 6, 23, 44, 30, tzinfo=UTC)
SECONDS = int(AT.timestamp())

OSMAND = f"id=KEY&lat=39.99&lon=116.31&timestamp={SECONDS * 1000}&hdop=0.9&altitude=44.0&speed=10"
OLD_CLIENT = f"id=KEY&timestamp={SECONDS}&lat=39.99&lon=116.31&speed=10&bearing=271.5&altitude=44&accuracy=8&batt=71.0"
CLIENT_10 = f"id=KEY&lat=39.99&lon=116.31&timestamp={SECONDS}&speed=19.44&bearing=90&accuracy=5&batt=71&charge=false"
TEMPLATE = (
    "id=KEY&lat=39.99&lon=116.31&timestamp=2027-06-06T23:44:30.000Z&speed_mps=10.0&bearing=90&accuracy=5&batt=71.5"
)


def say(text: str, source: str = "osmand") -> Heard:
    return read_values(dict(parse_qsl(text)), NOW, source)


def only(heard: Heard) -> Fix:
    assert heard.device == "KEY"
    assert heard.rejected == 0
    (fix,) = heard.fixes
    assert (fix.lat, fix.lon, fix.fixed_at) == (39.99, 116.31, AT)
    return fix


def test_speed_of_the_query_counts_knots() -> None:
    fix = only(say(OSMAND))
    assert fix.speed_mps == pytest.approx(5.1444, abs=1e-4)
    assert (fix.source, fix.heading, fix.accuracy_metres, fix.battery_percent) == ("osmand", None, None, None)


def test_the_old_client_says_more() -> None:
    fix = only(say(OLD_CLIENT))
    assert (fix.heading, fix.accuracy_metres, fix.battery_percent) == (271.5, 8, 71)


def test_the_form_of_the_client_since_2026_is_read() -> None:
    fix = only(say(CLIENT_10, "traccar"))
    assert fix.speed_mps == pytest.approx(10.0, abs=0.01)
    assert (fix.source, fix.heading, fix.battery_percent) == ("traccar", 90, 71)


def test_a_heartbeat_has_no_place_and_is_no_mistake() -> None:
    assert say(f"id=KEY&timestamp={SECONDS}&batt=70&charge=true") == Heard("KEY")
    assert say(f"id=KEY&timestamp={SECONDS}&alarm=sos") == Heard("KEY", is_alarm=True)
    assert say(OSMAND + "&alarm=lowBattery").is_alarm is False


def test_our_template_gives_metres_a_second() -> None:
    fix = only(say(TEMPLATE))
    assert (fix.source, fix.speed_mps, fix.battery_percent) == ("gpslogger", 10.0, 71.5)


def test_the_place_may_stand_in_one_value() -> None:
    only(say(f"deviceid=KEY&location=39.99,116.31&timestamp={SECONDS}"))


@pytest.mark.parametrize(
    "text", ["lat=x&lon=116", "lat=39.9", "location=39.9", "location=,", "lat=39.9&lon=116.3&timestamp=soon",
             "lat=39.9&lon=116.3&valid=false"],
)  # fmt: skip
def test_an_unusable_point_of_a_known_device_is_counted(text: str) -> None:
    assert say(f"id=KEY&{text}") == Heard("KEY", rejected=1)


def body(**changes: Any) -> bytes:
    coords = {
        "latitude": 39.99, "longitude": 116.31, "accuracy": 5, "speed": 10.0, "heading": 90, "altitude": 44
    }  # fmt: skip
    location = {
        "timestamp": "2027-06-06T23:44:30.000Z", "coords": coords, "is_moving": True, "odometer": 12.3,
        "event": "motionchange", "battery": {"level": 0.71, "is_charging": False}, "activity": {"type": "in_vehicle"},
        "extras": {},
    }  # fmt: skip
    return json.dumps(
        {"location": location | changes, "device_id": "KEY", "_": "&id=KEY&lat=39.99&lon=116.31"}
    ).encode()


def test_the_document_of_client_9_counts_metres_a_second() -> None:
    fix = only(read_body(body(), NOW))
    assert (fix.speed_mps, fix.heading, fix.accuracy_metres, fix.source) == (10.0, 90, 5, "traccar")
    assert fix.battery_percent == pytest.approx(71)


def test_less_than_nothing_is_unknown() -> None:
    unknown = {"latitude": 39.99, "longitude": 116.31, "accuracy": -1, "speed": -1, "heading": -1}
    fix = only(read_body(body(coords=unknown, battery={"level": -1}), NOW))
    assert (fix.speed_mps, fix.heading, fix.accuracy_metres, fix.battery_percent) == (None, None, None, None)


def test_a_document_without_a_place_is_a_sign_of_life() -> None:
    assert read_body(body(coords=None, alarm="sos"), NOW) == Heard("KEY", is_alarm=True)
    assert read_body(b'{"device_id": "KEY", "location": {}}', NOW) == Heard("KEY")


def test_what_it_says_to_old_servers_is_read_where_the_rest_is_missing() -> None:
    text = f"&id=KEY&lat=39.99&lon=116.31&timestamp={SECONDS}"
    only(read_body(json.dumps({"_": text}).encode(), NOW))


def test_the_array_of_the_sdk_is_read_point_by_point() -> None:
    items = [dict(parse_qsl(CLIENT_10)), {"id": "KEY", "lat": "x", "lon": 1}, 7, {"id": "KEY", "alarm": "sos"}]
    heard = read_body(json.dumps(items).encode(), NOW)
    assert (len(heard.fixes), heard.rejected, heard.is_alarm, heard.device) == (1, 2, True, "KEY")


@pytest.mark.parametrize("text", [b"{", b"[1, 2]", b"7", b'{"location": 3}', b'{"location": {"coords": []}}', b"{}"])
def test_garbage_is_nobodys(text: bytes) -> None:
    heard = read_body(text, NOW)
    assert heard.device == ""
    assert heard.fixes == ()


def test_json_is_known_by_its_first_letter() -> None:
    assert is_json(b' {"a": 1}')
    assert is_json(b"[]")
    assert not is_json(b"id=1&lat=2")
    assert not is_json(b"")
