"""Where devices report: our beacon, OsmAnd and Traccar, OwnTracks, Overland. A point that is thrown away is answered
with a yes: a phone that hears no sends it for ever, and nothing after it."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import parse_qsl

from flask import Blueprint, Response

from stations.adapters.trackers import beacon, osmand, overland, owntracks
from stations.adapters.trackers.fix import Heard
from stations.fleet.actions.positions import Incoming, drop_outside
from stations.fleet.queries.positions import Device, get_devices
from stations.kernel import clock
from stations.kernel.db import app_memory
from stations.kernel.errors import NotFound
from stations.web.driver.intake import FIXES, get_intake
from stations.web.driver_links import find_vehicle
from stations.web.reading import AnyRequest, this_request

door = Blueprint("trackers", __name__, url_prefix="/t")

LARGEST_BYTES = 2 * 1024 * 1024
LARGEST_OF_STRANGERS = 256 * 1024
MOST_LINKS = 10_000  # remembered, each valid once when it was first seen

Reader = Callable[[bytes, datetime], Heard]


@door.route("/osmand", methods=["GET", "POST", "PUT"], provide_automatic_options=False)
@door.route("/osmand/<key>", methods=["GET", "POST", "PUT"], provide_automatic_options=False)
def from_osmand(key: str | None = None) -> Response:
    """OsmAnd, Traccar Client of every version, GPSLogger. The device's id is its key, or the address ends with it."""
    asked, received_at = this_request(), clock.real_now()
    body = _read_body(asked, key)
    is_json = osmand.is_json(body)
    if is_json:
        heard = osmand.read_body(body, received_at)
    else:
        typed = dict(parse_qsl(body.decode(errors="replace"))) if body else {}
        heard = osmand.read_values(
            asked.args.to_dict() | typed, received_at, "traccar" if asked.method == "POST" else "osmand"
        )
    device = get_devices().by_key.get(heard.device if key is None else key)
    if device is None:
        return _plain("unknown device", 404 if is_json or key else 400)
    return _take(device, heard, received_at, "", "text/plain")


@door.post("/owntracks")
def from_owntracks() -> Response:
    """OwnTracks in HTTP mode; Basic authorization with the key as password."""
    asked, received_at = this_request(), clock.real_now()
    body = _read_body(asked)
    heard = owntracks.read_body(body, received_at)
    headers, args = asked.headers, asked.args
    said = (headers.get("X-Limit-U", ""), args.get("u", ""), heard.device)
    device = _find_by_keys(owntracks.list_names(headers.get("Authorization", ""), *said))
    if device is None:
        return _who()
    if owntracks.is_will(body):
        return _json("[]")
    return _take(device, heard, received_at, "[]", "application/json")


@door.post("/overland")
def from_overland() -> Response:
    """Overland; Bearer authorization with the key, or the key as device id."""
    asked, received_at = this_request(), clock.real_now()
    heard = overland.read_body(_read_body(asked), received_at)
    device = _find_by_keys(owntracks.list_names(asked.headers.get("Authorization", ""), heard.device))
    if device is None:
        return _who()
    return _take(device, heard, received_at, '{"result":"ok"}', "application/json")


@door.post("/beacon")
def from_beacon() -> Response:
    """The driver's page, with the token of its link as Bearer; a device with its key."""
    asked, received_at = this_request(), clock.real_now()
    heard = beacon.read_body(_read_body(asked), received_at)
    token = asked.environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ")
    device = get_devices().by_key.get(token) or _find_by_link(token)
    if device is None:
        return _who()
    return _take(device, heard, received_at, '{"result":"ok"}', "application/json")


def _take(device: Device, heard: Heard, received_at: datetime, said: str, kind: str) -> Response:
    """Queue what was heard; the answer that the client needs."""
    fixes = drop_outside(heard.fixes)
    rejected = heard.rejected + len(heard.fixes) - len(fixes)
    if rejected:
        FIXES.labels("rejected").inc(rejected)
    # A request of which nothing could be used is still a sign of life.
    if not get_intake().put(Incoming(device, received_at, fixes, heard.is_alarm)):
        response = _plain("too many wait", 503)
        response.headers["Retry-After"] = "5"
        return response
    return Response(said, 200, {"Cache-Control": "no-store"}, content_type=kind)


def _read_body(asked: AnyRequest, key: str | None = None) -> bytes:
    """What was sent; less of it from who names no key before, for reading is work that a stranger could ask for."""
    names = owntracks.list_names(asked.headers.get("Authorization", ""), key or "")
    is_known = _find_by_keys(names) is not None
    asked.max_content_length = LARGEST_BYTES if is_known else LARGEST_OF_STRANGERS
    return asked.get_data(cache=False)


def _find_by_keys(names: list[str]) -> Device | None:
    by_key = get_devices().by_key
    return next((by_key[name] for name in names if name in by_key), None)


def _find_by_link(token: str) -> Device | None:
    """The vehicle of a driver's link: its signature is looked at once, whether it is still valid each time."""
    known: dict[str, tuple[int, int]] = app_memory().setdefault("driver_links", {})
    if token not in known:
        try:
            vehicle = find_vehicle(token)
        except NotFound:
            return None
        if len(known) >= MOST_LINKS:
            known.clear()
        known[token] = (vehicle.id, vehicle.link_no)
    vehicle_id, link_no = known[token]
    device = get_devices().by_vehicle.get(vehicle_id)
    return device if device is not None and device.link_no == link_no else None


def _json(said: str) -> Response:
    return Response(said, 200, content_type="application/json")


def _plain(said: str, status: int) -> Response:
    return Response(said, status, mimetype="text/plain")


def _who() -> Response:
    response = _plain("unknown device", 401)
    response.headers["WWW-Authenticate"] = 'Basic realm="bankao"'
    return response
