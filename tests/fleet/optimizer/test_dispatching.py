"""Who is sent where, why, and that nothing better can be done."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from scipy.optimize import linprog

from stations.adapters.router import Points, Travel
from stations.fleet.optimizer import pairs, rows
from stations.fleet.optimizer.dispatching import best, propose
from stations.fleet.optimizer.rows import Call, Candidate, Conditions, Proposal, Standby
from stations.fleet.rules.signs import STALE
from stations.fleet.rules.travel import BuiltIn, read_speeds, straight_metres

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2027, 6, 7, 8, 20, tzinfo=ZONE)
SPEEDS = Path(__file__).parents[3] / "data/travel_speeds.csv"
# Just under a minute of the router below, in degrees of latitude; everything stands on one meridian.
MINUTE = 1 / 111.1
HOME = 39.9


class Steady:
    """One kilometre a minute, straight."""

    def travel(self, origins: Points, targets: Points, at: datetime, is_raining: bool = False) -> Travel:
        return Travel(straight_metres(origins, targets) * 0.06, "built-in")


GIVEN = Conditions(NOW, Steady(), boarding_seconds=0, gate_walk_seconds=0)


def call(id: str, at: float, gate: float | None = None, left: float | None = None, **fields: Any) -> Call:
    """A caller so many minutes' drive north of HOME, the gate of the ride likewise, `left` minutes to the cut-off."""
    plain: dict[str, Any] = {
        "id": id, "kind": "late", "lat": HOME + at * MINUTE, "lon": 116.4, "asked_at": NOW,
        "gate_lat": None if gate is None else HOME + gate * MINUTE, "gate_lon": None if gate is None else 116.4,
        "cutoff_at": None if left is None else NOW + timedelta(minutes=left),
    }  # fmt: skip
    return Call(**plain | fields)


def vehicle(id: str, at: float, **fields: Any) -> Standby:
    plain: dict[str, Any] = {"id": id, "lat": HOME + at * MINUTE, "lon": 116.4, "fixed_at": NOW, "free_at": NOW}
    return Standby(**plain | fields)


def sent(proposal: Proposal) -> dict[str, str]:
    return {ride.call: ride.vehicle for ride in proposal.rides}


def codes(ride: Candidate) -> list[str]:
    return [reason.code for reason in ride.reasons]


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def test_the_nearest_goes_and_says_how_long_it_takes() -> None:
    plan = propose([call("a", 5, gate=15, left=30)], [vehicle("far", 20), vehicle("near", 3)], GIVEN)
    (ride,) = plan.rides
    assert (ride.call, ride.vehicle) == ("a", "near")
    assert ride.reach_seconds == pytest.approx(120, abs=2)
    assert ride.ride_seconds == pytest.approx(600, abs=2)
    assert ride.margin_seconds == pytest.approx(30 * 60 - 720, abs=3)
    assert [str(reason.text) for reason in ride.reasons] == [
        "The soonest of 2 that can go: 2 min to the caller", "18 min before the gate closes",
    ]  # fmt: skip
    assert plan.left == ()
    assert (plan.source, plan.note) == ("built-in", None)


def test_boarding_and_the_walk_through_the_gate_count() -> None:
    slow = Conditions(NOW, Steady(), boarding_seconds=60, gate_walk_seconds=120)
    (ride,) = propose([call("a", 0, gate=10, left=13)], [vehicle("v", 0)], slow).rides
    assert (ride.ride_seconds, ride.margin_seconds) == (pytest.approx(780, abs=2), pytest.approx(0, abs=2))
    (home,) = propose([call("a", 0, gate=10, kind="ride_home")], [vehicle("v", 0)], slow).rides
    assert (home.ride_seconds, home.margin_seconds) == (pytest.approx(780, abs=2), None)
    (stays,) = propose([call("a", 0, kind="unwell")], [vehicle("v", 0)], slow).rides
    assert stays.ride_seconds == 60


