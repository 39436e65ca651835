"""Every call against every vehicle: who is there when, what that costs, and who cannot go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from stations.adapters.router import Points, Seconds, Travel
from stations.fleet.optimizer.rows import (
    REACH_MINUTES,
    REACH_MINUTES_ELSE,
    WEIGHTS,
    Call,
    Conditions,
    Standby,
)
from stations.fleet.rules import signs
from stations.kernel.geo.chord import spots

# Where a vehicle is that was not heard of for long, or never, is a guess; this is added to its way.
STALE_ADDED_SECONDS = 300
POSTED_ADDED_SECONDS = 120
# Another vehicle counts as so much slower than the promised one.
STAY_SECONDS = 180
# A gate refuses whoever is late by a second; missing it counts as so much lateness on top, times its chance. The chance
# is that of ways that take up to a share more or less than estimated, evenly; in bench/morning.py, whose ways are
# lognormal, more get in than when the estimate is taken for certain.
MISSED_SECONDS = 7200
UNCERTAIN_SHARE = 0.4
# Past this a minute more counts like a second more, or no room would be left for the other ranks.
MOST_SECONDS = 4 * 3600
# About ten minutes of the morning peak; a vehicle so near covers a gate.
COVER_METRES = 3000
COVER_STEPS = 15
BLOCK = 50
NEVER = np.inf

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls in columns: seconds are from now. `after` is what follows the pick-up until the call is done; `due` is
    when it should be done (or reached, where `due_after` is 0)."""

    points: Points
    ends: Points
    after: Seconds
    due: Seconds
    due_after: Seconds
    missed: Seconds
    weight: Seconds
    seats: Seconds
    needs_wheelchair: Flags


@dataclass(frozen=True, slots=True)
class Fleet:
    """The vehicles in columns; seconds are from now."""

    points: Points
    free: Seconds
    added: Seconds
    seats: Seconds
    has_wheelchair: Flags
    blocked: Seconds
    off_duty: Seconds
    is_ready: Flags


def calls_in_columns(calls: Sequence[Call], given: Conditions) -> Calls:
    """The calls with their rides measured; asks the router for calls and gates in blocks."""
    points = np.array([(call.lat, call.lon) for call in calls], dtype=np.float64).reshape(-1, 2)
    has_gate = np.array([call.gate_lat is not None for call in calls], dtype=np.bool_)
    ends = np.array([(_or(call.gate_lat, call.lat), _or(call.gate_lon, call.lon)) for call in calls], dtype=np.float64)
    ends = ends.reshape(-1, 2)
    after = _ride_seconds(points, ends, given) + given.gate_walk_seconds
    after = np.where(has_gate, after, 0) + given.boarding_seconds
    has_cutoff = np.array([call.cutoff_at is not None for call in calls], dtype=np.bool_)
    return Calls(
        points, ends, after,
        due=np.array([_due(call, given.now) for call in calls], dtype=np.float64),
        due_after=np.where(has_cutoff, after, 0),
        missed=np.where(has_cutoff, float(MISSED_SECONDS), 0),
        weight=np.array([WEIGHTS.get(call.kind, 1) for call in calls], dtype=np.float64),
        seats=np.array([call.seats for call in calls], dtype=np.float64),
        needs_wheelchair=np.array([call.needs_wheelchair for call in calls], dtype=np.bool_),
    )  # fmt: skip


def fleet_in_columns(vehicles: Sequence[Standby], now: datetime) -> Fleet:
    """The vehicles; one that is busy counts from when it gets free."""
    return Fleet(
        points=np.array([(one.lat, one.lon) for one in vehicles], dtype=np.float64).reshape(-1, 2),
        free=np.array([max((one.free_at - now).total_seconds(), 0) for one in vehicles], dtype=np.float64),
        added=np.array([added_seconds(one, now) for one in vehicles], dtype=np.float64),
        seats=np.array([one.seats for one in vehicles], dtype=np.float64),
        has_wheelchair=np.array([one.has_wheelchair for one in vehicles], dtype=np.bool_),
        blocked=np.array([_until(one.blocked_from, now) for one in vehicles], dtype=np.float64),
        off_duty=np.array([_until(one.off_duty_at, now) for one in vehicles], dtype=np.float64),
        is_ready=np.array([one.is_file_complete and is_on_duty(one, now) for one in vehicles], dtype=np.bool_),
    )


def reach(fleet: Fleet, calls: Calls, given: Conditions) -> Travel:
    """Seconds from now until each vehicle is with each caller, shape (calls, vehicles)."""
    way = given.router.travel(fleet.points, calls.points, given.now, given.is_raining)
    seconds = np.add(way.seconds.T, fleet.free + fleet.added, order="C")
    return Travel(seconds, way.source, way.note)


