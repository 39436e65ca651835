"""What the driver's page sends."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from stations.adapters.trackers.beacon import read_body

NOW = datetime(2027, 6, 6, 23, 45, tzinfo=UTC)
AT_MS = int(NOW.timestamp() * 1000) - 500


def test_its_fixes_are_read() -> None:
    point = {"lat": 39.99, "lon": 116.31, "accuracy": 8, "speed": 10, "heading": 90, "battery": 71, "at": AT_MS}
    heard = read_body(
        json.dumps({"fixes": [point, {"lat": 39.9, "lon": 116.3, "speed": None, "heading": None}]}).encode(), NOW
    )
    first, second = heard.fixes
    assert (first.lat, first.lon, first.fixed_at) == (39.99, 116.31, NOW - timedelta(milliseconds=500))
    assert (first.accuracy_metres, first.speed_mps, first.heading, first.battery_percent) == (8, 10, 90, 71)
    assert (second.fixed_at, second.source, second.speed_mps) == (NOW, "beacon", None)
    assert heard.rejected == 0


def test_points_that_cannot_be_used_are_counted() -> None:
    heard = read_body(b'{"fixes": [7, {}, {"lat": "x", "lon": 1}, {"lat": 39.9, "lon": 116.3}]}', NOW)
    assert (len(heard.fixes), heard.rejected) == (1, 3)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"fixes": 1}'])
def test_garbage_is_counted(body: bytes) -> None:
    assert read_body(body, NOW).rejected == 1
