"""Who gives, who gets, how much, why; and that nothing better can be done."""

from dataclasses import replace
from itertools import groupby
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linprog

from stations.kernel.geo.distance import geodesic_metres
from stations.stock.optimizer.replenishing import Stock, propose, straight_metres
from stations.stock.rules.limits import Limits


def stock(station: str, on_hand: int, **fields: Any) -> Stock:
    """Bottles at a station; ones with a later letter lie farther east."""
    plain: dict[str, Any] = {
        "station": station, "station_name": f"站{station}", "lat": 39.9, "lon": 116.3 + ord(station[0]) % 32 / 100,
        "item": "bottles", "on_hand": on_hand, "incoming": 0, "outgoing": 0, "needed": 0.0, "hours": None,
        "limits": Limits(5, 10, 200),
    }  # fmt: skip
    return Stock(**plain | fields)


def moves(*stocks: Stock) -> list[tuple[str, str, int]]:
    return [(line.source.station, line.target.station, line.quantity) for line in propose(stocks).lines]


def test_a_short_station_gets_what_it_needs_and_its_reserve() -> None:
    short = stock("A", 20, needed=60.4, hours=1.2)
    plan = propose([short, stock("B", 200, needed=20)])
    (line,) = plan.lines
    assert (line.source.station, line.target.station) == ("B", "A")
    assert line.quantity == 61 + 11 + 1 - 20  # the need, then above the level at which an alert ends
    assert line.metres == round(geodesic_metres(39.9, 116.31, 39.9, 116.32))
    assert plan.is_proven
    said = str(line.reason)
    for part in ("站A will have none in about 1.2 h", "站B has 168 to spare", "0.9 km in a straight line"):
        assert part in said
    assert plan.unmet == ()


def test_nobody_gives_what_it_needs_itself_or_has_promised() -> None:
    short = stock("A", 0, needed=500, hours=0.0, limits=Limits(5, 10, 2000))
    keeps = 100 + 11 + 1
    assert moves(short, stock("B", keeps, needed=100)) == []
    assert moves(short, stock("B", keeps + 30, needed=100)) == [("B", "A", 30)]
    assert moves(short, stock("B", keeps + 30, needed=100, outgoing=20)) == [("B", "A", 10)]
    assert moves(short, stock("B", 10)) == []


def test_what_is_on_its_way_counts_at_the_target() -> None:
    plenty = stock("B", 150)
    assert moves(stock("A", 2), plenty) == [("B", "A", 10)]
    assert moves(stock("A", 2, incoming=6), plenty) == [("B", "A", 4)]
    assert moves(stock("A", 2, incoming=30), plenty) == []


def test_a_shelf_is_not_filled_beyond_its_maximum() -> None:
    short = stock("A", 2, needed=90, hours=0.1, limits=Limits(5, 10, 30))
    assert moves(short, stock("B", 190)) == [("B", "A", 28)]
    plan = propose([replace(short, step=40), stock("B", 190, step=40)])
    assert plan.lines == ()
    assert "a whole case does not fit" in str(plan.unmet[0].reason)


def test_whole_cases_are_moved() -> None:
    assert moves(stock("A", 2, step=24), stock("B", 150, step=24)) == [("B", "A", 24)]
    assert moves(stock("A", 2, step=24), stock("B", 30, step=24)) == []


def test_the_worst_comes_first_when_there_is_too_little() -> None:
    soon, later = stock("C", 20, needed=60, hours=1.0), stock("A", 20, needed=60, hours=3.0)
    plan = propose([later, soon, stock("B", 12 + 50)])
    assert [(line.target.station, line.quantity) for line in plan.lines] == [("C", 40), ("A", 10)]
    assert [(row.target.station, row.quantity) for row in plan.unmet] == [("C", 12), ("A", 42)]
    assert all("run out earlier" in str(row.reason) for row in plan.unmet)
    assert "goes to whoever runs out first" in str(plan.lines[0].reason)


def test_nobody_to_ask_is_said_so() -> None:
    plan = propose([stock("A", 2), stock("C", 3)])
    assert plan.lines == ()
    assert [(row.target.station, row.quantity, str(row.reason)) for row in plan.unmet] == [
        ("A", 10, "no other station has any to spare"), ("C", 9, "no other station has any to spare")
    ]  # fmt: skip
    assert propose([]).is_proven


def random_stocks(seed: int) -> list[Stock]:
    rng = np.random.default_rng(seed)
    return [
        stock(
            f"{chr(65 + k)}", int(rng.integers(0, 80)), needed=float(rng.integers(0, 50)), item=item,
            hours=float(rng.choice([0.3, 1.0, 2.0, 6.0])), lat=39.9 + rng.random() / 5, lon=116.3 + rng.random() / 5,
            incoming=int(rng.integers(0, 5)), step=2 if item == "fans" else 1,
        )
        for item in ("bottles", "fans") for k in range(int(rng.integers(2, 14)))
    ]  # fmt: skip


def best_by_weights(stocks: list[Stock]) -> tuple[list[int], int]:
    """(cases covered in each class from the worst on, least cases times metres), by one program after the other."""
    sources, targets = [s for s in stocks if s.spare >= s.step], [s for s in stocks if s.missing]
    classes = [(tier, t.urgency, j) for j, t in enumerate(targets) for tier in (0, 1) if t.wanted[tier]]
    classes.sort()
    shape = (len(sources), len(classes))
    if 0 in shape:
        return [], 0
    limit = [s.spare // s.step for s in sources] + [targets[j].wanted[tier] for tier, _u, j in classes]
    ways = np.zeros((sum(shape), *shape))
    for i in range(shape[0]):
        ways[i, i] = 1
    for k in range(shape[1]):
        ways[shape[0] + k, :, k] = 1
    matrix, fixed, covered = ways.reshape(sum(shape), -1), [], []
    for _key, members in groupby(range(shape[1]), key=lambda k: classes[k][:2]):
        of_class = np.zeros(shape)
        of_class[:, list(members)] = 1
        exact = {"A_eq": np.array(fixed), "b_eq": covered} if fixed else {}
        best = linprog(-of_class.ravel(), A_ub=matrix, b_ub=limit, method="highs-ipm", **exact)
        fixed.append(of_class.ravel())
        covered.append(round(-best.fun))
    metres = straight_metres(sources, [targets[j] for _tier, _urgency, j in classes])
    least = linprog(
        metres.ravel(), A_ub=matrix, b_ub=limit, A_eq=np.array(fixed), b_eq=covered, method="highs-ipm"
    )  # fmt: skip
    return covered, round(least.fun)


@pytest.mark.parametrize("seed", range(12))
def test_a_plan_covers_the_worst_and_is_the_shortest(seed: int) -> None:
    stocks = random_stocks(seed)
    plan = propose(stocks)
    best = [best_by_weights([s for s in stocks if s.item == item]) for item in ("bottles", "fans")]
    assert plan.cost == plan.bound == sum(cost for _covered, cost in best)
    moved = sum(line.quantity // line.source.step for line in plan.lines)
    assert moved == sum(sum(covered) for covered, _cost in best)
    assert plan == propose(stocks[::-1])
