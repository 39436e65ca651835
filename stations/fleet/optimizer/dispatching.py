"""Vehicles for all open calls at once: least lateness (and chance of it) first, then least minutes to the callers,
then most cover left.

One ride for each vehicle is assigned exactly. Calls that are left because there are more of them than vehicles get the
next ride of a vehicle, round by round, each round exact for the vehicles as the round before leaves them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from math import ceil, floor

import numpy as np

from stations.adapters.router import Seconds
from stations.fleet.optimizer import pairs
from stations.fleet.optimizer.assignment import Places, assign
from stations.fleet.optimizer.pairs import STAY_SECONDS, Calls, Flags, Fleet
from stations.fleet.optimizer.reasons import among, arrival, behind, commonest, promise, unable, whereabouts
from stations.fleet.optimizer.rows import Call, Candidate, Choice, Conditions, PassedOver, Proposal, Reason, Standby


@dataclass(frozen=True, slots=True)
class _Round:
    """Calls (their places in the list) and the vehicles that they get, with the seconds to each caller."""

    calls: Places
    vehicles: Places
    seconds: Seconds
    soonest: Places
    soonest_seconds: Seconds
    able: Places
    free: Seconds
    cost: tuple[int, int, int]


def propose(calls: Sequence[Call], vehicles: Sequence[Standby], given: Conditions) -> Proposal:
    """A vehicle for every call that one can serve at all, and why; the same for the same."""
    columns, fleet = pairs.calls_in_columns(calls, given), pairs.fleet_in_columns(vehicles, given.now)
    way = pairs.reach(fleet, columns, given)
    rounds, waiting = _rounds(columns, fleet, way.seconds, _stay(calls, vehicles), given)
    rides = {}
    for number, one in enumerate(rounds):
        for k, i in enumerate(one.calls.tolist()):
            rides[i] = _ride(calls[i], vehicles, one, k, columns, i, number, given.now)
    left = []
    for i in waiting.tolist():
        ends = (given.now + timedelta(seconds=float(end)) for end in way.seconds[i] + columns.after[i])
        reasons = (unable(calls[i], one, at, given.now) for one, at in zip(vehicles, ends, strict=True))
        left.append(PassedOver(calls[i].id, commonest(reasons)))
    late, minutes, cover = (sum(one.cost[rank] for one in rounds) for rank in range(3))
    listed = tuple(rides[i] for i in sorted(rides))
    return Proposal(listed, tuple(left), (late, minutes, cover), way.source, way.note)


def best(call: Call, vehicles: Sequence[Standby], given: Conditions, n: int = 3) -> Choice:
    """The `n` best vehicles for one call, whatever else is open, and for each of the others why it is not one of them.
    Those whose fix is stale are left out unless too few others can go."""
    columns, fleet = pairs.calls_in_columns([call], given), pairs.fleet_in_columns(vehicles, given.now)
    way = pairs.reach(fleet, columns, given)
    seconds, after = way.seconds[0], float(columns.after[0])
    late, _minutes, loss = (rank[0] for rank in pairs.ranks(way.seconds, columns, pairs.cover_loss(fleet, given.gates)))
    is_stale = np.array([pairs.is_stale(one, given.now) for one in vehicles], dtype=np.bool_)
    order = np.lexsort((loss, seconds, late, is_stale))
    allowed = pairs.is_allowed(way.seconds, fleet, columns)[0]
    shown = order[allowed[order]][:n]
    slowest = float(seconds[shown].max(initial=0))
    passed = []
    for j in np.setdiff1d(order, shown).tolist():
        ends_at = given.now + timedelta(seconds=float(seconds[j]) + after)
        reason = unable(call, vehicles[j], ends_at, given.now) or behind(
            vehicles[j], float(seconds[j]) - slowest, given.now
        )
        passed.append(PassedOver(vehicles[j].id, reason))
    chosen = tuple(_candidate(call, vehicles[j], float(seconds[j]), columns, 0, given.now) for j in shown.tolist())
    return Choice(chosen, tuple(passed), way.source, way.note)


def _rounds(
    columns: Calls, fleet: Fleet, seconds: Seconds, stay: Seconds | None, given: Conditions
) -> tuple[list[_Round], Places]:
    """Assign until all are served or nobody can serve those that wait."""
    waiting, rounds = np.arange(len(columns.points)), []
    while len(waiting):
        part = take(columns, waiting)
        one = _assign_round(waiting, part, fleet, seconds, stay, given)
        if not len(one.calls):
            break
        rounds.append(one)
        fleet = _after(fleet, columns, one)
        waiting = np.setdiff1d(waiting, one.calls)
        stay = None
        if len(waiting):
            seconds = pairs.reach(fleet, take(columns, waiting), given).seconds
    return rounds, waiting


def _assign_round(
    waiting: Places, part: Calls, fleet: Fleet, seconds: Seconds, stay: Seconds | None, given: Conditions
) -> _Round:
    allowed = pairs.is_allowed(seconds, fleet, part)
    masked = seconds if allowed.all() else np.where(allowed, seconds, np.inf)
    loss = pairs.cover_loss(fleet, given.gates)
    rows, columns = _assign_or_wait(seconds, allowed, part, loss, stay)
    soonest = masked.argmin(axis=1)[rows] if masked.size else rows
    chosen = seconds[rows, columns]
    paid = pairs.ranks(chosen[:, None], take(part, rows), loss[columns][:, None])
    cost = tuple(int(rank.sum()) for rank in paid)
    return _Round(
        waiting[rows], columns, chosen, soonest, masked[rows, soonest], allowed.sum(axis=1)[rows],
        fleet.free[columns], (cost[0], cost[1], cost[2])
    )  # fmt: skip


def _assign_or_wait(
    seconds: Seconds, allowed: Flags, part: Calls, loss: Seconds, stay: Seconds | None
) -> tuple[Places, Places]:
    """Rows and columns of one round. When not all can be served, waiting is a choice with a price, for as many as have
    to wait: the call's soonest vehicle, but a typical ride later."""
    able = np.flatnonzero(allowed.any(axis=1))
    count = len(able) - allowed.shape[1]
    if count <= 0:
        rows, columns = assign(pairs.ranks(seconds, part, loss, stay), allowed)
        count = len(able) - len(rows)
        if not count:
            return rows, columns
    soonest = np.where(allowed[able], seconds[able], np.inf).min(axis=1)
    typical = float(np.median(soonest + part.after[able]))
    padded = np.hstack([seconds[able], np.repeat((soonest + typical)[:, None], count, axis=1)])
    may = np.pad(allowed[able], ((0, 0), (0, count)), constant_values=True)
    stays = None if stay is None else np.pad(stay[able], ((0, 0), (0, count)), constant_values=STAY_SECONDS)
    rows, columns = assign(pairs.ranks(padded, take(part, able), np.pad(loss, (0, count)), stays), may)
    goes = columns < allowed.shape[1]
    return able[rows[goes]], columns[goes]


