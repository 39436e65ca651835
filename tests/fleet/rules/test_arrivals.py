"""Arriving at a gate and leaving it, once each."""

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import cos, radians

import pytest

from stations.adapters.trackers.fix import Fix
from stations.fleet.rules.arrivals import DEGREE_METRES, NOWHERE, GateMap, Stay, follow, rough_metres
from stations.kernel.geo.distance import geodesic_metres

START = datetime(2027, 6, 7, tzinfo=UTC)
GATE, OTHER = (39.99, 116.31), (39.9945, 116.31)  # 500 m apart
GATES = GateMap({1: GATE, 2: OTHER})


def at(metres: float, seconds: float = 0, accuracy: float | None = 10, speed: float | None = 0, side: float = 0) -> Fix:
    """A fix so many metres south of the gate, and `side` east of it."""
    lat = GATE[0] - metres / DEGREE_METRES
    lon = GATE[1] + side / DEGREE_METRES / cos(radians(GATE[0]))
    return Fix(START + timedelta(seconds=seconds), lat, lon, "beacon", accuracy, speed)


def drive(fixes: list[Fix], stay: Stay = NOWHERE) -> list[Stay]:
    """The stays that a vehicle goes through."""
    stays = [stay]
    for before, fix in pairwise(fixes):
        stays.append(follow(stays[-1], before, before.fixed_at, fix, fix.fixed_at, GATES))
    return [after for before, after in pairwise(stays) if after != before]


def row(*metres: float, accuracy: float | None = 10, speed: float | None = 0) -> list[Fix]:
    return [at(each, 10 * n, accuracy, speed) for n, each in enumerate(metres)]


def test_two_fixes_in_a_row_arrive_and_two_leave() -> None:
    came, left = drive(row(900, 100, 90, 80, 300, 100, 400, 500, 600))
    assert came == Stay(1, START + timedelta(seconds=10)), "with the first of the two"
    assert left == Stay(None, START + timedelta(seconds=60))


@pytest.mark.parametrize(
    "fixes",
    [
        row(900, 100, 900, 100, 900),  # never two in a row
        row(900, 145, 145, 145),  # the circle reaches beyond
        row(50, 50, 50, accuracy=120),  # too rough to tell
        row(100, 50, 0, speed=14),  # drives past
        [at(50, 0), at(50, 1000)],  # not in a row
    ],
)
def test_what_is_not_sure_does_not_arrive(fixes: list[Fix]) -> None:
    assert drive(fixes) == []


@pytest.mark.parametrize(
    "fixes",
    [row(50, 400, 50, 400, 50), row(50, 255, 255), row(50, 320, 320, accuracy=90), row(50, 900, 900, accuracy=150)],
)
def test_what_is_not_sure_does_not_leave(fixes: list[Fix]) -> None:
    assert drive(fixes, Stay(1, START)) == []


def test_a_device_that_does_not_say_how_good_it_is_counts_as_usual() -> None:
    (came,) = drive(row(900, 100, 100, accuracy=None, speed=None))
    assert came.gate_id == 1


def test_the_nearest_gate_is_arrived_at_and_a_neighbour_only_after_leaving() -> None:
    stays = drive([*row(900, 0, 0), at(-500, 40), at(-500, 50), at(-500, 60)])
    assert [stay.gate_id for stay in stays] == [1, None, 2]


def test_a_gate_that_is_no_longer_there_is_left() -> None:
    assert drive(row(0, 0), Stay(9, START)) == [Stay(None, START)]


@pytest.mark.parametrize("sigma", [30, 40, 50])
@pytest.mark.parametrize(("metres", "visits"), [(0, 1), (40, 1), (80, 1), (200, 0), (260, 0), (600, 0)])
def test_a_thousand_jittered_fixes_round_a_parked_car_arrive_once_and_never_leave(
    sigma: float, metres: float, visits: int
) -> None:
    for seed in range(3):
        draw = random.Random(seed)
        accuracy = 1.51 * sigma  # what holds 68 % of them
        fixes = [
            at(metres + draw.gauss(0, sigma), 10 * n, accuracy, abs(draw.gauss(0, 0.5)), draw.gauss(0, sigma))
            for n in range(1000)
        ]
        assert len(drive(fixes)) == visits


def test_a_gate_is_found_from_all_sides_and_across_cells() -> None:
    draw = random.Random(1)
    gates = {n: (39.9 + draw.random() / 50, 116.3 + draw.random() / 50) for n in range(40)}
    found = GateMap(gates)
    for _try in range(2000):
        spot = 39.9 + draw.random() / 50, 116.3 + draw.random() / 50
        metres, nearest = min((rough_metres(spot, gate), n) for n, gate in gates.items())
        fix = Fix(START, *spot, "beacon", 10)
        assert found.find_at(fix) == (nearest if metres + 10 <= 150 else None)


def test_rough_metres_are_good_enough() -> None:
    for other in ((39.992, 116.311), (40.1, 116.0), (39.99, 116.5)):
        assert rough_metres(GATE, other) == pytest.approx(geodesic_metres(*GATE, *other), rel=0.005)
