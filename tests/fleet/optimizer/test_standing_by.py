"""Where idle vehicles stand by: the most covered, then the least driven, and what stays uncovered."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from stations.adapters.router import Points, Travel
from stations.fleet.optimizer import standing_by
from stations.fleet.optimizer.rows import Conditions, Standby
from stations.fleet.optimizer.standing_by import Coverage, Gate, stand_by
from stations.fleet.rules.travel import straight_metres

NOW = datetime(2027, 6, 7, 7, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
MINUTE = 1 / 111.1
HOME = 39.9


class Steady:
    """One kilometre a minute, straight."""

    def travel(self, origins: Points, targets: Points, at: datetime, is_raining: bool = False) -> Travel:
        return Travel(straight_metres(origins, targets) * 0.06, "built-in")


GIVEN = Conditions(NOW, Steady())


def gate(id: str, at: float, examinees: int = 1) -> Gate:
    """So many minutes' drive north of HOME."""
    return Gate(id, HOME + at * MINUTE, 116.4, examinees)


def vehicle(id: str, at: float, **fields: Any) -> Standby:
    plain: dict[str, Any] = {"id": id, "lat": HOME + at * MINUTE, "lon": 116.4, "fixed_at": NOW, "free_at": NOW}
    return Standby(**plain | fields)


def moved(plan: Coverage) -> dict[str, str]:
    return {move.vehicle: move.gate for move in plan.moves}


def test_one_of_two_at_a_gate_drives_to_the_gate_that_has_none() -> None:
    gates = [gate("here", 0, 300), gate("there", 20, 700)]
    plan = stand_by([vehicle("v", 0), vehicle("w", 4)], gates, GIVEN, within_minutes=5)
    assert moved(plan) == {"w": "there"}
    assert plan.moves[0].seconds == pytest.approx(16 * 60, abs=3)
    assert str(plan.moves[0].reason.text) == "Without it nobody would be near 1 gates with 700 examinees"
    assert (plan.before, plan.after, plan.bound, plan.uncovered) == (0.3, 1.0, 1.0, ())
    assert plan.is_proven
    assert (plan.source, plan.note) == ("built-in", None)


def test_a_gate_in_the_middle_covers_three() -> None:
    gates = [gate("a", 0), gate("b", 4), gate("c", 8)]
    assert moved(stand_by([vehicle("v", -10)], gates, GIVEN, within_minutes=5)) == {"v": "b"}


def test_nobody_moves_when_all_is_covered() -> None:
    plan = stand_by([vehicle("v", 1), vehicle("w", 30)], [gate("a", 0), gate("b", 30)], GIVEN, within_minutes=5)
    assert (plan.moves, plan.before, plan.after) == ((), 1.0, 1.0)


def test_what_stays_uncovered_says_why() -> None:
    gates = [gate("large", 0, 900), gate("small", 20, 100), gate("away", 60, 5)]
    plan = stand_by([vehicle("v", 10)], gates, GIVEN, within_minutes=5)
    assert moved(plan) == {"v": "large"}
    assert {one.id: str(one.reason.text) for one in plan.uncovered} == {
        "small": "The vehicles that could stand near are needed more elsewhere",
        "away": "No idle vehicle within 30 min of it",
    }
    assert plan.after == pytest.approx(900 / 1005)
    assert plan.is_proven


@pytest.mark.parametrize(
    "fields",
    [
        {"free_at": NOW + timedelta(minutes=1)},
        {"blocked_from": NOW},
        {"is_file_complete": False},
        {"off_duty_at": NOW},
        {"fixed_at": NOW - timedelta(minutes=10)},
    ],
)
def test_a_vehicle_that_is_not_idle_covers_nothing(fields: dict[str, Any]) -> None:
    plan = stand_by([vehicle("v", 0, **fields)], [gate("a", 0)], GIVEN, within_minutes=5)
    assert (plan.moves, plan.before, plan.after) == ((), 0.0, 0.0)
    assert [(one.id, one.reason.code) for one in plan.uncovered] == [("a", "too_far")]


def test_no_gates_or_no_vehicles_are_no_trouble() -> None:
    assert stand_by([vehicle("v", 0)], [], GIVEN, within_minutes=5).moves == ()
    assert stand_by([], [gate("a", 0)], GIVEN, within_minutes=5).after == 0


def a_district(seed: int, fleet: int, gates: int) -> tuple[list[Standby], list[Gate]]:
    rng = np.random.default_rng(seed)
    at = rng.uniform([39.85, 116.3], [40.05, 116.55], (fleet + gates, 2)).tolist()
    vehicles = [replace(vehicle(f"v{k}", 0), lat=lat, lon=lon) for k, (lat, lon) in enumerate(at[:fleet])]
    return vehicles, [Gate(f"g{k}", *at[fleet + k], int(rng.integers(1, 900))) for k in range(gates)]


@pytest.mark.parametrize("seed", range(8))
def test_a_plan_is_the_best_of_all_plans(seed: int) -> None:
    """Every vehicle stays or goes to any gate: all combinations are looked at."""
    vehicles, gates = a_district(seed, 3, 7)
    plan = stand_by(vehicles, gates, GIVEN, within_minutes=5)
    stands, points = (np.array([(one.lat, one.lon) for one in rows]) for rows in (vehicles, gates))
    drive, between = straight_metres(stands, points) * 0.06, straight_metres(points, points) * 0.06
    covers = np.concatenate([drive[:, None] <= 300, np.broadcast_to(between <= 300, (3, 7, 7))], axis=1)
    seconds = np.concatenate([np.zeros((3, 1)), drive], axis=1)
    examinees = np.array([one.examinees for one in gates])
    best = max(
        (int(examinees @ (covers[0, i] | covers[1, j] | covers[2, k])),
         -float(seconds[0, i] + seconds[1, j] + seconds[2, k]))
        for i, j, k in product(range(8), repeat=3)
    )  # fmt: skip
    assert plan.after == pytest.approx(best[0] / examinees.sum())
    assert sum(move.seconds for move in plan.moves) == pytest.approx(-best[1], abs=2)
    assert plan.is_proven


@pytest.mark.parametrize("seed", range(4))
def test_a_city_is_covered_nearly_as_well_as_its_bound(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    vehicles, gates = a_district(seed, 12, 40)
    exact = stand_by(vehicles, gates, GIVEN, within_minutes=4)
    monkeypatch.setattr(standing_by, "EXACT_PAIRS", 0)
    plan = stand_by(vehicles, gates, GIVEN, within_minutes=4)
    assert plan == stand_by(vehicles, gates, GIVEN, within_minutes=4)
    assert plan.before <= plan.after <= exact.after + 1e-9 <= plan.bound + 2e-9
    assert plan.after >= 0.93 * exact.after
