"""The day of the fleet: whose time is kept for what, as a table of hours and as a list; adding and cancelling."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, make_response, render_template, request, url_for

from stations.fleet.actions.bookings import book, cancel_booking
from stations.fleet.forms import BookingForm, BookingSearchForm
from stations.fleet.queries.bookings import NO_BOOKING, BookingRow, get_booking, list_bookings
from stations.fleet.queries.vehicles import list_vehicles
from stations.fleet.rules.bookings import BOOKING_KINDS, BookingKind, BookingOrder
from stations.fleet.rules.vehicles import today_in
from stations.kernel import clock
from stations.kernel.errors import Invalid, NotFound, Refused
from stations.kernel.forms import form_data
from stations.kernel.text import Text, _
from stations.seasons.queries import get_calendar
from stations.web.admin.vehicle_page import get_mine
from stations.web.context import new_request_id, shown_date
from stations.web.guard import actor, needs
from stations.web.writing import go, mark, write_once

door = Blueprint("admin_bookings", __name__, url_prefix="/admin/vehicles/calendar")

STEP = 5  # minutes a column
HOUR = 60 // STEP
WORDS = 11  # columns that a booking's words need
FIRST_HOUR, LAST_HOUR = 6, 19  # shown even where nothing is booked
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Cell:
    """So many columns, free or taken by a booking. A free one may have the words of the `beside` before it, for which
    that is too short."""

    columns: int
    booking: BookingRow | None = None
    beside: BookingRow | None = None


@dataclass(frozen=True)
class Line:
    """One lane of one vehicle."""

    vehicle: str
    plate: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Sheet:
    """The table of a day: the hours of its columns and its lines."""

    hours: range
    lines: tuple[Line, ...]


def lay_out(bookings: Sequence[BookingRow], midnight: datetime) -> Sheet:
    """Put bookings, by vehicle, lane and start, into columns of five minutes; what runs into another day is cut."""
    spans = {row.id: (_minute(row.starts_at, midnight), _minute(row.ends_at, midnight)) for row in bookings}
    first = min([FIRST_HOUR, *(start // 60 for start, _end in spans.values())])
    last = max([LAST_HOUR, *(-(-end // 60) for _start, end in spans.values())])
    lines = []
    for (vehicle, plate, _lane), rows in groupby(bookings, key=lambda row: (row.vehicle, row.plate, row.lane)):
        cells, at = list[Cell](), first * HOUR
        for row in rows:
            start, end = (minute // STEP for minute in spans[row.id])
            start = max(start, at)
            _leave_free(cells, start - at)
            at = max(end, start + 1)
            cells.append(Cell(at - start, row))
        _leave_free(cells, last * HOUR - at)
        lines.append(Line(vehicle, plate, tuple(cells)))
    return Sheet(range(first, last), tuple(lines))


def _leave_free(cells: list[Cell], columns: int) -> None:
    """Free time, with the words of the booking before it where they have more room there."""
    if columns <= 0:
        return
    before = cells[-1] if cells else None
    is_room = before is not None and before.columns < WORDS <= columns
    cells.append(Cell(columns, None, before.booking if before and is_room else None))


def _minute(at: datetime, midnight: datetime) -> int:
    return int(min(max((at - midnight).total_seconds() / 60, 0), 24 * 60))


@door.get("/")
@needs("fleet.read")
def page() -> Response:
    """One day."""
    search = BookingSearchForm(request.args)
    if not search.validate():
        return make_response(_draw(_today(), None, next(iter(search.problems.values()))), 400)
    return make_response(_draw(search.day.value or _today()))


def _today() -> date:
    return today_in(get_calendar().zone, clock.now())


def _draw(day: date, form: BookingForm | None = None, refusal: Text | None = None) -> str:
    me, zone = actor(), get_calendar().zone
    midnight = _at(day, time(), zone)
    bookings = list_bookings(me.paths("fleet.read"), midnight, midnight + DAY)
    blank = {"day": day.isoformat(), "request_id": new_request_id()}
    return render_template(
        "admin/fleet_calendar.html", shown_date=shown_date, day=day, days=(day - DAY, day + DAY),
        sheet=lay_out(bookings, midnight), bookings=bookings, step_hour=HOUR,
        kinds=BOOKING_KINDS, form=form or BookingForm(form_data(blank)), refusal=refusal,
        may_book=me.may("fleet.dispatch"), may_cancel=lambda row: me.may("fleet.dispatch", row.path),
        vehicles=list_vehicles(me.paths("fleet.dispatch")),
    )  # fmt: skip


def _at(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone)


@door.post("/")
@needs("fleet.dispatch")
def add() -> Response:
    """Keep a vehicle's time."""
    form = BookingForm(request.form)
    try:
        form.require()
        order = _read_order(form, get_calendar().zone)
        get_mine(order.vehicle, actor())
        done = _("%(vehicle)s is booked.", vehicle=order.vehicle)
        write_once(form.request_id.value, f"booking.add {order.vehicle}", lambda by: book(order, by), done)
    except Refused as refused:
        if isinstance(refused, NotFound):  # a vehicle that was typed, not an address
            refused = Invalid(refused.code, refused.message, field="vehicle")
        if not form.errors:
            mark(form, refused)
        return make_response(_draw(form.day.value or _today(), form), refused.status)
    return go(url_for(".page", day=form.day.value.isoformat()))


def _read_order(form: BookingForm, zone: ZoneInfo) -> BookingOrder:
    day = form.day.value
    return BookingOrder(
        form.vehicle.value, BookingKind(form.kind.value), _at(day, form.starts.value, zone),
        _at(day, form.ends.value, zone), form.place.value or "",
    )  # fmt: skip


@door.post("/<id:booking_id>/cancel")
@needs("fleet.dispatch")
def cancel(booking_id: int) -> Response:
    """Give the time back."""
    row = get_booking(booking_id)
    if not actor().may("fleet.read", row.path):
        raise NotFound("booking.unknown", NO_BOOKING)
    day = today_in(get_calendar().zone, row.starts_at)
    done = _("The booking of %(vehicle)s was cancelled.", vehicle=row.vehicle)
    write_once(
        request.form.get("request_id"), f"booking.cancel {booking_id}", lambda by: cancel_booking(booking_id, by), done
    )
    return go(url_for(".page", day=day.isoformat()))
