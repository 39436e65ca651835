"""Checking in at a station without signing in: scan its code, type four digits. Nobody is named."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from stations.kernel.db import run_in_transaction
from stations.kernel.errors import NotFound, Refused
from stations.kernel.forms import CellField, CellForm, HiddenField, choice_reader, read_request_id, text_reader
from stations.kernel.text import _
from stations.places.queries.rows import StationRow
from stations.shifts.actions.attendance import check_in_by_digits
from stations.shifts.rules.attendance import Press
from stations.shifts.rules.skills import post_of
from stations.web.asking import this_atlas
from stations.web.check_in_links import check_key
from stations.web.limits import check_misses, count_miss, limiter
from stations.web.writing import mark

door = Blueprint("check_in", __name__)

# A whole team may stand behind one address; ten thousand guesses do not pass.
BY_ADDRESS = "30 per minute; 300 per hour"
UNKNOWN_DIGITS = frozenset({"attendance.unknown", "attendance.elsewhere", "attendance.several"})
PRESSES = {Press.IN.value: _("Check in"), Press.OUT.value: _("Check out")}


class DigitsForm(CellForm):
    """Who it is, and which way they go."""

    request_id = HiddenField(_("Form"), read_request_id, is_required=True)
    k = HiddenField(_("Code"), text_reader(60))
    press = HiddenField(_("Check in or out"), choice_reader(PRESSES, {}), is_required=True)
    digits = CellField(_("Last four digits of your staff number or phone number"), text_reader(40), is_required=True)


@door.get("/s/<code>/in")
def page(code: str) -> Response:
    """The form."""
    return _draw(_find_station(code), DigitsForm(request.args))


@door.post("/s/<code>/in")
@limiter.limit(BY_ADDRESS)
def send(code: str) -> Response:
    """Check somebody in or out."""
    station = _find_station(code)
    form = DigitsForm(request.form)
    try:
        form.require()
        check_key(station.code, form.k.value or "")
        claimed, digits, press = form.request_id.value, form.digits.value, Press(form.press.value)
        check_misses(station.code, digits)
        answer = run_in_transaction(lambda: check_in_by_digits(claimed, station.code, digits, press))
    except Refused as refused:
        if refused.code in UNKNOWN_DIGITS:
            count_miss(station.code, digits)
        mark(form, refused)
        return _draw(station, form, status=refused.status)
    return _draw(station, form, answer.content, press)


def _find_station(code: str) -> StationRow:
    station = this_atlas().find_station(code)
    if station is None:
        raise NotFound("station.unknown", _("There is no such station, or it has closed for good."))
    return station


def _draw(
    station: StationRow, form: DigitsForm, done: dict[str, Any] | None = None, press: Press | None = None,
    status: int = 200,
) -> Response:  # fmt: skip
    key = form.k.data or ""
    try:
        check_key(station.code, key)
        unscanned = None
    except Refused as refused:
        unscanned = refused.message
    page = render_template(
        "public/check_in.html", station=station, form=form, done=done, press=press, key=key,
        unscanned=unscanned, moment=datetime.fromisoformat,
        post=post_of(done["post"]).name if done else "",
    )  # fmt: skip
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