def is_allowed(reach_seconds: Seconds, fleet: Fleet, calls: Calls) -> Flags:
    """Which vehicle can serve which call, shape (calls, vehicles)."""
    until = np.where(fleet.is_ready, np.minimum(fleet.blocked, fleet.off_duty), -1.0)
    allowed: Flags = reach_seconds <= until - calls.after[:, None]
    allowed &= calls.seats[:, None] <= fleet.seats
    if calls.needs_wheelchair.any():
        allowed[calls.needs_wheelchair] &= fleet.has_wheelchair
    return allowed


def ranks(reach_seconds: Seconds, calls: Calls, loss: Seconds, stay: Seconds | None = None) -> tuple[Seconds, ...]:
    """What a pair costs: lateness and the chance to miss the gate, weighted; minutes to the caller; cover lost. Whole
    numbers of shape (calls, vehicles), the last one (1, vehicles) unless `loss` has a row for each call."""
    seconds = reach_seconds if stay is None else reach_seconds + stay
    late = seconds - (calls.due - calls.due_after)[:, None]
    risk = seconds + calls.due_after[:, None]
    np.maximum(risk, 60, out=risk)
    np.divide(late, risk, out=risk)
    risk *= 0.5 / UNCERTAIN_SHARE
    risk += 0.5
    np.clip(risk, 0, 1, out=risk)
    risk *= calls.missed[:, None]
    np.maximum(late, 0, out=late)
    _squeeze(late, MOST_SECONDS)
    late += risk
    late *= calls.weight[:, None]
    np.ceil(late, out=late)
    minutes = np.divide(seconds, 60, out=risk)
    _squeeze(minutes, MOST_SECONDS / 60)
    np.ceil(minutes, out=minutes)
    return late, minutes, loss if loss.ndim == 2 else loss[None]


def cover_loss(fleet: Fleet, gates: Points | None) -> Seconds:
    """How much the gates lose when a vehicle goes, 0 to COVER_STEPS: each gate near it counts one over how many are
    near; a gate that it covers alone counts whole."""
    if gates is None or not len(gates):
        return np.zeros(len(fleet.points))
    standing = np.flatnonzero(fleet.is_ready & (fleet.free == 0))
    trees = [KDTree(spots(points[:, 0], points[:, 1])) for points in (fleet.points[standing], gates)]
    near = trees[0].sparse_distance_matrix(trees[1], COVER_METRES, output_type="ndarray")
    by_gate = np.bincount(near["j"], minlength=len(gates))
    share = np.bincount(standing[near["i"]], 1 / by_gate[near["j"]], len(fleet.points))
    return np.minimum(np.rint(share * 4), float(COVER_STEPS))


def is_on_duty(vehicle: Standby, now: datetime) -> bool:
    """Whether its duty hours hold."""
    begun = vehicle.on_duty_from is None or vehicle.on_duty_from <= now
    return begun and (vehicle.off_duty_at is None or now < vehicle.off_duty_at)


def fits(call: Call, vehicle: Standby, now: datetime) -> bool:
    """Whether a vehicle drives now and takes whoever calls; its bookings apart."""
    takes = vehicle.seats >= call.seats and (vehicle.has_wheelchair or not call.needs_wheelchair)
    return takes and vehicle.is_file_complete and is_on_duty(vehicle, now)


def is_stale(vehicle: Standby, now: datetime) -> bool:
    """Whether it was heard of, but not lately."""
    return signs.is_stale(vehicle.fixed_at, now)


def added_seconds(vehicle: Standby, now: datetime) -> int:
    """What is added to its way because nobody knows for certain where it is."""
    if vehicle.fixed_at is None:
        return POSTED_ADDED_SECONDS
    return STALE_ADDED_SECONDS if is_stale(vehicle, now) else 0


def _squeeze(values: Seconds, most: float) -> None:
    """Let what exceeds `most` count a sixtieth."""
    if values.max(initial=0) > most:
        far = values > most
        values[far] = most + (values[far] - most) / 60


def _ride_seconds(points: Points, ends: Points, given: Conditions) -> Seconds:
    """From each point to its own end; routers give tables, so a table for every few."""
    seconds = np.empty(len(points))
    for first in range(0, len(points), BLOCK):
        part = slice(first, first + BLOCK)
        table = given.router.travel(points[part], ends[part], given.now, given.is_raining)
        seconds[part] = table.seconds.diagonal()
    return seconds


def _due(call: Call, now: datetime) -> float:
    if call.cutoff_at is not None:
        return (call.cutoff_at - now).total_seconds()
    minutes = REACH_MINUTES.get(call.kind, REACH_MINUTES_ELSE)
    return (call.asked_at - now).total_seconds() + minutes * 60


def _until(at: datetime | None, now: datetime) -> float:
    return NEVER if at is None else (at - now).total_seconds()


def _or(value: float | None, other: float) -> float:
    return other if value is None else value
