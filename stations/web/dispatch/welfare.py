"""Looking after the crews: I spoke to them, I have seen the alarm, show me their phone."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, request, url_for

from stations.accounts.rules import Actor
from stations.fleet.actions.welfare import note_alarm_seen, note_spoken, reveal_crew_phone
from stations.fleet.queries.vehicles import NO_VEHICLE
from stations.kernel.db import run_in_transaction
from stations.kernel.errors import Invalid, Refused
from stations.kernel.text import Text, _
from stations.web.dispatch.board import draw_with
from stations.web.dispatch.deeds import PressForm
from stations.web.guard import actor, needs
from stations.web.writing import Deed, go, read_path_code, write_once

door = Blueprint("dispatch_welfare", __name__, url_prefix="/dispatch/vehicles")

NO_ALARM: Text = _("This form is incomplete. Please reload the page.")


@door.post("/<code>/spoken")
@needs("fleet.dispatch")
def spoken(code: str) -> Response:
    """The crew says that all is well."""
    vehicle = read_path_code(code, NO_VEHICLE)
    done = _("Noted: you spoke to the crew of %(vehicle)s.", vehicle=vehicle)
    return _press(f"vehicle.spoken {vehicle}", lambda me: note_spoken(vehicle, me), done)


@door.post("/<code>/alarm")
@needs("fleet.dispatch")
def alarm(code: str) -> Response:
    """The alarm of the time that the button names is looked after."""
    vehicle = read_path_code(code, NO_VEHICLE)

    def do(me: Actor) -> dict[str, Any]:
        return note_alarm_seen(vehicle, _read_moment(request.form.get("at", "")), me)

    done = _("The alarm of %(vehicle)s is seen. Call the crew.", vehicle=vehicle)
    return _press(f"vehicle.alarm_seen {vehicle}", do, done)


@door.post("/<code>/phone")
@needs("fleet.dispatch")
def phone(code: str) -> Response:
    """Show the crew's phone once, with the reason that is kept."""
    vehicle = read_path_code(code, NO_VEHICLE)
    form = PressForm(request.form)
    try:
        form.require()
        shown = run_in_transaction(lambda: reveal_crew_phone(vehicle, form.reason.value or "", actor()))
    except Refused as refused:
        return _refuse(refused)
    return draw_with(200, chosen_id=_chosen(), crew_phone=(vehicle, shown))


def _press(action: str, do: Deed, done: Text) -> Response:
    form = PressForm(request.form)
    try:
        form.require()
        write_once(form.request_id.value, action, do, done)
    except Refused as refused:
        return _refuse(refused)
    return go(url_for("dispatch.page", request=_chosen()))


def _refuse(refused: Refused) -> Response:
    if refused.status in (403, 404):
        raise refused
    return draw_with(refused.status, chosen_id=_chosen(), error=refused.message, typed=request.form)


def _chosen() -> int | None:
    return request.form.get("help_id", type=int)


def _read_moment(typed: str) -> datetime:
    try:
        at = datetime.fromisoformat(typed)
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Invalid("alarm.when", NO_ALARM, field="at")
