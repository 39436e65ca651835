"""Hours of service: persons, attendances and hours by club, union and district; the sheet for the national system."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from flask import Blueprint, Response, make_response, render_template, request, url_for

from stations.accounts.rules import Actor
from stations.kernel import audit, clock
from stations.kernel.db import run_in_transaction
from stations.kernel.errors import Invalid, NotFound, Refused
from stations.kernel.forms import CellField, CellForm, HiddenField, choice_reader, read_request_id, text_reader
from stations.kernel.sheets.writing import Value, write_csv, write_xlsx
from stations.kernel.text import Text, _
from stations.places.queries.atlas import get_atlas
from stations.seasons.queries import get_calendar
from stations.shifts.actions.rounding import PERMISSION as MAY_ROUND
from stations.shifts.actions.rounding import set_rounding
from stations.shifts.queries.service import (
    GroupRow,
    ServiceRow,
    get_rounding,
    list_certificates,
    list_service,
    sum_all,
    sum_by,
)
from stations.shifts.rules.recording import Due, Sheet, list_due
from stations.shifts.rules.service import MINUTES_AN_HOUR, ROUNDINGS
from stations.shifts.rules.skills import post_of
from stations.web.guard import actor, needs
from stations.web.writing import go, mark, write_once

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
    """Of which days."""

    since = CellField(_("From day"), read_day)
    until = CellField(_("To day"), read_day)


class SheetForm(HoursForm):
    """Of which days, and who is in charge of the activity."""

    in_charge = CellField(_("Person in charge"), text_reader(80), is_required=True)


class RoundingForm(CellForm):
    """By which rule the season's hours are rounded."""

    request_id = HiddenField(_("Form"), read_request_id, is_required=True)
    rounding = CellField(
        _("Rounding"), choice_reader({code: one.name for code, one in ROUNDINGS.items()}, {}), is_required=True
    )


class Span(NamedTuple):
    """What was asked for: days, both included, and the instants that bound them."""

    first: date
    last: date
    since: datetime
    until: datetime


@door.get("/")
@needs(PERMISSION)
def page() -> Response:
    """The figures, when they are due, and the certificates."""
    return draw_hours(actor())


@door.post("/rounding")
@needs(MAY_ROUND)
def round_hours() -> Response:
    """Say by which rule hours are rounded, everywhere."""
    form = RoundingForm(request.form)
    try:
        form.require()
        chosen = form.rounding.value

        def do(by: Actor) -> dict[str, Any]:
            return set_rounding(chosen, by)

        write_once(form.request_id.value, f"hours.rounding {chosen}", do, _("Hours are rounded so from now on."))
    except Refused as refused:
        if refused.status == 403:
            raise
        return draw_hours(actor(), refused=refused)
    return go(url_for(".page"))


@door.post("/export.<ending>")
@needs(PERMISSION)
def export(ending: str) -> Response:
    """One line for each attendance, in the fields of the national record."""
    if ending not in WRITERS:
        raise NotFound("export.unknown", _("Hours can be downloaded as CSV or XLSX."))
    me, form = actor(), SheetForm(request.form)
    try:
        form.require()
        span = read_span(form)
    except Refused as refused:
        return draw_hours(me, refused=refused)
    rows = list_service(me.paths(PERMISSION), span.since, span.until)
    after = {"since": span.first.isoformat(), "until": span.last.isoformat(), "rows": len(rows)}
    scope = next(iter(me.paths(PERMISSION)), "")
    run_in_transaction(lambda: audit.record("hours.export", "hours", actor=me.username, scope=scope, after=after))
    write, kind = WRITERS[ending]
    response = make_response(write([str(each) for each in HEADINGS], _lines(rows, form.in_charge.value)))
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
    return Span(first, last, _midnight(first), _midnight(last + timedelta(days=1)))


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
    rows = list_service(me.paths(PERMISSION), span.since, span.until)
    page = render_template(
        "admin/hours.html", form=form, span=span, roundings=ROUNDINGS, rounding=get_rounding(),
        may_round=me.may(MAY_ROUND), total=sum_all(rows), typed=typed or {}, groups=_group(rows, me),
        flagged=sum(row.is_closed_by_program for row in rows), due=_list_due(me, rows),
        error=refused and refused.message, certificates=list_certificates(me.paths(PERMISSION), LATEST),
        may_certify=me.may("volunteers.write"), today=clock.now().astimezone(get_calendar().zone).date(),
        in_charge=me.display_name,
    )  # fmt: skip
    return make_response(page, status)


def _group(rows: list[ServiceRow], me: Actor) -> list[tuple[Text, list[GroupRow]]]:
    """The figures by club, union and district, and of all, where everybody counts once."""
    names = {code: row.name for code, row in get_atlas(get_calendar().zone).districts.items()}
    everything = _("City") if me.may(MAY_ROUND) else _("All together")
    return [
        (_("Clubs and teams"), sum_by(rows, lambda row: (row.team, row.team_name))),
        (_("Unions"), sum_by(rows, lambda row: (row.union, row.union_name))),
        (_("Districts"), sum_by(rows, lambda row: (row.district, names.get(row.district, row.district)))),
        (everything, [GroupRow("", str(everything), sum_all(rows))]),
    ]


def _list_due(me: Actor, rows: list[ServiceRow]) -> list[Due]:
    """Which of these are in no sheet that this person has downloaded, by day."""
    zone = get_calendar().zone
    acts = audit.list_acts("hours.export", min((row.out_at for row in rows), default=clock.now()))
    sheets = [
        Sheet(at, date.fromisoformat(after["since"]), date.fromisoformat(after["until"]))
        for at, by, after in acts
        if by == me.username
    ]
    return list_due(((row.starts_at.astimezone(zone).date(), row.out_at) for row in rows), sheets)
