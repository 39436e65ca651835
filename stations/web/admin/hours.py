"""Hours of service: persons, attendances and hours by club, union and district; the sheet for the national system."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from flask import Blueprint, Response, make_response, render_template, request

from stations.accounts.rules import Actor
from stations.kernel import audit, clock
from stations.kernel.db import run_in_transaction
from stations.kernel.errors import Invalid, NotFound, Refused
from stations.kernel.forms import CellField, CellForm, choice_reader, text_reader
from stations.kernel.sheets.writing import Value, write_csv, write_xlsx
from stations.kernel.text import Text, _
from stations.kernel.working_days import Deadline, add_working_days
from stations.seasons.queries import get_calendar
from stations.shifts.queries.service import ServiceRow, list_certificates, list_service, sum_all, sum_by
from stations.shifts.rules.service import EXACT, MINUTES_AN_HOUR, RECORD_WORKING_DAYS, ROUNDINGS
from stations.shifts.rules.skills import post_of
from stations.web.guard import actor, needs
from stations.web.writing import mark

door = Blueprint("admin_hours", __name__, url_prefix="/admin/hours")

PERMISSION = "shifts.lead"
WRITERS = {
    "csv": (write_csv, "text/csv; charset=utf-8"),
    "xlsx": (write_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
LATEST = 20
SEASON_DAYS = 31
YEARS = range(2000, 2100)
# 民政部令67 §7, and by whom it is known
HEADINGS: tuple[Text, ...] = (
    _("Activity name"), _("Date"), _("Place"), _("Service content"), _("Service hours"), _("Organizer"),
    _("Person in charge"), _("Staff number"), _("Name"), _("Team"), _("From"), _("Until"),
)  # fmt: skip


def read_day(typed: str) -> date:
    """2027-06-07. Raises Invalid for another form or century."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        day = None
    if day is None or day.year not in YEARS:
        raise Invalid("day.form", _("Write the day as 2027-06-07."))
    return day


class HoursForm(CellForm):
    """Of which days, rounded how, with whom in charge."""

    since = CellField(_("From day"), read_day)
    until = CellField(_("To day"), read_day)
    rounding = CellField(_("Rounding"), choice_reader({code: one.name for code, one in ROUNDINGS.items()}, {}))
    in_charge = CellField(_("Person in charge"), text_reader(80))


class Span(NamedTuple):
    """What was asked for: days, both included, and the instants that bound them."""

    first: date
    last: date
    since: datetime
    until: datetime
    rounding: str


@door.get("/")
@needs(PERMISSION)
def page() -> Response:
    """The figures, when they are due, and the certificates."""
    return draw_hours(actor())


@door.get("/export.<ending>")
@needs(PERMISSION)
def export(ending: str) -> Response:
    """One line for each attendance, in the fields of the national record."""
    if ending not in WRITERS:
        raise NotFound("export.unknown", _("Hours can be downloaded as CSV or XLSX."))
    me, form = actor(), HoursForm(request.args)
    form.require()
    span = read_span(form)
    rows = list_service(me.paths(PERMISSION), span.since, span.until, span.rounding)
    after = {"since": span.first.isoformat(), "until": span.last.isoformat(), "rows": len(rows)}
    scope = next(iter(me.paths(PERMISSION)), "")
    run_in_transaction(lambda: audit.record("hours.export", "hours", actor=me.username, scope=scope, after=after))
    write, kind = WRITERS[ending]
    in_charge = form.in_charge.value or me.display_name
    response = make_response(write([str(each) for each in HEADINGS], _lines(rows, in_charge)))
    response.headers["Content-Type"] = kind
    name = f"hours-{span.first.isoformat()}-{span.last.isoformat()}.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _lines(rows: list[ServiceRow], in_charge: str) -> Iterator[tuple[Value, ...]]:
    calendar = get_calendar()
    for row in rows:
        yield (
            calendar.name, row.starts_at.astimezone(calendar.zone).date().isoformat(), row.station_name,
            str(post_of(row.post).name), round(row.minutes / MINUTES_AN_HOUR, 2), row.organizer, in_charge,
            row.staff_no, row.name, row.team_name,
            f"{row.in_at.astimezone(calendar.zone):%H:%M}", f"{row.out_at.astimezone(calendar.zone):%H:%M}",
        )  # fmt: skip


def read_span(form: HoursForm) -> Span:
    """The days that were asked for; otherwise the season's, or the last month."""
    calendar = get_calendar()
    today = clock.now().astimezone(calendar.zone).date()
    days = calendar.days or (today - timedelta(days=SEASON_DAYS), today)
    first, last = form.since.value or days[0], form.until.value or days[-1]
    if last < first:
        raise Invalid("day.order", _("The last day is before the first."), field="until")
    return Span(first, last, _midnight(first), _midnight(last + timedelta(days=1)), form.rounding.value or EXACT)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=get_calendar().zone)


def draw_hours(me: Actor, *, refused: Refused | None = None, typed: Any = None) -> Response:
    """The page; `typed` is a certificate's form that was refused."""
    form = HoursForm(request.args)
    status = refused.status if refused else 200
    try:
        form.require()
        span = read_span(form)
    except Refused as wrong:
        mark(form, wrong)
        span, status = read_span(HoursForm()), wrong.status
    rows = list_service(me.paths(PERMISSION), span.since, span.until, span.rounding)
    page = render_template(
        "admin/hours.html", form=form, span=span, roundings=ROUNDINGS, total=sum_all(rows), typed=typed or {},
        groups=[
            (_("Clubs and teams"), sum_by(rows, lambda row: (row.team, row.team_name))),
            (_("Unions"), sum_by(rows, lambda row: (row.union, row.union_name))),
            (_("Districts"), sum_by(rows, lambda row: (row.district, row.district))),
        ],
        flagged=sum(row.is_closed_by_program for row in rows), due=_find_due(rows), error=refused and refused.message,
        certificates=list_certificates(me.paths(PERMISSION), LATEST), may_certify=me.may("volunteers.write"),
        today=clock.now().astimezone(get_calendar().zone).date(), last_export=_find_last_export(me),
    )  # fmt: skip
    return make_response(page, status)


def _find_due(rows: list[ServiceRow]) -> Deadline | None:
    """By when the latest of these has to be in the national system."""
    if not rows:
        return None
    last = max(row.out_at for row in rows).astimezone(get_calendar().zone).date()
    return add_working_days(last, RECORD_WORKING_DAYS)


def _find_last_export(me: Actor) -> datetime | None:
    month_ago = clock.now() - timedelta(days=SEASON_DAYS)
    return next((at for at, by, _after in audit.list_acts("hours.export", month_ago) if by == me.username), None)
