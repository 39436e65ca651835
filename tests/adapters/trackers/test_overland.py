"""Overland's batches."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from stations.adapters.trackers.overland import read_body

NOW = datetime(2027, 6, 6, 23, 45, tzinfo=UTC)
AT = datetime(2027, 6, 6, 23, 44, 30, tzinfo=UTC)


def feature(**changes: Any) -> dict[str, Any]:
    properties = {
        "timestamp": "2027-06-06T23:44:30Z", "altitude": 44, "speed": 10.0, "horizontal_accuracy": 8, "course": 90,
        "motion": ["driving"], "battery_state": "unplugged", "battery_level": 0.71, "device_id": "KEY", "wifi": "",
    }  # fmt: skip
    place = {"type": "Point", "coordinates": [116.31, 39.99]}
    return {"type": "Feature", "geometry": place, "properties": properties | changes}


def test_a_batch_is_read_in_its_order() -> None:
    later = "2027-06-06T23:44:40Z"
    heard = read_body(json.dumps({"locations": [feature(), feature(timestamp=later)]}).encode(), NOW)
    assert (heard.device, heard.rejected, len(heard.fixes)) == ("KEY", 0, 2)
    fix = heard.fixes[0]
    assert (fix.lat, fix.lon, fix.fixed_at, fix.accuracy_metres, fix.speed_mps) == (39.99, 116.31, AT, 8, 10)
    assert (fix.heading, fix.source) == (90, "overland")
    assert fix.battery_percent == pytest.approx(71)


def test_where_it_is_now_counts_too() -> None:
    heard = read_body(json.dumps({"locations": [], "current": feature(speed=-1, course=-1)}).encode(), NOW)
    (fix,) = heard.fixes
    assert (fix.speed_mps, fix.heading) == (None, None)


def test_points_that_cannot_be_used_are_counted_and_the_others_taken() -> None:
    broken: list[Any] = [
        7,
        {},
        {"geometry": {"coordinates": 3}},
        {"geometry": {"coordinates": [1]}},
        feature(timestamp="x"),
    ]
    heard = read_body(json.dumps({"locations": [*broken, feature()]}).encode(), NOW)
    assert (heard.rejected, len(heard.fixes)) == (5, 1)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null"])
def test_garbage_is_counted(body: bytes) -> None:
    heard = read_body(body, NOW)
    assert (heard.device, heard.fixes, heard.rejected) == ("", (), 1)


def test_a_batch_without_locations_is_a_sign_of_life() -> None:
    assert read_body(b'{"locations": []}', NOW).rejected == 0
    assert read_body(b'{"locations": 3}', NOW).rejected == 0
