"""The exam times: both of them where sources disagree, and who confirmed which."""

from flask import Blueprint, Response, make_response, render_template, request, url_for

from stations.kernel.errors import Refused
from stations.kernel.forms import form_data
from stations.kernel.text import _
from stations.seasons.actions import CutoffOrder, SeasonOrder, begin_season, confirm_cutoff
from stations.seasons.forms import CutoffForm, SeasonForm
from stations.seasons.queries import DEFAULT_CENTRE, DEFAULT_ZONE, get_calendar, get_session
from stations.web.context import new_request_id
from stations.web.guard import actor, needs
from stations.web.writing import go, mark, read_path_code, write_once

door = Blueprint("admin_sessions", __name__, url_prefix="/admin/exam-times")


@door.get("/")
@needs("places.read")
def page() -> str:
    """All sessions of the season."""
    return _draw()


def _draw(typed: CutoffForm | None = None, code: str | None = None, season: SeasonForm | None = None) -> str:
    calendar = get_calendar()
    if calendar.season_id is None and season is None:
        season = SeasonForm(form_data({"request_id": new_request_id()}))
    return render_template(
        "admin/sessions.html", sessions=calendar.sessions, typed=typed, typed_code=code, season_form=season
    )


@door.post("/season")
@needs("seasons.write")
def begin() -> Response:
    """Begin a season."""
    form = SeasonForm(request.form)
    try:
        form.require()
        value = form.values
        order = SeasonOrder(
            value["code"], value["name"], value["name_en"] or "", DEFAULT_ZONE, value["starts_on"], value["ends_on"],
            DEFAULT_CENTRE, is_demo=False,
        )  # fmt: skip
        done = _("The season has begun. Upload its timetable next.")
        write_once(form.request_id.value, "season.begin", lambda by: begin_season(order, by.username), done)
    except Refused as refused:
        if not form.errors:
            mark(form, refused)
        return make_response(_draw(season=form), refused.status)
    return go(url_for(".page"))


@door.post("/<code>/confirm")
@needs("seasons.write")
def confirm(code: str) -> Response:
    """Say until when examinees are let in."""
    session = get_session(read_path_code(code, _("There is no such exam session.")))
    form = CutoffForm(request.form)
    try:
        form.require()
        me, value = actor(), form.values
        order = CutoffOrder(
            session.code, value["entry_closes"], value["source"], me.display_name or me.username, value["version"]
        )
        done = _("Confirmed. The public clock counts down to this time now.")
        request_id = form.request_id.value
        write_once(request_id, f"session.confirm {code}", lambda by: confirm_cutoff(order, by.username), done)
    except Refused as refused:
        if not form.errors:
            name = refused.field if refused.field in form else "entry_closes"
            form[name].errors = [refused.message]
        return make_response(_draw(form, session.code), refused.status)
    return go(url_for(".page", _anchor=f"session-{session.code}"))
