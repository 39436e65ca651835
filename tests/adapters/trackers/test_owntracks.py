"""OwnTracks, and what else speaks its protocol."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import pytest

from stations.adapters.trackers.fix import Heard
from stations.adapters.trackers.owntracks import is_will, list_names, read_body

NOW = datetime(2027, 6, 6, 23, 45, tzinfo=UTC)
AT = datetime(2027, 6, 6, 23, 44, 30, tzinfo=UTC)
LOCATION = {
    "_type": "location", "tid": "v1", "lat": 39.99, "lon": 116.31, "tst": int(AT.timestamp()), "acc": 12, "alt": 44,
    "vel": 36, "cog": 90, "batt": 71, "bs": 1, "t": "u", "conn": "m", "created_at": int(AT.timestamp()),
    "topic": "owntracks/KEY/phone",
}  # fmt: skip


def said(**changes: Any) -> bytes:
    return json.dumps(LOCATION | changes).encode()


def test_a_location_counts_kilometres_an_hour() -> None:
    heard = read_body(said(), NOW)
    (fix,) = heard.fixes
    assert heard.device == "KEY"
    assert (fix.lat, fix.lon, fix.fixed_at, fix.accuracy_metres) == (39.99, 116.31, AT, 12)
    assert fix.speed_mps == pytest.approx(10)
    assert (fix.heading, fix.battery_percent, fix.source) == (90, 71, "owntracks")


def test_a_transition_says_where_the_device_is_and_a_waypoint_does_not() -> None:
    assert len(read_body(said(_type="transition", event="enter", wtst=1), NOW).fixes) == 1
    for kind in ("waypoint", "lwt", "status", "cmd", "card", "steps", "beacon"):
        assert read_body(said(_type=kind), NOW) == Heard("KEY")


@pytest.mark.parametrize("body", [b"", b" ", b"\n"])
def test_an_empty_body_is_a_sign_of_life(body: bytes) -> None:
    assert read_body(body, NOW) == Heard("")


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b"7", b"{}", b'{"_type": ["location"]}', said(_type="encrypted"), said(lat=None), said(tst="x")],
)  # fmt: skip
def test_what_cannot_be_used_is_counted(body: bytes) -> None:
    heard = read_body(body, NOW)
    assert (heard.fixes, heard.rejected) == ((), 1)


def test_overland_counts_from_2001_in_this_mode() -> None:
    (fix,) = read_body(said(tst=int(AT.timestamp()) - 978_307_200), NOW).fixes
    assert fix.fixed_at == AT


def test_a_will_is_known() -> None:
    assert is_will(b'{"_type":"lwt","tst":1}')
    assert not is_will(said())


def test_the_key_is_found_wherever_an_app_puts_it() -> None:
    assert list_names("Basic " + b64encode(b"V001:KEY").decode()) == ["KEY", "V001", b64encode(b"V001:KEY").decode()]
    assert list_names("Basic KEY:") == ["KEY"]
    assert list_names("Bearer KEY", "", "x") == ["KEY", "x"]
    assert list_names("", "KEY") == ["KEY"]
    assert list_names("Basic /w==") == ["/w=="]
