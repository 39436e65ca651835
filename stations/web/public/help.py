"""Asking for help in three taps, and the asker's own link: state, vehicle, minutes, until it is over."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from flask import Blueprint, Response, make_response, render_template, request, url_for

from stations.fleet.actions.requests import PUBLIC
from stations.fleet.actions.withdrawing import withdraw
from stations.fleet.queries.requests import UNKNOWN, HelpRow, get_request_by_key
from stations.fleet.queries.rides import RideRow, list_rides_of
from stations.fleet.queries.vehicles import VehicleRow, get_vehicle_by_id
from stations.fleet.rules.forecast import Forecast, forecast, minutes_until
from stations.fleet.rules.requests import KIND_NAMES
from stations.fleet.rules.requests import STATE_NAMES as REQUEST_STATES
from stations.fleet.rules.rides import RideState
from stations.fleet.rules.vehicles import KINDS as VEHICLE_KINDS
from stations.kernel import clock, replay
from stations.kernel.db import run_in_transaction
from stations.kernel.errors import NotFound, Refused
from stations.kernel.forms import read_request_id, text_reader
from stations.kernel.geo.datum import Point
from stations.places.queries.anchoring import list_matches
from stations.places.rules.links import list_links
from stations.web.asking import this_atlas
from stations.web.asking_help import HelpForm, ask_once, open_form, picture
from stations.web.caching import cached
from stations.web.limits import limiter
from stations.web.writing import go, mark

door = Blueprint("help", __name__, url_prefix="/help")

ASK_BY_ADDRESS = "30 per minute"
SHOWN_AFTER = timedelta(minutes=5)  # from the end on, how long the page says more than that it is over
PLACES_FRESH_SECONDS = 300
FOUND = 8
_KEY = re.compile(r"[A-Za-z0-9_-]{16,32}")


@dataclass(frozen=True)
class Leg:
    """One vehicle's part: who comes, when, and where to be met where that is another place than the asker named."""

    ride: RideRow
    vehicle: VehicleRow
    expected: Forecast
    meeting_links: list[tuple[object, str]]


@dataclass(frozen=True)
class Asked:
    """A request as its asker sees it. `arrived_at` is when somebody was dropped off."""

    row: HelpRow
    legs: tuple[Leg, ...]
    arrived_at: datetime | None
    is_over: bool

    @property
    def may_call_off(self) -> bool:
        """Whether there is something to call off, and nobody aboard."""
        is_aboard = any(leg.ride.state is RideState.PICKED_UP for leg in self.legs)
        return self.row.is_open and not is_aboard and self.arrived_at is None


@door.get("/ask")
def ask() -> Response:
    """The form, with what the link says of kind, site and place."""
    return _draw_form(open_form(request.args))


@door.post("/ask")
@limiter.limit(ASK_BY_ADDRESS)
def send() -> Response:
    """Take the request; a second tap leads to the same one."""
    form = HelpForm(request.form)
    try:
        key = ask_once(form, PUBLIC).content["key"]
    except Refused as refused:
        mark(form, refused)
        return _draw_form(form, refused.status)
    return go(url_for(".asked", key=key))


@door.get("/places")
def places() -> Response:
    """Names of places that begin or sound like what is typed, for the box where one says where one is."""
    atlas = this_atlas()
    typed = text_reader(80)(request.args.get("q", "").strip())

    def make() -> Response:
        found = [match for match in list_matches(atlas, typed, FOUND) if match.kind != "district"] if typed else []
        content = [{"name": match.name, "where": match.address or match.district} for match in found]
        return Response(msgspec.json.encode({"places": content}), mimetype="application/json")

    return cached(atlas.revision, PLACES_FRESH_SECONDS, make)


@door.get("/r/<key>")
def asked(key: str) -> Response:
    """The asker's page."""
    return _draw_asked(_look(key))


@door.get("/r/<key>/now")
def now(key: str) -> Response:
    """Its part that changes."""
    return _keep_to_oneself(make_response(_render("public/_asked.html", _look(key))))


@door.post("/r/<key>/cancel")
@limiter.limit(ASK_BY_ADDRESS)
def cancel(key: str) -> Response:
    """Call it off, once."""
    _check_key(key)
    try:
        claimed, row = read_request_id(request.form.get("request_id", "")), get_request_by_key(key)
        run_in_transaction(lambda: replay.once(claimed, f"help.withdraw {row.id}", PUBLIC, lambda: withdraw(key)))
    except NotFound:
        raise
    except Refused as refused:
        return _draw_asked(_look(key), refused)
    return go(url_for(".asked", key=key))


def _draw_form(form: HelpForm, status: int = 200) -> Response:
    page = render_template("public/ask.html", asking=picture(form), kinds=KIND_NAMES)
    return _keep_to_oneself(make_response(page, status))


def _draw_asked(shown: Asked, refused: Refused | None = None) -> Response:
    page = _render("public/asked.html", shown, refusal=refused and refused.message)
    return _keep_to_oneself(make_response(page, refused.status if refused else 200))


def _render(template: str, shown: Asked, **more: object) -> str:
    return render_template(
        template, asked=shown, kinds=KIND_NAMES, states=REQUEST_STATES, vehicle_kinds=VEHICLE_KINDS,
        minutes_until=minutes_until, **more,
    )  # fmt: skip


def _look(key: str) -> Asked:
    _check_key(key)
    row = get_request_by_key(key)
    is_over = not row.is_open and (row.closed_at is None or clock.now() - row.closed_at > SHOWN_AFTER)
    if not row.is_open:
        return Asked(row, (), None, is_over)
    legs = tuple(_leg(ride, row) for ride in row.rides)
    dropped = [] if legs else [ride.dropped_off_at for ride in list_rides_of(row.id) if ride.dropped_off_at]
    return Asked(row, legs, max(dropped, default=None), is_over)


def _leg(ride: RideRow, row: HelpRow) -> Leg:
    started_at = ride.en_route_at or ride.accepted_at or ride.offered_at
    if ride.state is RideState.ACCEPTED and row.wanted_at is not None:
        started_at = row.wanted_at - timedelta(seconds=ride.reach_seconds)
    expected = forecast(
        started_at, ride.picked_up_at, ride.reach_seconds, ride.ride_seconds, row.cutoff_at, clock.now()
    )
    links: list[tuple[object, str]] = []
    is_elsewhere = (ride.pickup_lat, ride.pickup_lon) != (row.lat, row.lon)
    is_to_meet = is_elsewhere and ride.leg == 1 and ride.state is not RideState.PICKED_UP
    if ride.pickup_lat is not None and ride.pickup_lon is not None and is_to_meet:
        links = [*list_links(Point(ride.pickup_lat, ride.pickup_lon), ride.pickup_place)]
    return Leg(ride, get_vehicle_by_id(ride.vehicle_id), expected, links)


def _check_key(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise NotFound("request.unknown", UNKNOWN)


def _keep_to_oneself(response: Response) -> Response:
    """Nobody's cache and nobody's index."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
