"""Adding a vehicle, changing its file, voiding its links, taking it off the list."""

from dataclasses import replace

from flask import Response, make_response, request, url_for

from stations.fleet.actions.vehicles import NOTHING_YET, archive_vehicle, new_link, save_vehicle
from stations.fleet.forms import VehicleForm
from stations.fleet.queries.vehicles import VehicleRow, vehicle_order
from stations.fleet.rules.vehicles import VehicleOrder
from stations.kernel.errors import Invalid, Refused
from stations.kernel.text import _
from stations.web.admin.vehicle_page import draw_vehicle, get_mine
from stations.web.admin.vehicles import door
from stations.web.context import new_request_id
from stations.web.guard import actor, needs
from stations.web.writing import go, mark, say, write_once

__all__ = ["door"]


@door.get("/new")
@needs("fleet.write")
def new() -> str:
    """An empty form."""
    return draw_vehicle(None, actor())


@door.post("/new")
@needs("fleet.write")
def create() -> Response:
    """Add it."""
    return _save(None)


@door.get("/<code>")
@needs("fleet.read")
def edit(code: str) -> str:
    """The vehicle as it stands."""
    me = actor()
    return draw_vehicle(get_mine(code, me), me)


@door.post("/<code>")
@needs("fleet.write")
def save(code: str) -> Response:
    """Change its file."""
    return _save(get_mine(code, actor()))


def _save(stored: VehicleRow | None) -> Response:
    form = VehicleForm(request.form)
    try:
        form.require()
        order = _read_order(form, stored)
        action = f"vehicle.save {order.code}"
        write_once(form.request_id.value, action, lambda by: save_vehicle(order, by), _("Saved."))
    except Refused as refused:
        if stored is not None and refused.code == "vehicle.changed":
            stored = get_mine(stored.code, actor())
            _show_conflict(form, stored)
        elif not form.errors:
            mark(form, refused)
        return make_response(draw_vehicle(stored, actor(), form), refused.status)
    return go(url_for(".edit", code=order.code))


def _read_order(form: VehicleForm, stored: VehicleRow | None) -> VehicleOrder:
    order = form.order()
    if stored is None:
        return replace(order, version=NOTHING_YET)
    if order.code != stored.code:
        raise Invalid("code.fixed", _("The code of a vehicle never changes."), field="code")
    if not order.version:
        raise Invalid("version.missing", _("This form is incomplete. Please reload the page."))
    return order


def _show_conflict(form: VehicleForm, stored: VehicleRow) -> None:
    """Say above the form which fields differ, and let it be sent again against what is stored now."""
    say(form, _("Somebody else changed this meanwhile. What you typed is kept; compare, then save again."))
    typed = form.order().values()
    for name, value in vehicle_order(stored).values().items():
        if value != typed[name]:
            say(form, _("%(field)s is now: %(value)s", field=form[name].label.text, value=value or _("empty")))
    form.version.data, form.request_id.data = str(stored.version), new_request_id()


@door.post("/<code>/link")
@needs("fleet.write")
def link(code: str) -> Response:
    """Void the driver's earlier links."""
    vehicle = get_mine(code, actor())
    done = _("Earlier links of %(vehicle)s no longer work.", vehicle=vehicle.code)
    write_once(
        request.form.get("request_id"), f"vehicle.link {vehicle.code}", lambda by: new_link(vehicle.code, by), done
    )
    return go(url_for(".edit", code=vehicle.code))


@door.post("/<code>/archive")
@needs("fleet.write")
def archive(code: str) -> Response:
    """Take it off every list; a second time changes nothing."""
    vehicle = get_mine(code, actor(), archived=True)
    done = _("%(name)s was taken off the list.", name=vehicle.code)
    write_once(
        request.form.get("request_id"),
        f"vehicle.archive {vehicle.code}",
        lambda by: archive_vehicle(vehicle.code, by),
        done,
    )
    return go(url_for(".page"))