def test_whoever_would_be_late_gets_the_near_vehicle_of_one_who_has_time() -> None:
    """Nearest-first would give the vehicle between them to the first caller and be late for the second."""
    calls = [call("calm", 10, gate=20, left=60), call("tight", 14, gate=24, left=19)]
    plan = propose(calls, [vehicle("between", 11), vehicle("aside", 0)], GIVEN)
    assert sent(plan) == {"calm": "aside", "tight": "between"}
    assert codes(plan.rides[0]) == ["needed_elsewhere", "in_time"]
    assert plan.rides[0].reasons[0].values == {"vehicle": "between", "minutes": 9}
    assert codes(plan.rides[1]) == ["nearest", "in_time"]
    assert plan.cost[0] == 0


def test_being_late_by_seconds_is_worse_than_another_being_later_still() -> None:
    """Whoever is late by a minute is refused like one late by five: one in time and one late beat two late."""
    calls = [call("lost", 0, gate=10, left=6), call("saved", 4, gate=14, left=16)]
    plan = propose(calls, [vehicle("v", 0), vehicle("w", -5)], GIVEN)
    assert sent(plan) == {"lost": "w", "saved": "v"}
    assert codes(plan.rides[0])[-1] == "too_late"


def test_an_unwell_caller_comes_before_papers() -> None:
    calls = [call("papers", 0, gate=10, left=8, kind="forgotten_papers"), call("unwell", 10, kind="unwell")]
    plan = propose(calls, [vehicle("v", 5), vehicle("w", 30)], GIVEN)
    assert sent(plan)["unwell"] == "v"


def test_of_equal_minutes_the_one_goes_whose_gate_is_covered_by_another() -> None:
    gates = np.array([[HOME + 10 * MINUTE, 116.4], [HOME - 10 * MINUTE, 116.4]])
    fleet = [vehicle("alone", 10), vehicle("one", -10), vehicle("two", -10)]
    given = Conditions(NOW, Steady(), boarding_seconds=0, gate_walk_seconds=0, gates=gates)
    assert sent(propose([call("a", 0, gate=5, left=60)], fleet, given))["a"] in {"one", "two"}
    assert sent(propose([call("a", 0.5, gate=5, left=60)], fleet, given)) == {"a": "alone"}
    assert propose([call("a", 0, gate=5, left=60)], fleet, given).cost == (0, 10, 2)


@pytest.mark.parametrize(
    ("fields", "need", "code"),
    [
        ({"is_file_complete": False}, {}, "file_incomplete"),
        ({"on_duty_from": NOW + minutes(1)}, {}, "off_duty"),
        ({"off_duty_at": NOW}, {}, "off_duty"),
        ({"off_duty_at": NOW + minutes(14)}, {}, "goes_off_duty"),
        ({"blocked_from": NOW + minutes(14)}, {}, "booked"),
        ({"seats": 1}, {"seats": 2}, "seats"),
        ({}, {"needs_wheelchair": True}, "wheelchair"),
    ],
)
def test_a_vehicle_that_cannot_go_is_never_sent_and_says_why(
    fields: dict[str, Any], need: dict[str, Any], code: str
) -> None:
    """The ride would take five minutes to the caller and ten to the gate."""
    asked = call("a", 5, gate=15, left=60, **need)
    near = vehicle("near", 0, **fields)
    plan = propose([asked], [near], GIVEN)
    assert plan.rides == ()
    assert [(one.id, one.reason.code) for one in plan.left] == [("a", code)]
    choice = best(asked, [near, vehicle("far", -9, seats=9, has_wheelchair=True)], GIVEN)
    assert [one.vehicle for one in choice.best] == ["far"]
    assert [(one.id, one.reason.code) for one in choice.passed_over] == [("near", code)]
    assert str(choice.passed_over[0].reason.text)


