"""The exam times: both of them where sources disagree, and who confirmed which."""

from flask import Blueprint, Response, make_response, render_template, request, url_for

from stations.kernel.errors import Refused
from stations.kernel.text import _
from stations.seasons.actions import CutoffOrder, confirm_cutoff
from stations.seasons.forms import CutoffForm
from stations.seasons.queries import get_calendar, get_session
from stations.web.admin.writing import go, read_path_code, write_once
from stations.web.guard import actor, needs

door = Blueprint("admin_sessions", __name__, url_prefix="/admin/exam-times")


@door.get("/")
@needs("places.read")
def page() -> str:
    """All sessions of the season."""
    return _draw(None, None)


def _draw(typed: CutoffForm | None, code: str | None) -> str:
    sessions = get_calendar().sessions
    return render_template("admin/sessions.html", sessions=sessions, typed=typed, typed_code=code)


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
