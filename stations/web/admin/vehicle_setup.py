"""Setting up a phone or tracker for a vehicle: a code to scan for each app, and whether anything arrives."""

from base64 import b64encode
from datetime import timedelta
from urllib.parse import urlencode

import msgspec
from flask import Response, render_template, request, url_for

from stations.fleet.actions.devices import renew_key
from stations.fleet.queries.positions import count_ahead, find_device_key, find_marker
from stations.fleet.queries.vehicles import NO_VEHICLE, VehicleRow
from stations.fleet.rules.fixes import age
from stations.fleet.rules.signs import is_silent
from stations.kernel import clock
from stations.kernel.errors import NotFound
from stations.kernel.text import Text, _
from stations.web.admin.vehicle_edit import door
from stations.web.admin.vehicle_page import get_mine
from stations.web.codes import draw_code
from stations.web.driver_links import make_link
from stations.web.guard import actor, needs
from stations.web.writing import go, write_once

__all__ = ["door"]

INTERVAL_SECONDS = 10
DISTANCE_METRES = 20
HEARTBEAT_SECONDS = 60
APPS: dict[str, Text | str] = {
    "beacon": _("the driver's page"), "traccar": "Traccar Client", "osmand": "OsmAnd", "gpslogger": "GPSLogger",
    "owntracks": "OwnTracks", "overland": "Overland",
}  # fmt: skip
RECENTLY = timedelta(hours=1)
READABLE = "q"  # where a quarter is scratched off
SMALLEST = "l"  # these texts are long


@door.get("/<code>/setup")
@needs("fleet.write")
def setup(code: str) -> str:
    """The codes. They hold the key, so they are for who may change the vehicle."""
    vehicle = _get_mine(code)
    key = find_device_key(vehicle.id)
    if key is None:
        raise NotFound("vehicle.unknown", NO_VEHICLE)
    marker, now = find_marker(vehicle.id), clock.now()
    return render_template(
        "admin/vehicle_setup.html",
        vehicle=vehicle,
        codes={name: draw_code(link, SMALLEST) for name, link in _links(vehicle, key).items()},
        driver_link=(driver := make_link(vehicle.id, vehicle.link_no)),
        driver_code=draw_code(driver, READABLE),
        address=url_for("trackers.from_osmand", _external=True),
        key=key,
        body=_body(key),
        marker=marker,
        app_name=APPS.get(marker.fix.source, marker.fix.source) if marker else "",
        position_seconds=round(age(marker.seen_at, now).total_seconds()) if marker else 0,
        is_quiet=marker is not None and is_silent(marker.heard_at, marker.interval_seconds, now),
        is_ahead=count_ahead(vehicle.id, now - RECENTLY) > 0,
    )


@door.post("/<code>/key")
@needs("fleet.write")
def new_key(code: str) -> Response:
    """Another key; whoever has the old one can report no more."""
    vehicle = _get_mine(code)
    done = _("%(vehicle)s has a new key. Set up its phones and trackers again.", vehicle=vehicle.code)
    request_id = request.form.get("request_id")
    write_once(request_id, f"vehicle.key {vehicle.code}", lambda by: renew_key(vehicle.code, by), done)
    return go(url_for(".setup", code=vehicle.code))


def _get_mine(code: str) -> VehicleRow:
    me = actor()
    vehicle = get_mine(code, me)
    me.require("fleet.write", vehicle.path)
    return vehicle


def _links(vehicle: VehicleRow, key: str) -> dict[str, str]:
    """What each app opens to set itself up.

    Sources: traccar-client lib/configuration_service.dart, OwnTracks booklet remoteconfig, Overland README."""
    traccar = {
        "id": key, "interval": INTERVAL_SECONDS, "distance": DISTANCE_METRES, "heartbeat": HEARTBEAT_SECONDS,
        "accuracy": "high",
    }  # fmt: skip
    owntracks = {
        "_type": "configuration", "mode": 3, "url": url_for("trackers.from_owntracks", _external=True), "auth": True,
        "username": vehicle.code, "password": key, "deviceId": vehicle.code, "tid": vehicle.code[-2:],
        "locatorInterval": INTERVAL_SECONDS, "locatorDisplacement": DISTANCE_METRES, "monitoring": 2,
    }  # fmt: skip
    overland = {"url": url_for("trackers.from_overland", _external=True), "token": key, "device_id": vehicle.code}
    return {
        "traccar": f"{url_for('trackers.from_osmand', _external=True)}?{urlencode(traccar)}",
        "owntracks": "owntracks:///config?" + urlencode({"inline": b64encode(msgspec.json.encode(owntracks)).decode()}),
        "overland": "overland://setup?" + urlencode(overland),
    }


def _body(key: str) -> str:
    """What GPSLogger fills in; its speed counts metres a second, which has a name of its own here."""
    return f"id={key}&lat=%LAT&lon=%LON&timestamp=%TIMESTAMP&accuracy=%ACC&speed_mps=%SPD&bearing=%DIR&batt=%BATT"
