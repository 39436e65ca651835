"""The page of one exam site: everything about it as a form, a small form for each gate, what was done."""

from typing import NamedTuple

from flask import render_template
from markupsafe import Markup

from stations.kernel import audit
from stations.kernel.forms import form_data
from stations.kernel.geo.datum import Point
from stations.kernel.text import Text
from stations.places.forms import DATUMS, GateForm, SiteForm
from stations.places.queries.loading import list_districts
from stations.places.queries.rows import GateRow, SiteRow
from stations.places.queries.sheets import site_order
from stations.places.rules.orders import GateOrder
from stations.web.context import new_request_id
from stations.web.drawings import draw
from stations.web.guard import actor


class RefusedGate(NamedTuple):
    """What was typed about a gate, and why it was refused."""

    form: GateForm
    is_new: bool
    message: Text


def draw_site(site: SiteRow | None, form: SiteForm | None = None, refused_gate: RefusedGate | None = None) -> str:
    """The page, or the empty one for a new site; `form` is what was typed where it was refused."""
    if form is None:
        values = site_order(site).values() | {"version": str(site.version)} if site else {}
        form = SiteForm(form_data(values | {"request_id": new_request_id()}))
    gates = [_gate_form(site, row) for row in site.gates] if site else []
    new_gate = GateForm(form_data({"request_id": new_request_id()}))
    if refused_gate is not None and refused_gate.is_new:
        new_gate = refused_gate.form
    elif refused_gate is not None:
        typed = refused_gate.form
        gates = [typed if known.code.data == typed.code.data else known for known in gates]
    return render_template(
        "admin/site_edit.html",
        site=site,
        form=form,
        gate_forms=gates,
        new_gate_form=new_gate,
        gate_refusal=refused_gate.message if refused_gate else None,
        may_write=actor().may("sites.write"),
        datums=DATUMS,
        district_names=[row.name for row in list_districts()],
        map_part=Markup(draw("picker").html),  # noqa: S704 (our own drawing)
        events=audit.list_events(f"site:{site.code}") if site else [],
    )


def _gate_form(site: SiteRow, row: GateRow) -> GateForm:
    order = GateOrder(site.code, row.code, row.name, Point(row.lat, row.lon), row.is_step_free)
    return GateForm(form_data(order.values() | {"request_id": new_request_id()}))
