"""What is pressed beside somebody's name: in or out without an outbox, correct, call, replace."""

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for

from stations.accounts.rules import Actor
from stations.kernel import clock
from stations.kernel.db import run_in_transaction
from stations.kernel.errors import Refused
from stations.kernel.forms import read_request_id, text_reader
from stations.kernel.text import _
from stations.seasons.queries import get_calendar
from stations.shifts.actions.attendance import correct_attendance, reveal_volunteer_phone
from stations.shifts.actions.covering import cover
from stations.shifts.actions.placing import LIMITS
from stations.shifts.queries.assignments import get_assignment
from stations.shifts.queries.covers import list_covers
from stations.shifts.rules.skills import post_of
from stations.web.attending import MOST_COVERS, CorrectionForm, read_number
from stations.web.desk.here import PressForm, check_station, draw_here, get_my_station, press_once
from stations.web.guard import actor, needs
from stations.web.writing import go, write_once

door = Blueprint("desk_here_presses", __name__, url_prefix="/desk")

AGAIN = _("This was saved already; nothing was written twice.")


@door.post("/<code>/here/press")
@needs("shifts.attend")
def press(code: str) -> Response:
    """Check somebody in or out, from a plain form."""
    me = actor()
    station = get_my_station(code, me)
    try:
        answer = press_once(PressForm(request.form), station, me)
    except Refused as refused:
        return draw_here(station, me, status=refused.status, error=refused.message)
    flash(str(AGAIN if answer.is_replay else _("It is recorded.")), "plain" if answer.is_replay else "success")
    return go(url_for("desk_here.page", code=code))


@door.post("/<code>/here/<id:number>/correct")
@needs("shifts.attend")
def correct(code: str, number: int) -> Response:
    """Say what it really was."""
    me = actor()
    station = get_my_station(code, me)
    form = CorrectionForm(request.form)

    try:
        form.require()
        check_station(number, station)
        write_once(
            request.form.get("request_id"), f"attendance.correct {number}",
            lambda by: correct_attendance(form.order(number), by), _("The attendance is corrected."),
        )  # fmt: skip
    except Refused as refused:
        return draw_here(station, me, status=refused.status, error=refused.message)
    return go(url_for("desk_here.page", code=code))


@door.post("/<code>/here/<id:number>/phone")
@needs("shifts.attend")
def phone(code: str, number: int) -> Response:
    """Show a number once, with the reason that is kept."""
    me = actor()
    station = get_my_station(code, me)
    try:
        check_station(number, station)
        reason = text_reader(200)(request.form.get("reason", ""))
        shown = run_in_transaction(lambda: reveal_volunteer_phone(number, reason, me))
    except Refused as refused:
        return draw_here(station, me, status=refused.status, error=refused.message)
    return draw_here(station, me, phones={number: shown})


@door.get("/<code>/here/<id:number>/cover")
@needs("shifts.attend")
def covers(code: str, number: int) -> Response:
    """Who could stand in."""
    me = actor()
    return _draw_covers(code, number, me)


@door.post("/<code>/here/<id:number>/cover")
@needs("shifts.attend")
def replace(code: str, number: int) -> Response:
    """Let somebody stand in."""
    me = actor()
    try:
        check_station(number, get_my_station(code, me))
        chosen = read_number(request.form.get("volunteer", ""))
        claimed = read_request_id(request.form.get("request_id", ""))
        answer = run_in_transaction(lambda: cover(claimed, number, chosen, me))
    except Refused as refused:
        if refused.status in (403, 404):
            raise
        return _draw_covers(code, number, me, refused)
    flash(str(AGAIN if answer.is_replay else _("Replaced. Please call them.")), "success")
    return go(url_for("desk_here.page", code=code))


def _draw_covers(code: str, number: int, me: Actor, refused: Refused | None = None) -> Response:
    station = get_my_station(code, me)
    row = get_assignment(number)
    check_station(number, station)
    paths = me.paths("shifts.write") or me.paths("shifts.lead")
    page = render_template(
        "desk/cover.html", station=station, row=row, post=post_of(row.post), error=refused and refused.message,
        covers=list_covers(row, paths, LIMITS, get_calendar().zone, MOST_COVERS), is_over=row.ends_at <= clock.now(),
    )  # fmt: skip
    return make_response(page, refused.status if refused else 200)
