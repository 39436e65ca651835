"""A day of the fleet as it was: what happened, and where the vehicles were."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from stations.fleet.optimizer.rows import REACH_MINUTES
from stations.fleet.queries.days import list_day_requests, list_day_rides
from stations.fleet.queries.tracks import TrackVehicle, list_slots, list_thinned, list_track_vehicles, thinning
from stations.fleet.rules.days import DayRequest, DayRide, Happening, in_order, list_happenings
from stations.kernel import clock
from stations.kernel.db import setting
from stations.seasons.queries import get_calendar
from stations.workflows.dispatching import get_conditions

DAY = timedelta(days=1)
MARGIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Replay:
    """What happened on a day, in order of time; `since` and `until` are what a slider goes over."""

    day: date
    requests: list[DayRequest]
    rides: list[DayRide]
    happenings: list[Happening]
    since: datetime
    until: datetime
    are_tracks_erased: bool


@dataclass(frozen=True, slots=True)
class Track:
    """A vehicle and where its marker stood: (slot, second of Unix time of the fix, latitude, longitude), a line for
    each slot at which it was another one."""

    vehicle: TrackVehicle
    places: list[tuple[int, int, float, float]]


def day_span(day: date) -> tuple[datetime, datetime]:
    """From midnight to midnight in the season's zone."""
    midnight = datetime.combine(day, time(), get_calendar().zone)
    return midnight, datetime.combine(day + DAY, time(), get_calendar().zone)


def replay(day: date, paths: Sequence[str]) -> Replay:
    """The day below any of `paths`, in two SELECTs."""
    begin, end = day_span(day)
    requests, rides = list_day_requests(paths, begin, end), list_day_rides(paths, begin, end)
    walk = get_conditions(begin, get_calendar()).gate_walk_seconds
    by_request: dict[int, list[DayRide]] = {}
    for ride in rides:
        by_request.setdefault(ride.help_request_id, []).append(ride)
    all_of_them = (
        each
        for request in requests
        for each in list_happenings(request, by_request.get(request.id, []), _due_at(request), walk)
    )
    happenings = list(in_order(all_of_them, begin, end))
    now = clock.now()
    since = (happenings[0].at if happenings else begin) - MARGIN
    until = (happenings[-1].at if happenings else begin) + MARGIN
    if begin <= now < end and any(request.closed_at is None for request in requests):
        until = max(until, now)
    erased = now - begin > timedelta(days=setting("keep_days"))
    return Replay(day, requests, rides, happenings, since, until, erased)


def list_tracks(seen: Replay, paths: Sequence[str]) -> tuple[list[Track], list[datetime]]:
    """The vehicles below any of `paths` with their tracks, and the moments of the slots."""
    vehicles = list_track_vehicles(paths, seen.since)
    slots = list_slots(seen.since, seen.until, thinning(len(vehicles), seen.since, seen.until))
    places: dict[int, list[tuple[int, int, float, float]]] = {}
    for vehicle_id, rows in groupby(list_thinned(paths, slots), key=lambda row: row[1]):
        listed, last = places.setdefault(vehicle_id, []), None
        for fix_id, _vehicle, fixed, lat, lon, slot in rows:
            if fix_id != last:
                listed.append((slot, fixed, lat, lon))
                last = fix_id
    return [Track(vehicle, places.get(vehicle.id, [])) for vehicle in vehicles], slots


def _due_at(request: DayRequest) -> datetime | None:
    minutes = REACH_MINUTES.get(request.kind)
    if request.cutoff_at is None and minutes is not None:
        return request.asked_at + timedelta(minutes=minutes)
    return request.cutoff_at
