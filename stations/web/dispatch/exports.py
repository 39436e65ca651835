"""One vehicle's track of a day as GPX or CSV, the rides of a day as CSV or XLSX: without phones, and without places
once these are erased."""

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request

from stations.feeds.gpx import TrackPoint, write_gpx
from stations.fleet.actions.looking import note_export
from stations.fleet.forms import BookingSearchForm
from stations.fleet.queries.tracks import TrackFix, list_track
from stations.fleet.queries.vehicles import NO_VEHICLE, VehicleRow, find_vehicle
from stations.fleet.rules.requests import KIND_NAMES, OUTCOME_NAMES
from stations.fleet.rules.rides import STATE_NAMES
from stations.kernel.db import run_in_transaction
from stations.kernel.errors import Invalid, NotFound
from stations.kernel.sheets.writing import Value, write_csv, write_xlsx
from stations.kernel.text import Text, _
from stations.seasons.queries import get_calendar
from stations.web.dispatch.past import name_people, say_reason
from stations.web.dispatch.replay import today
from stations.web.guard import actor, needs
from stations.web.writing import read_path_code
from stations.workflows.replaying import Replay, day_span, replay

door = Blueprint("dispatch_exports", __name__, url_prefix="/dispatch/export")

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TRUE_VERDICTS = frozenset({"good", "late"})

FIX_HEADINGS: tuple[Text, ...] = (
    _("Time"), _("Received at"), _("Latitude"), _("Longitude"), _("Accuracy in metres"), _("Metres a second"),
    _("Heading"), _("Battery in percent"), _("Source"), _("Verdict"),
)  # fmt: skip
RIDE_HEADINGS: tuple[Text, ...] = (
    _("Request"), _("Kind"), _("Asked"), _("Where"), _("To"), _("Gate"), _("Last entry"), _("Ride"), _("Leg"),
    _("Vehicle"), _("Plate"), _("State"), _("Offered by"), _("Offered"), _("Accepted"), _("On the way"),
    _("Picked up"), _("Dropped off"), _("Ended"), _("Reason"), _("How it ended"),
)  # fmt: skip


@door.get("/track")
@needs("fleet.dispatch")
def track() -> Response:
    """The track of the vehicle, the day and the ending that the form named."""
    vehicle, ending = _vehicle(request.args.get("vehicle", "")), request.args.get("ending", "")
    if ending not in ("gpx", "csv"):
        raise Invalid("track.ending", _("A track can be downloaded as GPX or CSV."), field="ending")
    day = _day()
    me, subject = actor(), f"vehicle:{vehicle.code}"
    run_in_transaction(lambda: note_export(subject, day, ending, me, vehicle.path))
    fixes = list_track(vehicle.id, *day_span(day))
    zone = get_calendar().zone
    name = f"{vehicle.code}-{day.isoformat()}.{ending}"
    if ending == "csv":
        return _file(write_csv([str(each) for each in FIX_HEADINGS], (_fix(fix, zone) for fix in fixes)), CSV, name)
    points = (TrackPoint(fix.fixed_at, fix.lat, fix.lon) for fix in fixes if fix.verdict in TRUE_VERDICTS)
    written = write_gpx(f"{vehicle.code} {vehicle.plate} {day.isoformat()}", points)
    return _file(written.encode(), "application/gpx+xml", name)


@door.get("/rides.<ending>")
@needs("fleet.dispatch")
def rides(ending: str) -> Response:
    """The rides of a day, and the requests that none was found for."""
    if ending not in ("csv", "xlsx"):
        raise Invalid("sheet.ending", _("Only .csv and .xlsx can be downloaded."))
    day, me = _day(), actor()
    run_in_transaction(lambda: note_export("rides", day, ending, me))
    lines = _rides(replay(day, me.paths("fleet.dispatch")), get_calendar().zone)
    headings = [str(each) for each in RIDE_HEADINGS]
    name = f"rides-{day.isoformat()}.{ending}"
    if ending == "csv":
        return _file(write_csv(headings, lines), CSV, name)
    return _file(write_xlsx(headings, lines), XLSX, name)


def _day() -> date:
    form = BookingSearchForm(request.args)
    form.require()
    day: date | None = form.day.value
    return day or today()


def _vehicle(typed: str) -> VehicleRow:
    found = find_vehicle(read_path_code(typed.strip(), NO_VEHICLE), archived=True)
    if found is None or not actor().may("fleet.dispatch", found.path):
        raise NotFound("vehicle.unknown", NO_VEHICLE)
    return found


def _fix(fix: TrackFix, zone: ZoneInfo) -> list[Value]:
    return [
        f"{fix.fixed_at.astimezone(zone):%Y-%m-%d %H:%M:%S}", f"{fix.received_at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
        round(fix.lat, 6), round(fix.lon, 6), fix.accuracy_metres, fix.speed_mps, fix.heading, fix.battery_percent,
        fix.source, fix.verdict,
    ]  # fmt: skip


def _rides(seen: Replay, zone: ZoneInfo) -> Iterator[list[Value]]:
    def moment(at: datetime | None) -> str:
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}" if at else ""

    say = name_people(ride.offered_by for ride in seen.rides)
    for row in seen.requests:
        outcome = str(OUTCOME_NAMES[row.outcome]) if row.outcome in OUTCOME_NAMES else ""
        begin: list[Value] = [
            row.id, str(KIND_NAMES[row.kind]), moment(row.asked_at), str(_("erased")) if row.is_erased else row.place,
            row.site_name, row.gate, moment(row.cutoff_at),
        ]  # fmt: skip
        of_it = [ride for ride in seen.rides if ride.help_request_id == row.id]
        for ride in of_it:
            yield [
                *begin, ride.id, ride.leg, ride.vehicle, ride.plate, str(STATE_NAMES[ride.state]),
                str(say(ride.offered_by)), moment(ride.offered_at), moment(ride.accepted_at), moment(ride.en_route_at),
                moment(ride.picked_up_at), moment(ride.dropped_off_at), moment(ride.ended_at),
                str(say_reason(ride.end_reason)), outcome,
            ]  # fmt: skip
        if not of_it:
            yield [*begin, *[""] * (len(RIDE_HEADINGS) - len(begin) - 1), outcome]


def _file(content: bytes, mimetype: str, name: str) -> Response:
    answer = Response(content, mimetype=mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
