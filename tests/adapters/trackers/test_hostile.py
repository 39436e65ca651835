"""Whatever is sent, every reader answers."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from stations.adapters.trackers import beacon, osmand, overland, owntracks
from stations.adapters.trackers.fix import EARLIEST, LATEST, Heard

NOW = datetime(2027, 6, 6, 23, 45, tzinfo=UTC)
READERS: tuple[Callable[[bytes, datetime], Heard], ...] = (
    beacon.read_body, osmand.read_body, overland.read_body, owntracks.read_body,
)  # fmt: skip
NAMES = st.sampled_from([
    "fixes", "lat", "lon", "at", "accuracy", "speed", "heading", "battery", "location", "coords", "latitude",
    "longitude", "timestamp", "level", "_", "id", "device_id", "locations", "current", "geometry", "coordinates",
    "properties", "_type", "topic", "tst", "vel", "acc", "alarm", "speed_mps", "valid",
])  # fmt: skip
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8),
    st.sampled_from(["location", "transition", "39.9,116.3", "sos", "2027-06-07T07:44:30", "&id=1&lat=1", 39.9, 116.3]),
)  # fmt: skip
ANYTHING = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6))


def check(heard: Heard) -> None:
    assert heard.rejected >= 0
    for fix in heard.fixes:
        assert -90 <= fix.lat <= 90
        assert -180 <= fix.lon <= 180
        assert EARLIEST <= fix.fixed_at <= LATEST
        assert len(fix.source) <= 12
        assert fix.heading is None or 0 <= fix.heading < 360
        assert fix.speed_mps is None or 0 <= fix.speed_mps < 1000


@settings(max_examples=100, deadline=None)
@given(ANYTHING)
def test_any_document_is_answered_by_every_reader(document: Any) -> None:
    for read in READERS:
        check(read(json.dumps(document).encode(), NOW))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_are_answered_by_every_reader(body: bytes) -> None:
    for read in READERS:
        check(read(body, NOW))


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(NAMES, LEAVES, max_size=8))
def test_any_values_are_answered(values: dict[str, Any]) -> None:
    check(osmand.read_values(values, NOW, "osmand"))


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=40))
def test_any_authorization_is_answered(said: str) -> None:
    assert "" not in owntracks.list_names(said, "Basic " + said)