def test_a_booking_right_after_the_ride_does_not_hinder_it() -> None:
    late = NOW + minutes(15) + timedelta(seconds=2)
    plan = propose([call("a", 5, gate=15, left=60)], [vehicle("v", 0, blocked_from=late, off_duty_at=late)], GIVEN)
    assert sent(plan) == {"a": "v"}


def test_a_promised_vehicle_is_not_taken_away_for_little() -> None:
    fleet = [vehicle("promised", 0), vehicle("nearer", 7.5)]
    taken = propose([call("a", 10, gate=20, left=60, promised="promised")], fleet, GIVEN)
    assert sent(taken) == {"a": "nearer"}
    assert codes(taken.rides[0]) == ["nearest", "taken_over", "in_time"]
    fleet[1] = vehicle("nearer", 2.5)
    kept = propose([call("a", 10, gate=20, left=60, promised="promised")], fleet, GIVEN)
    assert sent(kept) == {"a": "promised"}
    assert codes(kept.rides[0]) == ["kept", "in_time"]
    gone = propose([call("a", 10, gate=20, left=60, promised="elsewhere")], fleet, GIVEN)
    assert sent(gone) == {"a": "nearer"}


def test_a_fresh_fix_is_trusted_more_than_a_stale_one() -> None:
    old = NOW - STALE - timedelta(seconds=1)
    fleet = [vehicle("stale", 9, fixed_at=old), vehicle("fresh", 5), vehicle("base", 8, fixed_at=None)]
    asked = call("a", 10, gate=20, left=60)
    assert sent(propose([asked], fleet, GIVEN)) == {"a": "base"}
    (ride,) = propose([asked], fleet[:1], GIVEN).rides
    assert ride.reach_seconds == pytest.approx(60 + 300, abs=2)
    assert codes(ride) == ["nearest", "in_time", "stale_fix"]
    choice = best(asked, [*fleet, vehicle("far", 0), vehicle("farther", -5)], GIVEN, n=3)
    assert [one.vehicle for one in choice.best] == ["base", "fresh", "far"]
    assert "posted" in codes(choice.best[0])
    assert {one.id: one.reason.code for one in choice.passed_over} == {"stale": "stale_fix", "farther": "slower"}
    assert {one.id: dict(one.reason.values) for one in choice.passed_over} == {
        "stale": {"minutes": 2, "added": 5}, "farther": {"minutes": 5},
    }  # fmt: skip
    # With nobody else left even a stale one is better than none.
    assert [one.vehicle for one in best(asked, fleet[:1], GIVEN).best] == ["stale"]


def test_a_busy_vehicle_counts_from_when_it_gets_free() -> None:
    fleet = [vehicle("busy", 10, free_at=NOW + minutes(4)), vehicle("idle", 0)]
    assert sent(propose([call("a", 10, gate=20, left=60)], fleet, GIVEN)) == {"a": "busy"}
    fleet[0] = vehicle("busy", 10, free_at=NOW + minutes(11))
    assert sent(propose([call("a", 10, gate=20, left=60)], fleet, GIVEN)) == {"a": "idle"}


def test_more_calls_than_vehicles_are_all_served_one_ride_after_another() -> None:
    calls = [call(f"c{k}", k, gate=k + 5, left=90) for k in range(7)]
    plan = propose(calls, [vehicle("v", 0), vehicle("w", 7)], GIVEN)
    assert [ride.call for ride in plan.rides] == [one.id for one in calls]
    assert plan.left == ()
    counts = sorted(list(sent(plan).values()).count(one) for one in ("v", "w"))
    assert counts == [3, 4]
    ends: dict[str, int] = {}
    for ride in sorted(plan.rides, key=lambda ride: ride.reach_seconds):
        assert ride.reach_seconds >= ends.get(ride.vehicle, 0)
        assert ("next_ride" in codes(ride)) == (ride.vehicle in ends)
        ends[ride.vehicle] = ride.reach_seconds + ride.ride_seconds - 1


