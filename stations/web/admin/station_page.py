"""The page of one station: today's state, everything about it as a form, what was done."""

from flask import render_template
from markupsafe import Markup

from stations.accounts.queries import list_organizations
from stations.accounts.rules import Actor
from stations.kernel import audit
from stations.kernel.forms import form_data
from stations.kernel.text import Text
from stations.places.forms import DATUMS, StationForm
from stations.places.queries.loading import list_districts
from stations.places.queries.rows import StationRow
from stations.places.queries.sheets import station_order
from stations.web.context import new_request_id
from stations.web.drawings import draw
from stations.web.operating import make_line


def station_form(station: StationRow) -> StationForm:
    """The form that holds a station as it stands."""
    values = station_order(station).values() | {"version": str(station.version), "request_id": new_request_id()}
    return StationForm(form_data(values))


def draw_station(
    station: StationRow | None,
    me: Actor,
    form: StationForm | None = None,
    operate_reason: str = "",
    operate_error: Text | str = "",
) -> str:
    """The page, or the empty one for a new station; `form` is what was typed where it has to be drawn again."""
    if form is None:
        form = station_form(station) if station else StationForm(form_data({"request_id": new_request_id()}))
    return render_template(
        "admin/station_edit.html",
        station=station,
        line=make_line(station, me) if station else None,
        form=form,
        may_write=me.may("places.write", station.path if station else None),
        organizations={row.code: row.name for row in list_organizations(me.paths("places.write"))}
        | ({station.path.split("/")[-3]: station.host} if station else {}),
        datums=DATUMS,
        district_names=[row.name for row in list_districts()],
        map_part=Markup(draw("picker").html),  # noqa: S704 (our own drawing)
        events=audit.list_events(f"station:{station.code}") if station else [],
        operate_reason=operate_reason,
        operate_error=operate_error,
    )
