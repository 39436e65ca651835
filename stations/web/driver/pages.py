"""The driver's page: a signed link, no login; four buttons, where to go, whom to call, until the ride is over."""

from typing import Any

import msgspec
from flask import Blueprint, Response, make_response, render_template, request, url_for

from stations.fleet.queries.vehicles import VehicleRow
from stations.fleet.rules.crew import FOUR, PRESS_NAMES, REASONS, Press
from stations.fleet.rules.forecast import minutes_until
from stations.fleet.rules.requests import KIND_NAMES
from stations.fleet.rules.rides import STATE_NAMES
from stations.kernel import clock
from stations.kernel.db import setting
from stations.kernel.errors import Refused
from stations.web.context import shown_time
from stations.web.driver.picture import Sheet, list_near_posts, make_sheet
from stations.web.driver.presses import PressForm, press_once
from stations.web.driver_links import find_vehicle
from stations.web.errors import TITLES, problem
from stations.web.outboxes import read_entries, settle
from stations.web.writing import go

door = Blueprint("driver", __name__, url_prefix="/d")


@door.get("/<token>")
def page(token: str) -> Response:
    """The page of a vehicle's crew."""
    return _draw(token, find_vehicle(token))


@door.get("/<token>/now")
def now(token: str) -> Response:
    """The page as it stands, for one that is open."""
    return _send(find_vehicle(token), [])


@door.post("/<token>/press")
def press(token: str) -> Response:
    """One button, from a plain form."""
    vehicle = find_vehicle(token)
    try:
        press_once(PressForm(request.form), vehicle)
    except Refused as refused:
        return _draw(token, find_vehicle(token), refused)
    return go(url_for(".page", token=token))


@door.post("/<token>/presses")
def presses(token: str) -> Response:
    """A phone's outbox: a JSON list of presses, done in their order, each by itself."""
    vehicle = find_vehicle(token)
    try:
        results = settle(read_entries(), lambda fields: press_once(PressForm(fields), vehicle).is_replay)
    except Refused as refused:
        return problem(refused.status, refused.code, TITLES[refused.status], refused.message, None)
    return _send(find_vehicle(token), results)


def _draw(token: str, vehicle: VehicleRow, refused: Refused | None = None) -> Response:
    sheet = make_sheet(vehicle)
    posts = list_near_posts(sheet)
    said = {"refusal": refused and refused.message, "keep_days": setting("keep_days")}
    page = _render("driver/page.html", sheet, token=token, posts=posts, **said)
    response = make_response(page, refused.status if refused else 200)
    response.headers["Driver-Vehicle"] = vehicle.code
    return _keep_to_oneself(response)


def _send(vehicle: VehicleRow, results: list[dict[str, Any]]) -> Response:
    sheet, at = make_sheet(vehicle), clock.now()
    task = sheet.task
    content = {
        "results": results,
        "person": vehicle.code,
        "token": "",
        "now": at.isoformat(),
        "as_of": shown_time(at),
        "position": 0,
        "html": _render("driver/_task.html", sheet, token=request.view_args and request.view_args["token"]),
        "ride": None if task is None else {
            "id": task.ride.id, "state": task.ride.state.value, "seconds_left": task.seconds_left,
            "presses": [one.value for one in task.presses],
        },
    }  # fmt: skip
    return _keep_to_oneself(Response(msgspec.json.encode(content), mimetype="application/json"))


def _render(template: str, sheet: Sheet, **more: object) -> str:
    return render_template(
        template, sheet=sheet, press_names=PRESS_NAMES, reasons=REASONS, kinds=KIND_NAMES, ride_states=STATE_NAMES,
        four=FOUR, minutes_until=minutes_until, set_out=Press.SET_OUT, **more,
    )  # fmt: skip


def _keep_to_oneself(response: Response) -> Response:
    """Nobody's cache and nobody's index."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
