"""The dispatch board: open requests in the order of their slack, the vehicles that could go, who goes where."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from stations.accounts.rules import Actor
from stations.adapters.router import OsrmRouter, Points, Router
from stations.config import ROOT
from stations.fleet.actions.bookings import book
from stations.fleet.actions.requests import get_mine
from stations.fleet.actions.rides import EARLY, OfferOrder, Spot, check_fits, offer
from stations.fleet.optimizer.dispatching import best, propose
from stations.fleet.optimizer.rows import REACH_MINUTES, Call, Candidate, Choice, Conditions, Standby
from stations.fleet.queries.board import BoardVehicle, list_board_vehicles
from stations.fleet.queries.requests import UNKNOWN, HelpRow, list_open_requests, lock_request
from stations.fleet.queries.vehicles import NO_VEHICLE, lock_vehicle
from stations.fleet.rules.bookings import BookingKind, BookingOrder
from stations.fleet.rules.rides import SPARE, RideState, is_unanswered
from stations.fleet.rules.slack import Slack, slack
from stations.fleet.rules.travel import BuiltIn, Speeds, read_speeds
from stations.fleet.rules.vehicles import VehicleFile, missing_in_file
from stations.kernel import clock
from stations.kernel.db import app_memory, attempt, setting
from stations.kernel.errors import NotFound, Refused
from stations.kernel.text import Text, _
from stations.places.queries.atlas import get_atlas
from stations.seasons.queries import Calendar, get_calendar
from stations.workflows.under_way import still_to_go

CANDIDATES = 3


@dataclass(frozen=True, slots=True)
class QueueLine:
    """An open request in the queue. `margin_seconds` is what would be left at the cut-off by the ride that it has or
    that is proposed (`proposed`); None while nobody can tell."""

    request: HelpRow
    slack: Slack
    margin_seconds: int | None
    proposed: Candidate | None
    is_unanswered: bool
    is_later: bool

    @property
    def is_waiting(self) -> bool:
        """Whether a vehicle has to be found."""
        is_free = not self.request.rides and not self.request.has_arrived
        return is_free or self.is_unanswered or self.request.meeting is not None


@dataclass(frozen=True, slots=True)
class Board:
    """What the board shows, as of `at`; `source` and `note` say whose travel times these are."""

    lines: tuple[QueueLine, ...]
    vehicles: tuple[BoardVehicle, ...]
    at: datetime
    source: str
    note: Text | None

    def find_line(self, request_id: int) -> QueueLine | None:
        """The line of that request."""
        return next((line for line in self.lines if line.request.id == request_id), None)


def look(paths: Sequence[str]) -> Board:
    """The board of what lies below any of `paths`, in two SELECTs. Who sits in a vehicle that was seen lately is judged
    by where it is, else by what was promised."""
    now, calendar = clock.now(), get_calendar()
    requests = list_open_requests(paths)
    vehicles = list_board_vehicles(paths, now)
    given = get_conditions(now, calendar)
    waiting = [row for row in requests if is_waiting(row, now) and row.point]
    calls = [as_call(row) for row in waiting if row.booked_vehicle is None]
    proposal = propose(calls, [as_standby(v, now, calendar.zone) for v in vehicles], given)
    proposed = {int(ride.call): ride for ride in proposal.rides}
    for row in waiting:
        if row.booked_vehicle is not None:
            kept = [v for v in vehicles if v.code == row.booked_vehicle]
            proposed.update(
                (row.id, one) for one in best(as_call(row), standing_for(row, kept, now, calendar.zone), given).best
            )
    to_go = still_to_go(requests, vehicles, given)
    lines = [_line(row, proposed.get(row.id), to_go.get(row.id), given) for row in requests]
    return Board(tuple(sorted(lines, key=_urgency)), tuple(vehicles), now, proposal.source, proposal.note)


def choose_vehicle(row: HelpRow, board: Board, limit: int = CANDIDATES) -> Choice:
    """The best free vehicles for a request, and why the others were passed over."""
    calendar = get_calendar()
    free = standing_for(row, [v for v in board.vehicles if v.ride_id is None], board.at, calendar.zone)
    return best(as_call(row), free, get_conditions(board.at, calendar), limit)


def promise(request_id: int, vehicle: str, paths: Sequence[str]) -> OfferOrder:
    """What a vehicle would promise for a request now. To be asked for before the write: a server of travel times may
    take its time."""
    board = look(paths)
    line = board.find_line(request_id)
    if line is None:
        raise NotFound("request.unknown", UNKNOWN)
    if line.request.point is None:
        raise Refused("help.nowhere", _("Nobody knows yet where they are. Ask, and set the place first."))
    known = next((each for each in board.vehicles if each.code == vehicle), None)
    if known is None:
        raise NotFound("vehicle.unknown", NO_VEHICLE)
    calendar = get_calendar()
    one = standing_for(line.request, [known], board.at, calendar.zone)
    choice = best(as_call(line.request), one, get_conditions(board.at, calendar), 1)
    found = choice.best[0] if choice.best else None  # the action says what is wrong with it
    reach, ride = (found.reach_seconds, found.ride_seconds) if found else (0, 0)
    meeting = line.request.meeting
    leg, pickup = (2, Spot(*meeting)) if meeting else (1, None)
    return OfferOrder(request_id, vehicle, reach, ride, choice.source, leg, pickup)


def promise_all(paths: Sequence[str]) -> list[OfferOrder]:
    """What the proposed vehicles would promise, one each."""
    board = look(paths)
    busy = {vehicle.code for vehicle in board.vehicles if vehicle.ride_id is not None}
    orders = []
    for line in board.lines:
        found = line.proposed
        if found is not None and found.vehicle not in busy and line.request.meeting is None:
            busy.add(found.vehicle)
            order = OfferOrder(line.request.id, found.vehicle, found.reach_seconds, found.ride_seconds, board.source)
            orders.append(order)
    return orders


def send(order: OfferOrder, actor: Actor) -> dict[str, Any]:
    """Offer the ride now or, where it is wanted later, keep the vehicle's time for it."""
    lock_request(order.help_request_id)
    row = get_mine(order.help_request_id, actor)
    if row.wanted_at is None or row.wanted_at - clock.now() <= EARLY:
        return offer(order, actor)
    if not row.is_open:
        raise Refused("help.over", _("This request is over."))
    check_fits(lock_vehicle(order.vehicle), row, row.wanted_at)
    if row.booked_vehicle is not None:
        raise Refused("help.booked", _("%(vehicle)s is booked for it already.", vehicle=row.booked_vehicle))
    starts_at = row.wanted_at - timedelta(seconds=order.reach_seconds)
    ends_at = row.wanted_at + timedelta(seconds=order.ride_seconds) + SPARE
    return book(
        BookingOrder(order.vehicle, BookingKind.BOOKED, starts_at, ends_at, row.site_name, row.id), actor
    )  # fmt: skip


