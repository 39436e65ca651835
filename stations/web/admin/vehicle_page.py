"""The page of one vehicle: whether it stands by and where, its file as a form, the driver's link, what was done."""

from math import dist

from flask import render_template

from stations.accounts.queries import list_organizations
from stations.accounts.rules import Actor
from stations.fleet.forms import StandbyForm, VehicleForm
from stations.fleet.queries.vehicles import NO_VEHICLE, Post, VehicleRow, find_vehicle, list_posts, vehicle_order
from stations.fleet.rules.vehicles import KINDS, PAPERS, today_in
from stations.kernel import audit, clock
from stations.kernel.errors import NotFound
from stations.kernel.forms import form_data
from stations.kernel.geo.chord import spot
from stations.seasons.queries import get_calendar
from stations.web.context import new_request_id
from stations.web.writing import read_path_code

NEAR_POSTS = 20


def get_mine(code: str, me: Actor, *, archived: bool = False) -> VehicleRow:
    """The vehicle, if it lies where this person may look; one of others is as if it were not there."""
    vehicle = find_vehicle(read_path_code(code, NO_VEHICLE), archived=archived)
    if vehicle is None or not me.may("fleet.read", vehicle.path):
        raise NotFound("vehicle.unknown", NO_VEHICLE)
    return vehicle


def vehicle_form(vehicle: VehicleRow | None) -> VehicleForm:
    """The form that holds a vehicle as it stands, or nothing."""
    values = {"request_id": new_request_id()}
    if vehicle is not None:
        values |= vehicle_order(vehicle).values() | {"version": str(vehicle.version)}
    return VehicleForm(form_data(values))


def draw_vehicle(
    vehicle: VehicleRow | None, me: Actor, form: VehicleForm | None = None, standby: StandbyForm | None = None
) -> str:
    """The page, or the empty one for a new vehicle; the forms are what was typed where they are drawn again."""
    return render_template(
        "admin/vehicle_edit.html",
        vehicle=vehicle,
        form=form or vehicle_form(vehicle),
        standby=standby or StandbyForm(form_data({"gate": _post_key(vehicle)})),
        may_write=me.may("fleet.write", vehicle.path if vehicle else None),
        may_dispatch=vehicle is not None and me.may("fleet.dispatch", vehicle.path),
        missing=vehicle.list_missing(today_in(get_calendar().zone, clock.now())) if vehicle else (),
        posts=_near_posts(vehicle) if vehicle else {},
        kinds=KINDS,
        papers=PAPERS,
        organizations={row.code: row.name for row in list_organizations(me.paths("fleet.write"))}
        | ({vehicle.organization: vehicle.host} if vehicle else {}),
        events=audit.list_events(f"vehicle:{vehicle.code}") if vehicle else [],
    )


def _post_key(vehicle: VehicleRow | None) -> str:
    return f"{vehicle.site}/{vehicle.gate}" if vehicle and vehicle.gate_id else ""


def _near_posts(vehicle: VehicleRow) -> dict[str, str]:
    """The gates nearest to its base, and the one where it stands by: what each is called, with the kilometres."""
    here = spot(vehicle.base_lat, vehicle.base_lon)

    def kilometres(post: Post) -> float:
        return dist(here, spot(post.lat, post.lon)) / 1000

    posts = sorted(list_posts().values(), key=kilometres)
    chosen = [post for n, post in enumerate(posts) if n < NEAR_POSTS or post.gate_id == vehicle.gate_id]
    return {post.key: f"{post.site_name} {post.name} · {kilometres(post):.1f} km" for post in chosen}
