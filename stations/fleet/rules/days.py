"""A day of the fleet looked back at: what happened when, and how much time was left then."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from stations.fleet.rules.requests import HelpKind, RequestState
from stations.fleet.rules.rides import STATE_NAMES, RideState
from stations.fleet.rules.slack import Band, slack
from stations.kernel.text import Text, _

ASKED, OVER = "asked", "over"
STEP_NAMES: dict[str, Text] = {
    ASKED: _("Asked for help"),
    OVER: _("Request closed"),
    **{state: name for state, name in STATE_NAMES.items() if state is not RideState.CLOSED},
}
ENDS = frozenset({RideState.REFUSED, RideState.CANCELLED, RideState.HANDED_OVER})


@dataclass(frozen=True, slots=True)
class DayRequest:
    """A request as it is kept: without a phone, and once it is erased without a place. `to_*` is its gate's."""

    id: int
    kind: HelpKind
    state: RequestState
    asked_at: datetime
    wanted_at: datetime | None
    cutoff_at: datetime | None
    site: str
    site_name: str
    gate: str
    to_lat: float
    to_lon: float
    place: str
    lat: float | None
    lon: float | None
    closed_at: datetime | None
    outcome: str
    is_erased: bool


@dataclass(frozen=True, slots=True)
class DayRide:
    """A ride with the time of each step."""

    id: int
    help_request_id: int
    leg: int
    vehicle: str
    plate: str
    state: RideState
    offered_by: str
    offered_at: datetime
    accepted_at: datetime | None
    en_route_at: datetime | None
    picked_up_at: datetime | None
    dropped_off_at: datetime | None
    ended_at: datetime | None
    end_reason: str
    reach_seconds: int
    ride_seconds: int
    travel_source: str


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened; `what` is of STEP_NAMES. `slack_seconds` is what was left to act at that moment: of the
    ride that was promised, else to the cut-off; None without one."""

    at: datetime
    what: str
    request: DayRequest
    vehicle: str
    reason: str
    slack_seconds: int | None
    band: Band


def list_steps(ride: DayRide) -> list[tuple[datetime, RideState]]:
    """The steps of a ride in their order; setting out at once counts as accepting."""
    steps = [
        (ride.offered_at, RideState.OFFERED),
        (ride.accepted_at, RideState.ACCEPTED),
        (None if ride.en_route_at == ride.accepted_at else ride.en_route_at, RideState.EN_ROUTE),
        (ride.picked_up_at, RideState.PICKED_UP),
        (ride.dropped_off_at, RideState.DROPPED_OFF),
        (ride.ended_at if ride.state in ENDS else None, ride.state),
    ]
    return [(at, state) for at, state in steps if at is not None]


def list_happenings(
    request: DayRequest, rides: Sequence[DayRide], due_at: datetime | None, gate_walk_seconds: int
) -> list[Happening]:
    """What happened to a request. It must be at the gate, or be reached, by `due_at`."""
    walk = gate_walk_seconds if request.cutoff_at else 0

    def happen(at: datetime, what: str, vehicle: str, reason: str, need: float | None) -> Happening:
        left = slack(None if need is None else due_at, at, need or 0, 0, 0)
        return Happening(at, what, request, vehicle, reason, left.seconds, left.band)

    found = [happen(request.asked_at, ASKED, "", "", walk)]
    for ride in rides:
        for at, state in list_steps(ride):
            need: float | None = _need(ride, state, at, walk)
            if request.cutoff_at is None and state in (RideState.PICKED_UP, RideState.DROPPED_OFF):
                need = None  # reached: nothing runs against a clock any more
            found.append(happen(at, state.value, ride.vehicle, ride.end_reason if state in ENDS else "", need))
    if request.closed_at is not None:
        found.append(happen(request.closed_at, OVER, "", request.outcome, None))
    return found


def _need(ride: DayRide, state: RideState, at: datetime, walk: int) -> float:
    """Seconds from a step to inside the gate."""
    if state is RideState.DROPPED_OFF:
        return 0
    if state is RideState.HANDED_OVER or state is RideState.PICKED_UP:
        return max(ride.ride_seconds - (at - (ride.picked_up_at or at)).total_seconds(), 0)
    if state in ENDS:
        return walk
    return max(ride.reach_seconds - (at - ride.offered_at).total_seconds(), 0) + ride.ride_seconds


def in_order(happenings: Iterable[Happening], since: datetime, until: datetime) -> Iterator[Happening]:
    """Those of a span, by time."""
    ranks = list(STEP_NAMES)
    listed = (each for each in happenings if since <= each.at < until)
    return iter(sorted(listed, key=lambda each: (each.at, each.request.id, each.what == OVER, ranks.index(each.what))))
