"""One press of a button on the driver's page: read, done once, in its own transaction."""

from typing import Any

from stations.fleet.actions.crew import crew_of, go_off_duty, report_well, stand_by
from stations.fleet.actions.rides import take_step
from stations.fleet.queries.rides import get_ride
from stations.fleet.queries.vehicles import VehicleRow, list_posts
from stations.fleet.rules.crew import PRESS_NAMES, REASONS, Press, step_of
from stations.kernel import replay
from stations.kernel.cells import read_whole
from stations.kernel.db import run_in_transaction
from stations.kernel.errors import Invalid
from stations.kernel.forms import CellField, CellForm, HiddenField, choice_reader, read_request_id, text_reader
from stations.kernel.text import _
from stations.web.addresses import LARGEST_ID

BASE = "base"  # where one stands by who is at no gate


def read_post(typed: str) -> int | None:
    """The id of the gate "site/gate", or None for the vehicle's base."""
    if typed == BASE:
        return None
    post = list_posts().get(typed)
    if post is None:
        raise Invalid("gate.unknown", _("There is no such gate."))
    return post.gate_id


def read_ride(typed: str) -> int:
    """The number of a ride."""
    number = read_whole(typed)
    if number > LARGEST_ID:
        raise Invalid("ride.unknown", _("There is no such ride."))
    return number


class PressForm(CellForm):
    """Which button, about which ride, with what; `id` makes a second sending harmless."""

    kind = CellField(_("Button"), choice_reader(PRESS_NAMES, {}), is_required=True)
    ride = CellField(_("Ride"), read_ride)
    reason = CellField(_("Reason"), choice_reader(REASONS, {}))
    code = CellField(_("Hand-over code"), text_reader(8))
    gate = CellField(_("Gate"), read_post)
    id = HiddenField(_("Request id"), read_request_id, is_required=True)


def press_once(form: PressForm, vehicle: VehicleRow) -> replay.Answer:
    """Do what a form says, once however often it comes. Raises Refused."""
    form.require()
    by = crew_of(vehicle).username
    action = f"crew.{form.kind.value} {form.ride.value or ''}".strip()
    return run_in_transaction(lambda: replay.once(form.id.value, action, by, lambda: _do(form, vehicle)))


def _do(form: PressForm, vehicle: VehicleRow) -> dict[str, Any]:
    press = Press(form.kind.value)
    if press is Press.WELL:
        return report_well(vehicle)
    if press is Press.STAND_BY:
        return stand_by(vehicle, form.gate.value)
    if press is Press.OFF_DUTY:
        return go_off_duty(vehicle)
    ride = get_ride(form.ride.value or 0)
    step = step_of(press, ride.state)
    assert step is not None
    return take_step(ride.id, step, crew_of(vehicle), reason=form.reason.value or "", code=form.code.value or "")
