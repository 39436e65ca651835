"""Filling places that have come free again, at the least cost and with few people asked to change."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import tzinfo
from time import monotonic

import numpy as np

from stations.shifts.optimizer.costs import cost_of
from stations.shifts.optimizer.exact import Effort, solve
from stations.shifts.optimizer.pairs import Given, Places, way_minutes, works_in_columns
from stations.shifts.optimizer.problem import HeldBy, Problem, build
from stations.shifts.optimizer.reasons import explain
from stations.shifts.optimizer.roster import confirmed, judged, placements_of
from stations.shifts.optimizer.rows import Proposal
from stations.shifts.optimizer.searching import cheapest
from stations.shifts.optimizer.starting import start
from stations.shifts.rules.rows import Candidate, Heat, Held, Limits, Seat, State

# So many of the likeliest volunteers may leave another place for an open one.
MOVERS = 20


def repair(
    seats: Sequence[Seat], candidates: Sequence[Candidate], held: HeldBy, limits: Limits, heat: Heat, *,
    zone: tzinfo, need_ids: Collection[int], most_changed: int = 3, seconds: float = 2.0,
) -> Proposal:  # fmt: skip
    """Fill the free places of these needs. `held` is the roster without those who dropped out; at most `most_changed`
    volunteers get or change anything, and only proposals are moved, never what is confirmed. The answer holds what
    changes and nothing else: `placements` are new, `dropped` are proposals taken back for them; cost and bound are of
    the part that was looked at."""
    until, given = monotonic() + seconds, Given(limits, heat, zone)
    movers = _movers(_open(seats, held, need_ids), candidates, held, given)
    theirs = {one.need_id for who in movers for one in held[who] if one.state is State.PROPOSED}
    loose = {who: kept if who in movers else _firm(kept) for who, kept in held.items()}
    still = {who: kept for who, kept in held.items() if who not in movers}
    problem = _around(_open(seats, still, theirs | set(need_ids)), candidates, loose, given)
    pairs = np.union1d(cheapest(problem, np.arange(len(problem.who)), problem.cost), problem.kept)
    effort = Effort(max(until - monotonic(), 0.1))
    solved = solve(problem, pairs, np.zeros(0, np.intp), effort, most_changed=most_changed)
    if solved is None:
        chosen, slack = _directly(problem, most_changed), cost_of(problem, problem.kept)
    else:
        chosen, slack = np.sort(solved.chosen), solved.slack
    near = {one.volunteer_id for one in problem.candidates}
    away = [one for one in candidates if one.volunteer_id not in near]
    return _changes(problem, judged(problem, chosen, loose), slack, need_ids, away)


def _firm(kept: Sequence[Held]) -> list[Held]:
    return [replace(one, state=State.CONFIRMED) for one in kept]


def _open(seats: Sequence[Seat], held: HeldBy, need_ids: Collection[int]) -> list[Seat]:
    """These needs' seats, what is proposed to `held` counted as taken."""
    proposed = Counter(one.need_id for kept in held.values() for one in kept if one.state is State.PROPOSED)
    return [replace(seat, taken=seat.taken + proposed[seat.need_id]) for seat in seats if seat.need_id in need_ids]


def _movers(open_: Sequence[Seat], candidates: Sequence[Candidate], held: HeldBy, given: Given) -> set[int]:
    """Those who hold proposals and could take an open place were it not for them, the cheapest for each in turn."""
    problem = _around(open_, candidates, confirmed(held), given)
    by_need = np.lexsort((problem.cost, problem.need))
    rank = np.arange(len(by_need)) - np.searchsorted(problem.need[by_need], problem.need[by_need])
    order = by_need[np.argsort(rank, kind="stable")].tolist()
    able = dict.fromkeys(problem.candidates[problem.who[pair]].volunteer_id for pair in order)
    has = [who for who in able if any(one.state is State.PROPOSED for one in held.get(who, ()))]
    return set(has[:MOVERS])


def _around(open_: Sequence[Seat], candidates: Sequence[Candidate], held: HeldBy, given: Given) -> Problem:
    """The problem of these seats with those only who live within reach of one or stand beside it."""
    shifts = {seat.work.shift_id for seat in open_}
    way = way_minutes(candidates, works_in_columns([seat.work for seat in open_], given), given.limits)
    is_near = (way.min(axis=1, initial=np.inf) <= given.limits.way_most_minutes).tolist()
    some = [
        one for v, one in enumerate(candidates)
        if is_near[v] or any(kept.work.shift_id in shifts for kept in held.get(one.volunteer_id, ()))
    ]  # fmt: skip
    return build(open_, some, {one.volunteer_id: held.get(one.volunteer_id, ()) for one in some}, given)


def _directly(problem: Problem, most_changed: int) -> Places:
    """What stands, and whoever can simply step in."""
    filled = start(problem, kept=problem.kept)
    fresh = np.setdiff1d(filled, problem.kept)
    return np.sort(np.r_[np.intersect1d(filled, problem.kept), fresh[:most_changed]])


def _changes(
    problem: Problem, chosen: Places, slack: float, need_ids: Collection[int], away: Sequence[Candidate]
) -> Proposal:
    cost = cost_of(problem, chosen)
    empty = explain(problem, chosen, away, need_ids)
    fresh, gone = np.setdiff1d(chosen, problem.kept), np.setdiff1d(problem.kept, chosen)
    placed, dropped = placements_of(problem, fresh), placements_of(problem, gone)
    return Proposal(tuple(placed), tuple(dropped), empty, cost, max(cost - slack, 0.0), 1)
