"""A day for the slider, as compact as it may be: a morning of 251 vehicles is about a megabyte before compression."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache

import msgspec

from stations.fleet.rules.days import DayRequest, DayRide
from stations.fleet.rules.requests import KIND_NAMES
from stations.kernel.geo.datum import Datum, Point, convert
from stations.workflows.replaying import Replay, Track

SCALE = 100_000  # of a degree: about a metre
Shift = Callable[[float, float], tuple[int, int]]


def write_replay(seen: Replay, tracks: Sequence[Track], slots: Sequence[datetime], datum: Datum) -> bytes:
    """JSON, in seconds of Unix time and in degrees * SCALE in the datum of the map:

    {from, until, step, scale,
     vehicles: [[code, plate, lon, lat of its base, [slot, age, lon, lat, then what each is more or less: ...]]],
     requests: [[id, kind, lon or null, lat, [[at, what, slack or null], ...]]],
     rides: [[request, vehicle, from, until or null]]}

    A marker stands where its newest line says, from that slot (`from` + slot * `step`) on; `age` is what the fix was
    old in that moment, in seconds, and is written as it is.
    """
    shift = _shifter(datum)
    start = int(slots[0].timestamp())
    step = int((slots[1] - slots[0]).total_seconds())
    happened: dict[int, list[tuple[int, str, int | None]]] = {}
    for each in seen.happenings:
        line = (int(each.at.timestamp()), each.what, each.slack_seconds)
        happened.setdefault(each.request.id, []).append(line)
    return msgspec.json.encode({
        "from": start,
        "until": int(seen.until.timestamp()),
        "step": step,
        "scale": SCALE,
        "vehicles": [_vehicle(track, start, step, shift) for track in tracks],
        "requests": [_request(row, happened.get(row.id, []), shift) for row in seen.requests],
        "rides": [_ride(ride) for ride in seen.rides],
    })  # fmt: skip


def _vehicle(track: Track, start: int, step: int, shift: Shift) -> list[object]:
    flat: list[int] = []
    before = (0, 0, 0)
    for slot, fixed, lat, lon in track.places:
        x, y = shift(lat, lon)
        flat += (slot - before[0], max(start + slot * step - fixed, 0), x - before[1], y - before[2])
        before = (slot, x, y)
    vehicle = track.vehicle
    return [vehicle.code, vehicle.plate, *shift(vehicle.base_lat, vehicle.base_lon), flat]


def _request(row: DayRequest, happened: list[tuple[int, str, int | None]], shift: Shift) -> list[object]:
    place = (None, None) if row.lat is None or row.lon is None else shift(row.lat, row.lon)
    return [row.id, str(KIND_NAMES[row.kind]), *place, happened]


def _ride(ride: DayRide) -> list[object]:
    end = ride.dropped_off_at or ride.ended_at
    return [
        ride.help_request_id, ride.vehicle, int(ride.offered_at.timestamp()), int(end.timestamp()) if end else None
    ]  # fmt: skip


def _shifter(datum: Datum) -> Shift:
    if datum is Datum.WGS84:
        return lambda lat, lon: (round(lon * SCALE), round(lat * SCALE))

    @cache
    def offset(lat: float, lon: float) -> tuple[float, float]:
        there = convert(Point(lat, lon), Datum.WGS84, datum)
        return there.lon - lon, there.lat - lat

    def shift(lat: float, lon: float) -> tuple[int, int]:
        # The shift of a datum changes by a few centimetres over a hundred metres.
        east, north = offset(round(lat, 3), round(lon, 3))
        return round((lon + east) * SCALE), round((lat + north) * SCALE)

    return shift
