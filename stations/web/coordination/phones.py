"""A volunteer's whole number, once, with the reason that is kept."""

from flask import Blueprint, Response, make_response, render_template, request, url_for

from stations.kernel.db import run_in_transaction
from stations.kernel.errors import Forbidden, NotFound, Refused
from stations.shifts.actions.rescuing import reveal_phone
from stations.shifts.forms import PressForm
from stations.shifts.queries.volunteers import NO_VOLUNTEER, get_volunteer
from stations.web.guard import actor, needs

door = Blueprint("coordination_phones", __name__, url_prefix="/coordination/phones")


@door.post("/<id:volunteer_id>")
@needs("shifts.lead")
def show(volunteer_id: int) -> Response:
    """Show it."""
    me, form, row = actor(), PressForm(request.form), get_volunteer(volunteer_id)
    if not me.may("shifts.read", row.path):
        raise NotFound("volunteer.unknown", NO_VOLUNTEER)
    shown, error, status = "", None, 200
    try:
        form.require()
        shown = run_in_transaction(lambda: reveal_phone(volunteer_id, form.reason.value or "", me))
    except Refused as refused:
        if isinstance(refused, (Forbidden, NotFound)) and refused.code != "phone.none":
            raise
        error, status = refused.message, refused.status
    drawn = render_template("coordination/phone.html", volunteer=row, shown=shown, error=error, back=_back())
    answer = make_response(drawn, status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _back() -> str:
    """Where the button was pressed, if that is one of these pages."""
    asked = request.form.get("back", "")
    return asked if asked.startswith("/coordination/") else url_for("coordination.page")