def test_who_waits_for_a_second_ride_is_who_can() -> None:
    calls = [call("tight", 5, gate=10, left=16), call("calm", 4, gate=10, left=90)]
    plan = propose(calls, [vehicle("v", 0)], GIVEN)
    tight, calm = plan.rides
    assert plan.cost[0] == 0
    assert tight.reach_seconds < calm.reach_seconds
    assert codes(calm) == ["next_ride", "in_time"]


def test_two_wheelchairs_and_one_vehicle_for_them_leave_nobody_behind() -> None:
    calls = [call(id, 3, gate=9, left=60, needs_wheelchair=True) for id in ("a", "b")]
    plan = propose([*calls, call("c", 3, gate=9, left=60)], [vehicle("v", 0, has_wheelchair=True), vehicle("w", 1),
                                                             vehicle("x", 1)], GIVEN)  # fmt: skip
    assert sent(plan)["a"] == sent(plan)["b"] == "v"
    assert sent(plan)["c"] != "v"


def test_no_calls_or_no_vehicles_are_no_trouble() -> None:
    assert propose([], [vehicle("v", 0)], GIVEN) == Proposal((), (), (0, 0, 0), "built-in", None)
    left = propose([call("a", 0)], [], GIVEN).left
    assert [(one.id, str(one.reason.text)) for one in left] == [("a", "No vehicle at all")]
    assert best(call("a", 0), [], GIVEN).best == ()


def a_city(seed: int, count: int, fleet: int) -> tuple[list[Call], list[Standby], Conditions]:
    rng = np.random.default_rng(seed)
    at = rng.uniform([39.85, 116.25], [40.0, 116.55], (2 * count + fleet, 2)).tolist()
    kinds = rng.choice(["late", "wrong_site", "forgotten_papers"], count).tolist()
    left = rng.uniform(5, 60, count).tolist()
    calls = [
        Call(f"c{i}", kinds[i], *at[i], NOW, *at[count + i], NOW + minutes(left[i])) for i in range(count)
    ]  # fmt: skip
    vehicles = [Standby(f"v{j}", *at[2 * count + j], NOW, NOW) for j in range(fleet)]
    router = BuiltIn(read_speeds(SPEEDS.read_text(encoding="utf-8").splitlines()), ZONE)
    return calls, vehicles, Conditions(NOW, router, gates=np.array(at[:30]))


@pytest.mark.parametrize(("seed", "count", "fleet"), [(1, 20, 40), (2, 40, 40), (3, 50, 251), (4, 7, 9)])
def test_a_proposal_is_the_optimum_of_a_linear_program(seed: int, count: int, fleet: int) -> None:
    """Lateness by one program; the minutes by another that holds the lateness."""
    calls, vehicles, given = a_city(seed, count, fleet)
    plan = propose(calls, vehicles, given)
    columns, field = pairs.calls_in_columns(calls, given), pairs.fleet_in_columns(vehicles, NOW)
    seconds = pairs.reach(field, columns, given).seconds
    late, minute, _cover = (rank.ravel() for rank in pairs.ranks(seconds, columns, np.zeros(fleet)))
    once = np.kron(np.eye(count), np.ones(fleet))
    free = np.tile(np.eye(fleet), count)
    first = linprog(late, A_eq=once, b_eq=np.ones(count), A_ub=free, b_ub=np.ones(fleet))
    assert plan.cost[0] == round(first.fun)
    held = np.vstack([free, late / 1000])
    second = linprog(minute, A_eq=once, b_eq=np.ones(count), A_ub=held, b_ub=[*np.ones(fleet), first.fun / 1000 + 1e-6])
    assert plan.cost[1] == round(second.fun)
    assert len({ride.vehicle for ride in plan.rides}) == len(plan.rides) == count
    assert propose(calls, vehicles, given) == plan


def test_every_reason_has_words_that_take_its_numbers() -> None:
    values = {"count": 1, "minutes": 2, "added": 3, "vehicle": "v", "examinees": 4}
    for code in rows.WORDS:
        assert "%" not in str(rows.Reason(code, values).text)
