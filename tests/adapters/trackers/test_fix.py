"""Numbers and times as devices write them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from stations.adapters.trackers.fix import make_fix, read_json, read_number, read_text, read_time, times

NOW = datetime(2027, 6, 6, 23, 45, tzinfo=UTC)
AT = datetime(2027, 6, 6, 23, 44, 30, tzinfo=UTC)
SECONDS = int(AT.timestamp())


@pytest.mark.parametrize(
    "written",
    [
        SECONDS, str(SECONDS), SECONDS * 1000, str(SECONDS * 1000), float(SECONDS), "2027-06-06T23:44:30Z",
        "2027-06-06T23:44:30.000Z", "2027-06-07T07:44:30+08:00", "2027-06-07T07:44:30", "2027-06-07 07:44:30",
        " 2027-06-07 07:44:30 ", "2027-06-07T07:44:30 08:00",
    ],
)  # fmt: skip
def test_a_time_is_read_in_every_way_it_is_written(written: Any) -> None:
    assert read_time(written, NOW) == AT


@pytest.mark.parametrize("written", [None, ""])
def test_no_time_means_now(written: Any) -> None:
    assert read_time(written, NOW) == NOW


@pytest.mark.parametrize(
    "written", ["soon", "-1", 0, "1e400", 10**30, float("nan"), True, [], {}, "9999-12-31T23:59:59-14:00", b"1"]
)
def test_what_is_no_time_of_today_is_none(written: Any) -> None:
    assert read_time(written, NOW) is None


@pytest.mark.parametrize(("written", "number"), [("1.5", 1.5), (2, 2.0), (" 3 ", 3.0), ("-1", None), ("", None)])
def test_a_number_is_read_from_text_or_number(written: Any, number: float | None) -> None:
    assert read_number(written, 0, 90) == number


@pytest.mark.parametrize("written", ["nan", "inf", float("inf"), True, [], {}, 10**400, "x", b"\xff"])
def test_what_is_no_number_is_none(written: Any) -> None:
    assert read_number(written, -1e300, 1e300) is None
    assert times(written, 2) is None


def test_a_fix_leaves_out_measures_that_cannot_be() -> None:
    fix = make_fix("osmand", AT, "39.9", 116.3, accuracy=-1, speed_mps=-1, heading=725, battery_percent=101)
    assert fix is not None
    assert (fix.lat, fix.lon) == (39.9, 116.3)
    assert (fix.accuracy_metres, fix.speed_mps, fix.heading, fix.battery_percent) == (None, None, None, None)
    north = make_fix("osmand", AT, 39.9, 116.3, heading=360)
    assert north is not None
    assert north.heading == 0


@pytest.mark.parametrize(("lat", "lon"), [(None, 116), (91, 116), (39.9, 181), ("nan", 1), ("", "")])
def test_a_fix_without_a_place_is_none(lat: Any, lon: Any) -> None:
    assert make_fix("osmand", AT, lat, lon) is None


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"a": 1} x', b"nul"])
def test_a_body_that_is_no_json_is_none(body: bytes) -> None:
    assert read_json(body) is None


def test_a_text_is_short() -> None:
    assert [read_text(value) for value in ("a", 7, True, None, [], 1.5)] == ["a", "7", "", "", "", ""]
    assert len(read_text("x" * 10_000)) == 200