def offer_all(orders: Sequence[OfferOrder], actor: Actor) -> dict[str, Any]:
    """Offer them all; a request or a vehicle that somebody took meanwhile is left as it is."""
    sent, left = [], []
    for order in orders:
        try:
            with attempt():
                offer(order, actor)
            sent.append(order.help_request_id)
        except Refused:
            left.append(order.help_request_id)
    return {"sent": sent, "left": left}


def get_conditions(now: datetime, calendar: Calendar) -> Conditions:
    """What holds for all pairs of now."""
    speeds = _speeds()
    return Conditions(
        now, get_router(calendar.zone), boarding_seconds=speeds.boarding_seconds,
        gate_walk_seconds=speeds.gate_walk_seconds, gates=list_gates(calendar),
    )  # fmt: skip


def get_router(zone: ZoneInfo) -> Router:
    """The configured server of travel times, with the built-in reckoning behind it; one a process."""
    memory = app_memory()
    known: Router | None = memory.get("router")
    if known is None:
        built_in = BuiltIn(_speeds(), zone)
        url = setting("osrm_url")
        known = memory.setdefault("router", OsrmRouter(url, built_in) if url else built_in)
    return known


def list_gates(calendar: Calendar) -> Points:
    """Where every exam site is entered, shape (n, 2)."""
    starts = [start for site in get_atlas(calendar.zone).sites.values() for start in site.starts]
    return np.array(starts, dtype=np.float64).reshape(-1, 2)


@cache
def _speeds() -> Speeds:
    return read_speeds((ROOT / "data" / "travel_speeds.csv").read_text(encoding="utf-8").splitlines())


def is_waiting(row: HelpRow, now: datetime) -> bool:
    """Whether a vehicle has to be found now."""
    if row.wanted_at is not None and row.wanted_at - now > EARLY:
        return False
    if row.has_arrived:
        return False
    return row.meeting is not None or all(is_unanswered(ride.state, ride.offered_at, now) for ride in row.rides)


