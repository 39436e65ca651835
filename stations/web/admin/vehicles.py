"""The vehicles within one's scope: the list with what each file lacks, standing by, and one sheet of all files."""

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for

from stations.fleet.actions.looking import note_links
from stations.fleet.actions.vehicles import record_check, set_state, stand_by_all
from stations.fleet.forms import StandbyForm, VehicleSearchForm
from stations.fleet.queries.vehicles import VehicleRow, list_vehicles
from stations.fleet.rules.vehicles import KINDS, PAPERS, STATES, VehicleState, today_in, write_duty
from stations.kernel import clock
from stations.kernel.db import run_in_transaction
from stations.kernel.errors import Invalid, Refused
from stations.kernel.masking import mask_phone
from stations.kernel.sheets.writing import Value
from stations.kernel.text import Text, _
from stations.seasons.queries import get_calendar
from stations.web.admin.vehicle_page import draw_vehicle, get_mine
from stations.web.downloads import WRITERS
from stations.web.driver_links import make_link
from stations.web.guard import actor, needs
from stations.web.paging import make_page
from stations.web.writing import go, mark, write_once

door = Blueprint("admin_vehicles", __name__, url_prefix="/admin/vehicles")

MISSING = "missing"
HEADINGS: tuple[Text, ...] = (
    _("Vehicle code"), _("Plate"), _("Kind"), _("Seats"), _("Takes a wheelchair"), _("Owned by"),
    _("Base station"), _("Sticker number"), _("Crew's phone"), _("Duty hours"), _("Driving licence good until"),
    _("Registration good until"), _("Insurance good until"), _("Driver checked on"), _("Missing in the file"),
    _("State"), _("Stands by at"),
)  # fmt: skip


@door.get("/")
@needs("fleet.read")
def page() -> Response:
    """The list."""
    form = VehicleSearchForm(request.args)
    refusal = None if form.validate() else next(iter(form.problems.values()))
    asked = {"q": form.q.value or "", "state": form.state.value or ""}
    me, day = actor(), today_in(get_calendar().zone, clock.now())
    found = list_vehicles(me.paths("fleet.read"), asked["q"])
    missing = {row.code: row.list_missing(day) for row in found}
    rows = [row for row in found if _is_asked(row, asked["state"], bool(missing[row.code]))]
    counts = {state: sum(row.state == state for row in found) for state in STATES}
    counts[MISSING] = sum(map(bool, missing.values()))
    drawn = render_template(
        "admin/vehicles.html",
        page=make_page(len(rows), lambda limit, offset: rows[offset : offset + limit], asked),
        counts=counts, missing=missing, papers=PAPERS, states=STATES, kinds=KINDS, asked=asked, refusal=refusal,
        may_write=lambda row: me.may("fleet.write", row.path), may_send=lambda row: me.may("fleet.dispatch", row.path),
    )  # fmt: skip
    return make_response(drawn, 400 if refusal else 200)


def _is_asked(row: VehicleRow, state: str, lacks: bool) -> bool:
    return not state or (lacks if state == MISSING else row.state == state)


@door.post("/stand-by")
@needs("fleet.dispatch")
def stand_by() -> Response:
    """Let all with a complete file stand by."""
    done = write_once(request.form.get("request_id"), "fleet.standby", stand_by_all, None)
    flash(
        str(_("%(stood)s vehicles now stand by; %(left)s stay off duty, their file is not complete.", **done)),
        "success",
    )
    return go(url_for(".page"))


@door.post("/<code>/state")
@needs("fleet.dispatch")
def operate(code: str) -> Response:
    """Let it stand by, at its base or at a gate, or send it off duty."""
    vehicle = get_mine(code, actor())
    form = StandbyForm(request.form)
    try:
        form.require()
        state, gate, reason = VehicleState(form.state.value), form.gate.value, form.reason.value or ""
        write_once(
            form.request_id.value,
            f"vehicle.state {vehicle.code}",
            lambda by: set_state(vehicle.code, state, by, gate, reason),
            _("%(vehicle)s: %(state)s.", vehicle=vehicle.code, state=STATES[state.value]),
        )
    except Refused as refused:
        if not form.errors:
            mark(form, refused)
        return make_response(draw_vehicle(vehicle, actor(), standby=form), refused.status)
    return go(_back(vehicle.code))


@door.post("/<code>/check")
@needs("fleet.write")
def check(code: str) -> Response:
    """Say that its driver was checked before duty today."""
    vehicle = get_mine(code, actor())
    done = _("The driver of %(vehicle)s was checked today.", vehicle=vehicle.code)
    write_once(
        request.form.get("request_id"), f"vehicle.check {vehicle.code}", lambda by: record_check(vehicle.code, by), done
    )
    return go(_back(vehicle.code))


def _back(code: str) -> str:
    """To the list where the button was pressed in it, with its search, else to the vehicle."""
    if request.args.get("from") != "list":
        return url_for("admin_vehicles.edit", code=code)
    kept: dict[str, Any] = {name: request.args[name] for name in ("q", "state", "page") if request.args.get(name)}
    return url_for(".page", **kept, _anchor=f"vehicle-{code}")


@door.get("/files.<ending>")
@needs("fleet.read")
def export(ending: str) -> Response:
    """Every vehicle with its file, one a row, as .csv or .xlsx."""
    if ending not in WRITERS:
        raise Invalid("sheet.ending", _("Only .csv and .xlsx can be downloaded."))
    write, mimetype = WRITERS[ending]
    response = Response(write([str(name) for name in HEADINGS], _list_files()), mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="vehicle-files.{ending}"'
    response.headers["Cache-Control"] = "no-store"
    return response


@door.post("/links.<ending>")
@needs("fleet.write")
def links(ending: str) -> Response:
    """The drivers' links of the vehicles that one may change, to be sent to them; that they were taken out is on
    record."""
    if ending not in WRITERS:
        raise Invalid("sheet.ending", _("Only .csv and .xlsx can be downloaded."))
    me = actor()
    paths = me.paths("fleet.write")
    rows = [
        [row.code, row.plate, row.crew_phone, make_link(row.id, row.link_no)] for row in list_vehicles(paths)
    ]  # fmt: skip
    run_in_transaction(lambda: note_links(len(rows), me, paths[0]))
    write, mimetype = WRITERS[ending]
    headings = (_("Vehicle"), _("Plate"), _("Phone of the crew"), _("Link of the driver's page"))
    response = Response(write([str(name) for name in headings], rows), mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="driver-links.{ending}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _list_files() -> Iterable[list[Value]]:
    day = today_in(get_calendar().zone, clock.now())
    for row in list_vehicles(actor().paths("fleet.read")):
        file = row.file
        missing = "、".join(str(PAPERS[paper]) for paper in row.list_missing(day))
        yield [
            row.code, row.plate, str(KINDS[row.kind]), row.seats, str(_("yes") if row.has_wheelchair else _("no")),
            row.host, row.base_name, row.sticker_no, mask_phone(row.crew_phone),
            write_duty((row.duty_from_minute, row.duty_until_minute)), file.licence_until, file.registration_until,
            file.insurance_until, file.driver_checked_on, missing, str(STATES[row.state.value]),
            f"{row.site_name} {row.gate_name}" if row.gate_id else row.base_name,
        ]  # fmt: skip
