"""A relay and somebody unwell looked back at, with the time that was left."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from stations.fleet.rules.days import DayRequest, DayRide, in_order, list_happenings
from stations.fleet.rules.requests import HelpKind, RequestState
from stations.fleet.rules.rides import RideState
from stations.fleet.rules.slack import Band

START = datetime(2027, 6, 7, tzinfo=UTC)
REQUEST = DayRequest(
    1, HelpKind.PAPERS, RequestState.CLOSED, START, None, START + timedelta(minutes=60), "S1", "Site", "East", 39.9,
    116.4, "Home", 39.9, 116.3, START + timedelta(minutes=40), "in_time", is_erased=False,
)  # fmt: skip
RIDE = DayRide(
    1, 1, 1, "V1", "A1", RideState.HANDED_OVER, "d", START, START + timedelta(minutes=1), START + timedelta(minutes=1),
    START + timedelta(minutes=10), None, START + timedelta(minutes=20), "V2", 600, 1200, "built-in",
)  # fmt: skip
SECOND = replace(
    RIDE, id=2, leg=2, vehicle="V2", state=RideState.CLOSED, picked_up_at=START + timedelta(minutes=20),
    dropped_off_at=START + timedelta(minutes=38), ended_at=START + timedelta(minutes=40), end_reason="",
)  # fmt: skip


def test_relay_is_told_leg_by_leg() -> None:
    found = list_happenings(REQUEST, [RIDE, SECOND], REQUEST.cutoff_at, 120)
    listed = list(in_order(found, START, START + timedelta(days=1)))
    assert [(each.what, each.vehicle) for each in listed if each.at >= START + timedelta(minutes=20)] == [
        ("picked_up", "V2"), ("handed_over", "V1"), ("dropped_off", "V2"), ("over", ""),
    ]  # fmt: skip
    slack = {(each.what, each.vehicle): each.slack_seconds for each in listed}
    assert slack["asked", ""] == 3600 - 120
    assert slack["offered", "V1"] == 3600 - 600 - 1200
    assert slack["accepted", "V1"] == slack["offered", "V1"], "it came on as promised"
    assert slack["handed_over", "V1"] == 3600 - 1200 - 600, "half of the ride is left"
    assert slack["dropped_off", "V2"] == 22 * 60
    assert (slack["over", ""], listed[-1].reason) == (None, "in_time")
    assert list(in_order(found, START - timedelta(days=1), START)) == []


def test_nothing_runs_against_a_clock_once_somebody_unwell_is_reached() -> None:
    unwell = replace(REQUEST, kind=HelpKind.UNWELL, cutoff_at=None)
    found = list_happenings(unwell, [SECOND], START + timedelta(minutes=5), 120)
    bands = {each.what: each.band for each in found}
    assert (bands["asked"], bands["picked_up"], bands["dropped_off"]) == (Band.RED, Band.NONE, Band.NONE)
    assert found[0].slack_seconds == 300