def as_call(row: HelpRow) -> Call:
    """A request as the optimizer sees it; one whose place is unknown is taken to be at its gate."""
    lat, lon = row.meeting[1] if row.meeting else row.point or (row.to_lat, row.to_lon)
    return Call(
        str(row.id), row.kind.value, lat, lon, row.asked_at, row.to_lat, row.to_lon, row.cutoff_at, row.seats,
        row.needs_wheelchair,
    )  # fmt: skip


def as_standby(row: BoardVehicle, now: datetime, zone: ZoneInfo) -> Standby:
    """A vehicle as the optimizer sees it: busy ones where and when they get free."""
    midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
    file = VehicleFile(row.licence_until, row.registration_until, row.insurance_until, row.driver_checked_on)
    point, free_at = free_from(row, now)
    off_at = midnight + timedelta(minutes=row.duty_until_minute)
    return Standby(
        row.code, *point, row.seen_at, free_at, row.seats, row.has_wheelchair, row.booked_from,
        midnight + timedelta(minutes=row.duty_from_minute), off_at if row.state == "standby" else now,
        not missing_in_file(file, midnight.date()),
    )  # fmt: skip


def standing_for(row: HelpRow, vehicles: Sequence[BoardVehicle], now: datetime, zone: ZoneInfo) -> list[Standby]:
    """Vehicles as one request finds them: the one whose time is kept for it is not booked for anybody else."""
    found = [as_standby(vehicle, now, zone) for vehicle in vehicles]
    return [replace(one, blocked_from=None) if one.id == row.booked_vehicle else one for one in found]


def free_from(row: BoardVehicle, now: datetime) -> tuple[tuple[float, float], datetime]:
    """Where and when a vehicle has done the ride that it is on; here and now without one."""
    if row.ride_offered_at is None or row.dropoff_lat is None or row.dropoff_lon is None:
        return row.point, now
    left = timedelta(seconds=(row.ride_ride_seconds or 0))
    begins = row.ride_picked_up_at or row.ride_offered_at + timedelta(seconds=row.ride_reach_seconds or 0)
    return (row.dropoff_lat, row.dropoff_lon), max(begins + left, now)


def _line(row: HelpRow, proposed: Candidate | None, to_go: float | None, given: Conditions) -> QueueLine:
    now = given.now
    reach, ride = (0, to_go) if to_go is not None else _promise(row, proposed, now)
    unanswered = any(is_unanswered(ride.state, ride.offered_at, now) for ride in row.rides)
    after = 0 if row.cutoff_at is None else given.gate_walk_seconds if ride is None else ride
    found = slack(_due_at(row), now, reach or 0, after, 0)
    margin = None if reach is None or found.seconds is None else found.seconds
    is_later = row.wanted_at is not None and row.wanted_at - now > EARLY
    return QueueLine(row, found, margin, proposed, unanswered, is_later)


def _due_at(row: HelpRow) -> datetime | None:
    """When they must be in, or when somebody who is unwell should have been reached."""
    minutes = REACH_MINUTES.get(row.kind)
    return row.asked_at + timedelta(minutes=minutes) if row.cutoff_at is None and minutes else row.cutoff_at


def _promise(row: HelpRow, proposed: Candidate | None, now: datetime) -> tuple[float | None, float | None]:
    """Seconds until the vehicle is there and for the ride to inside the gate, of the ride that is on, else of the
    proposed one."""
    if not row.rides or all(is_unanswered(ride.state, ride.offered_at, now) for ride in row.rides):
        return (proposed.reach_seconds, proposed.ride_seconds) if proposed else (None, None)
    ride = row.rides[-1]
    if ride.state is RideState.PICKED_UP and ride.picked_up_at is not None:
        gone = (now - ride.picked_up_at).total_seconds()
        return 0, max(ride.ride_seconds - gone, 0)
    gone = (now - ride.offered_at).total_seconds()
    return max(ride.reach_seconds - gone, 0), ride.ride_seconds


def _urgency(line: QueueLine) -> tuple[int, float, datetime, int]:
    """Offers that nobody answered first, then what waits, then what is under way; each by its slack."""
    rank = 3 if line.is_later else 0 if line.is_unanswered else 1 if line.is_waiting else 2
    seconds = line.slack.seconds
    return rank, float("inf") if seconds is None else seconds, line.request.asked_at, line.request.id
