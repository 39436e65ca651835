"""Adding a vehicle, changing its file, voiding its links, taking it off the list."""

from flask import Response, request, url_for

from stations.fleet.actions.vehicles import archive_vehicle, new_link, save_vehicle
from stations.fleet.forms import VehicleForm
from stations.fleet.queries.vehicles import vehicle_order
from stations.kernel.text import _
from stations.web.admin.vehicle_page import draw_vehicle, get_mine
from stations.web.admin.vehicles import door
from stations.web.guard import actor, needs
from stations.web.record_edit import RecordKind, archive_record, save_record
from stations.web.writing import go, write_once

__all__ = ["door"]

VEHICLE = RecordKind(
    "vehicle",
    VehicleForm,
    get=lambda code, archived: get_mine(code, actor(), archived=archived),
    order=vehicle_order,
    draw=lambda vehicle, form: draw_vehicle(vehicle, actor(), form),
    save=save_vehicle,
    archive=archive_vehicle,
    title=lambda vehicle: str(vehicle.code),
)


@door.get("/new")
@needs("fleet.write")
def new() -> str:
    """An empty form."""
    return draw_vehicle(None, actor())


@door.post("/new")
@needs("fleet.write")
def create() -> Response:
    """Add it."""
    return save_record(VEHICLE)


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
    return save_record(VEHICLE, code)


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
    return archive_record(VEHICLE, code)
