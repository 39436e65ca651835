"""What a driver's page shows: the ride that binds the vehicle, else where it stands by. What is over is gone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import dist

from stations.fleet.actions.crew import crew_of, note_phone_shown
from stations.fleet.queries.positions import find_marker
from stations.fleet.queries.requests import HelpRow, get_request
from stations.fleet.queries.rides import RideRow, find_live_ride
from stations.fleet.queries.vehicles import VehicleRow, list_posts
from stations.fleet.rules.crew import NEXT_PRESSES, Press
from stations.fleet.rules.forecast import Forecast, forecast
from stations.fleet.rules.requests import HelpKind
from stations.fleet.rules.rides import OFFER, RideState
from stations.kernel import clock, replay
from stations.kernel.db import app_memory, run_in_transaction
from stations.kernel.geo.chord import spot
from stations.kernel.geo.datum import Point
from stations.places.rules.links import list_links
from stations.web.driver.presses import BASE

NEAR_POSTS = 8
KNOWS_PHONE = frozenset({RideState.ACCEPTED, RideState.EN_ROUTE, RideState.PICKED_UP})

Links = list[tuple[object, str]]


@dataclass(frozen=True)
class Task:
    """A live ride as its crew needs it. `phone` is empty until they have accepted; `other` is the other vehicle of a
    relay; `has_target` is False where the asker says on the way where to go."""

    ride: RideRow
    row: HelpRow
    presses: tuple[Press, ...]
    seconds_left: int
    expected: Forecast
    phone: str
    pickup_links: Links
    dropoff_links: Links
    other: RideRow | None
    has_target: bool

    @property
    def is_offer(self) -> bool:
        """Whether it waits for an answer."""
        return self.ride.state is RideState.OFFERED

    @property
    def needs_code(self) -> bool:
        """Whether picking up is taking over from another vehicle, which has a code."""
        return self.ride.leg == 2 and self.other is not None

    @property
    def gives_code(self) -> bool:
        """Whether this vehicle hands over to another one."""
        return self.ride.leg == 1 and self.other is not None and not self.is_offer


@dataclass(frozen=True)
class Sheet:
    """The whole page. `here` is where the vehicle is as far as anybody knows, in WGS-84 degrees."""

    vehicle: VehicleRow
    task: Task | None
    here: tuple[float, float]

    @property
    def post_key(self) -> str:
        """Where it stands by now."""
        return f"{self.vehicle.site}/{self.vehicle.gate}" if self.vehicle.gate_id else BASE


def make_sheet(vehicle: VehicleRow) -> Sheet:
    """Gather it."""
    marker = find_marker(vehicle.id)
    here = (marker.fix.lat, marker.fix.lon) if marker else vehicle.post
    ride = find_live_ride(vehicle.id)
    return Sheet(vehicle, _task(ride, vehicle) if ride else None, here)


def _task(ride: RideRow, vehicle: VehicleRow) -> Task:
    row, now = get_request(ride.help_request_id), clock.now()
    other = next((leg for leg in row.rides if leg.id != ride.id), None)
    started_at = ride.en_route_at or ride.accepted_at or now
    presses = NEXT_PRESSES[ride.state]
    if ride.leg == 1 and other is not None:
        presses = tuple(press for press in presses if press is not Press.DROP_OFF)
    has_target = row.kind is not HelpKind.RIDE_HOME
    return Task(
        ride=ride, row=row, presses=presses, other=other, has_target=has_target,
        seconds_left=_seconds_left(ride, now),
        expected=forecast(started_at, ride.picked_up_at, ride.reach_seconds, ride.ride_seconds, row.cutoff_at, now),
        phone=_phone(ride, row, vehicle),
        pickup_links=_links(ride.pickup_lat, ride.pickup_lon, ride.pickup_place),
        dropoff_links=_links(ride.dropoff_lat, ride.dropoff_lon, ride.dropoff_place) if has_target else [],
    )  # fmt: skip


def _seconds_left(ride: RideRow, now: datetime) -> int:
    """How long the offer still stands; another machine's clock makes it no longer than it is."""
    return int(min(max(ride.offered_at + OFFER - now, timedelta(0)), OFFER).total_seconds())


def _phone(ride: RideRow, row: HelpRow, vehicle: VehicleRow) -> str:
    """The asker's phone, while this vehicle is on its way for them; that it was shown is kept once a ride."""
    if not row.phone or ride.state not in KNOWS_PHONE:
        return ""
    kept: set[int] = app_memory().setdefault("phones_shown", set())
    if ride.id not in kept:
        by = crew_of(vehicle).username
        run_in_transaction(
            lambda: replay.once(
                f"phone-shown-{ride.id}", "ride.phone_shown", by,
                lambda: note_phone_shown(vehicle, row.id, ride.id, row.path),
            )
        )  # fmt: skip
        kept.add(ride.id)
    return row.phone


def _links(lat: float | None, lon: float | None, name: str) -> Links:
    return [*list_links(Point(lat, lon), name, by_car=True)] if lat is not None and lon is not None else []


def list_near_posts(sheet: Sheet) -> dict[str, str]:
    """Where a vehicle may stand by, by key: the gates nearest to where it is and the one where it stands by; what each
    is called, with the kilometres in a straight line."""
    posts, here = list_posts(), spot(*sheet.here)
    far = {key: dist(here, spot(post.lat, post.lon)) / 1000 for key, post in posts.items()}
    nearest = sorted(far, key=lambda key: far[key])
    shown = [key for n, key in enumerate(nearest) if n < NEAR_POSTS or posts[key].gate_id == sheet.vehicle.gate_id]
    return {key: f"{posts[key].site_name} {posts[key].name} · {far[key]:.1f} km" for key in shown}
