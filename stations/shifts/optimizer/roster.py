"""The roster: who takes which place, how good that is, and why some places stay empty.

Small parts are solved exactly. Large ones begin with assignments that look at prices and are improved region by region
until the time is up; the bound holds either way. Whatever comes out is judged once more by the guard, place by place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from time import monotonic

import numpy as np

from stations.shifts.optimizer.bounding import Prices, price
from stations.shifts.optimizer.costs import cost_of
from stations.shifts.optimizer.exact import Effort, solve
from stations.shifts.optimizer.pairs import Given, Places
from stations.shifts.optimizer.parting import part
from stations.shifts.optimizer.problem import HeldBy, Problem, build
from stations.shifts.optimizer.reasons import explain
from stations.shifts.optimizer.rows import Listener, Placement, Proposal, Stage
from stations.shifts.optimizer.searching import search
from stations.shifts.optimizer.starting import start
from stations.shifts.rules.placing import objections
from stations.shifts.rules.rows import Candidate, Heat, Held, Limits, Seat, State

# Of the time this much is kept for the guard and the reasons at the end.
END_SHARE = 0.05
EXACT_PAIRS = 16_000
PRICE_ROUNDS = 300
# Of the time that is left an exact solution may take so much; the rest is for the search if it fails.
EXACT_SHARE = 0.6
EXACT_NODES = 20_000


@dataclass
class _Part:
    """One part on its way: its best roster, what that costs, and what none can go below."""

    problem: Problem
    prices: Prices
    chosen: Places
    cost: float
    bound: float


def propose(
    seats: Sequence[Seat], candidates: Sequence[Candidate], held: HeldBy, limits: Limits, heat: Heat, *,
    zone: tzinfo, seed: int, seconds: float, rounds: int = 10_000, keep: bool = True, told: Listener | None = None,
) -> Proposal:  # fmt: skip
    """A roster of the open places. `held` is by volunteer: what is confirmed stays, and `seats` count it as taken;
    what is proposed costs to take back while `keep`. Stops after `seconds`, or so many rounds of improvement. The same
    rows, seed and rounds give the same roster unless time runs out first."""
    begun = monotonic()
    until, given = begun + seconds * (1 - END_SHARE), Given(limits, heat, zone)

    def tell(stage: Stage) -> bool:
        used = (monotonic() - begun) / max(until - begun, 1e-9)
        return told is not None and told(replace(stage, share=min(max(stage.done / max(stage.of, 1), used), 1.0)))

    firm = held if keep else confirmed(held)
    parts = [_begin(build(some, who, firm, given), until) for some, who in part(seats, candidates, firm, limits)]
    done, most = 0, sum(len(one.problem.free) for one in parts)
    for number, one in enumerate(parts):
        rest = max(sum(len(other.problem.free) for other in parts[number:]), 1)
        stop = monotonic() + (until - monotonic()) * len(one.problem.free) / rest
        mine = -(-rounds * len(one.problem.free) // max(most, 1))
        done += _improve(one, parts, seed, mine, stop, tell, (done, rounds))
    for one in parts:
        one.chosen = judged(one.problem, one.chosen, firm)
    return _proposal(parts, candidates, held, done)


def confirmed(held: HeldBy) -> dict[int, list[Held]]:
    """What is confirmed of all that is held."""
    return {who: [one for one in kept if one.state is State.CONFIRMED] for who, kept in held.items()}


def _begin(problem: Problem, until: float) -> _Part:
    """A roster and a bound, in a few seconds even for a city."""
    first = start(problem, kept=problem.kept)
    cost = cost_of(problem, first)
    prices = price(problem, cost, PRICE_ROUNDS, until)
    for kept in (problem.kept, None):
        other = start(problem, prices.extra, kept)
        if cost_of(problem, other) < cost:
            first, cost = other, cost_of(problem, other)
    return _Part(problem, prices, first, cost, prices.bound)


def _improve(
    one: _Part, parts: Sequence[_Part], seed: int, rounds: int, until: float, told: Listener, so_far: tuple[int, int]
) -> int:
    """The rounds that it took."""

    def tell(done: int, cost: float) -> bool:
        one.cost = cost
        best, bound = sum(each.cost for each in parts), sum(each.bound for each in parts)
        return told(Stage(so_far[0] + done, so_far[1], best, bound))

    is_stopped = tell(0, one.cost)
    if is_stopped or one.cost <= one.bound + 1e-6 or not rounds:
        return 0
    if len(one.problem.who) <= EXACT_PAIRS:
        _prove(one, until)
    if one.cost <= one.bound * 1.0001 + 1e-6:
        tell(1, one.cost)
        return 1
    prices = replace(one.prices, bound=one.bound)
    found = search(one.problem, one.chosen, prices, seed=seed, rounds=rounds, until=until, told=tell)
    one.chosen, one.cost = found.chosen, found.cost
    return found.rounds


def _prove(one: _Part, until: float) -> None:
    """The best roster of a small part, and that it is the best, if the time is enough."""
    problem = one.problem
    effort = Effort((until - monotonic()) * EXACT_SHARE, EXACT_NODES)
    solved = solve(problem, np.arange(len(problem.who)), np.zeros(0, np.intp), effort)
    if solved is None:
        return
    cost = cost_of(problem, solved.chosen)
    one.bound = max(one.bound, cost - solved.slack)
    if cost < one.cost:
        one.chosen, one.cost = np.sort(solved.chosen), cost


def judged(problem: Problem, chosen: Places, held: HeldBy) -> Places:
    """The roster as the guard lets it pass: every place is judged beside all others."""
    given, good = problem.given, chosen
    mine: dict[int, list[Held]] = {
        v: [kept for kept in held.get(one.volunteer_id, ()) if kept.state is State.CONFIRMED]
        for v, one in enumerate(problem.candidates)
    }
    beside: dict[int, set[int]] = {}
    for v, kept in mine.items():
        for each in kept:
            beside.setdefault(each.work.shift_id, set()).add(problem.candidates[v].volunteer_id)
    for pair in chosen.tolist():
        seat, v = problem.seats[problem.need[pair]], int(problem.who[pair])
        mine[v].append(Held(seat.work, State.CONFIRMED, seat.need_id))
        beside.setdefault(seat.work.shift_id, set()).add(problem.candidates[v].volunteer_id)
    for pair in chosen.tolist():
        seat, v = problem.seats[problem.need[pair]], int(problem.who[pair])
        own = Held(seat.work, State.CONFIRMED, seat.need_id)
        others = [kept for kept in mine[v] if kept != own]
        found = objections(
            problem.candidates[v], seat.work, seat.skill, others, given.limits, given.heat, zone=given.zone,
            beside=beside[seat.work.shift_id],
        )  # fmt: skip
        if found:
            good = good[good != pair]
            mine[v].remove(own)
            beside[seat.work.shift_id].discard(problem.candidates[v].volunteer_id)
    return good


def placements_of(problem: Problem, chosen: Places) -> list[Placement]:
    """The pairs as placements, by shift."""
    found = []
    for pair in chosen.tolist():
        seat = problem.seats[problem.need[pair]]
        found.append(
            Placement(problem.candidates[problem.who[pair]].volunteer_id, seat.need_id, seat.work.shift_id)
        )  # fmt: skip
    return sorted(found, key=lambda one: (one.shift_id, one.need_id, one.volunteer_id))


def _proposal(
    parts: Sequence[_Part], candidates: Sequence[Candidate], held: Mapping[int, Sequence[Held]], rounds: int
) -> Proposal:
    placed = [each for one in parts for each in placements_of(one.problem, one.chosen)]
    before = [
        Placement(who, one.need_id, one.work.shift_id)
        for who, kept in held.items() for one in kept if one.state is State.PROPOSED
    ]  # fmt: skip
    dropped = tuple(one for one in before if one not in set(placed))
    empty = tuple(each for one in parts for each in explain(one.problem, one.chosen, _away(one, candidates)))
    cost = sum(cost_of(one.problem, one.chosen) for one in parts)
    return Proposal(tuple(placed), dropped, empty, cost, min(sum(one.bound for one in parts), cost), rounds)


def _away(one: _Part, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Who is no part of it."""
    near = {each.volunteer_id for each in one.problem.candidates}
    return [each for each in candidates if each.volunteer_id not in near]
