"""How hot the districts are expected to be: what the guard asks before anybody is posted outdoors."""

from flask import Blueprint, Response, make_response, render_template, request, url_for

from stations.kernel.cells import read_last_day, read_number
from stations.kernel.errors import Refused
from stations.kernel.forms import CellField, CellForm, HiddenField, read_request_id, text_reader
from stations.kernel.text import _
from stations.places.queries.atlas import get_atlas
from stations.seasons.queries import get_calendar
from stations.shifts.actions.knowing import set_heat
from stations.shifts.queries.known import list_heat
from stations.shifts.rules.rows import Limits
from stations.web.context import shown_date
from stations.web.coordination.days import find_day
from stations.web.guard import needs
from stations.web.language import language
from stations.web.writing import go, mark, write_once

door = Blueprint("coordination_heat", __name__, url_prefix="/coordination/heat")


class HeatForm(CellForm):
    """A district's day; without a temperature what was said is taken back."""

    request_id = HiddenField(_("Form"), read_request_id, is_required=True)
    district = CellField(_("District"), text_reader(20), is_required=True)
    day = CellField(_("Day"), read_last_day, is_required=True)
    celsius = CellField(_("Highest temperature, °C"), lambda typed: read_number(typed, limit=100))


@door.get("/")
@needs("shifts.read")
def page() -> Response:
    """What was said for the days of the season."""
    return _draw(HeatForm(), 200)


@door.post("/")
@needs("shifts.write")
def save() -> Response:
    """Say it, or take it back."""
    form = HeatForm(request.form)
    try:
        form.require()
        value = form.values
        write_once(
            form.request_id.value, f"heat.set {value['district']} {value['day']}",
            lambda by: set_heat(value["district"], value["day"], value["celsius"], by), _("Saved."),
        )  # fmt: skip
    except Refused as refused:
        if not form.errors:
            mark(form, refused)
        return _draw(form, refused.status)
    return go(url_for(".page"))


def _draw(form: HeatForm, status: int) -> Response:
    districts = {
        code: row.name_en if language() == "en" and row.name_en else row.name
        for code, row in get_atlas(get_calendar().zone).districts.items()
    }
    choices = find_day().choices
    drawn = render_template(
        "coordination/heat.html", form=form, districts=districts, said=list_heat(choices[0], choices[-1]),
        days={day.isoformat(): shown_date(day) for day in choices}, limits=Limits(),
    )  # fmt: skip
    return make_response(drawn, status)