def take(columns: Calls, places: Places) -> Calls:
    """Some of the calls."""
    return Calls(**{one.name: getattr(columns, one.name)[places] for one in fields(Calls)})


def _after(fleet: Fleet, columns: Calls, one: _Round) -> Fleet:
    """The vehicles where and when their rides leave them."""
    points, free, added = fleet.points.copy(), fleet.free.copy(), fleet.added.copy()
    points[one.vehicles] = columns.ends[one.calls]
    free[one.vehicles] = one.seconds + columns.after[one.calls]
    added[one.vehicles] = 0
    return replace(fleet, points=points, free=free, added=added)


def _stay(calls: Sequence[Call], vehicles: Sequence[Standby]) -> Seconds | None:
    """Seconds by which every other vehicle counts as slower than the promised one, shape (calls, vehicles)."""
    places = {vehicle.id: j for j, vehicle in enumerate(vehicles)}
    promised = [(i, places[call.promised]) for i, call in enumerate(calls) if call.promised in places]
    if not promised:
        return None
    stay = np.zeros((len(calls), len(vehicles)))
    stay[[i for i, _ in promised]] = STAY_SECONDS
    for i, j in promised:
        stay[i, j] = 0
    return stay


def _ride(
    call: Call, vehicles: Sequence[Standby], one: _Round, k: int, columns: Calls, i: int, number: int, now: datetime
) -> Candidate:
    vehicle, seconds = vehicles[int(one.vehicles[k])], float(one.seconds[k])
    rival = vehicles[int(one.soonest[k])].id
    found = _candidate(call, vehicle, seconds, columns, i, now)
    if number:
        why = [Reason("next_ride", {"minutes": ceil(float(one.free[k]) / 60)})]
    elif call.promised == vehicle.id:
        why = []
    else:
        why = among(seconds, rival, float(one.soonest_seconds[k]), int(one.able[k]))
    return replace(found, reasons=(*why, *promise(call, vehicle), *found.reasons))


def _candidate(call: Call, vehicle: Standby, seconds: float, columns: Calls, i: int, now: datetime) -> Candidate:
    after = float(columns.after[i])
    margin = None if call.cutoff_at is None else float(columns.due[i]) - seconds - after
    reasons = (*arrival(margin, seconds + after), *whereabouts(vehicle, now))
    return Candidate(
        call.id, vehicle.id, ceil(seconds), ceil(after), None if margin is None else floor(margin), reasons
    )  # fmt: skip
