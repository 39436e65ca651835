"""The exam sites and their gates."""

from flask import Blueprint, Response, make_response, render_template, request, url_for

from stations.kernel.cells import read_whole
from stations.kernel.errors import NotFound, Refused
from stations.kernel.forms import CellField, CellForm, text_reader
from stations.kernel.text import Text, _
from stations.places.actions.sites import archive_site, remove_gate, save_gate, save_site
from stations.places.forms import GateForm, SiteForm
from stations.places.queries.rows import SiteRow
from stations.places.queries.sheets import site_order
from stations.places.queries.stations import count_sites, find_site, search_sites
from stations.web.admin.site_page import RefusedGate, draw_site
from stations.web.guard import needs
from stations.web.paging import make_page
from stations.web.record_edit import SAVED, RecordKind, archive_record, save_record
from stations.web.writing import go, mark, read_path_code, write_once

door = Blueprint("admin_sites", __name__, url_prefix="/admin/exam-sites")

NO_SITE: Text = _("There is no such exam site.")


def _get(code: str, archived: bool = False) -> SiteRow:
    site = find_site(read_path_code(code, NO_SITE), archived=archived)
    if site is None:
        raise NotFound("site.unknown", NO_SITE)
    return site


SITE = RecordKind(
    "site",
    SiteForm,
    get=_get,
    order=site_order,
    draw=draw_site,
    save=save_site,
    archive=archive_site,
    title=lambda site: str(site.name),
    unseen=frozenset({"datum"}),
)


class SearchForm(CellForm):
    """The search of the list."""

    q = CellField(_("Name, alias or code"), text_reader(80))
    page = CellField(_("Page"), read_whole)


@door.get("/")
@needs("places.read")
def page() -> Response:
    """The list."""
    form = SearchForm(request.args)
    refusal = None if form.validate() else next(iter(form.problems.values()))
    asked = {"q": form.q.value or ""}
    listed = make_page(count_sites(asked["q"]), lambda limit, offset: search_sites(asked["q"], limit, offset), asked)
    drawn = render_template("admin/sites.html", page=listed, asked=asked, refusal=refusal)
    return make_response(drawn, 400 if refusal else 200)


@door.get("/new")
@needs("sites.write")
def new() -> str:
    """An empty form."""
    return draw_site(None)


@door.post("/new")
@needs("sites.write")
def create() -> Response:
    """Add it."""
    return save_record(SITE)


@door.get("/<code>")
@needs("places.read")
def edit(code: str) -> str:
    """The exam site as it stands."""
    return draw_site(_get(code))


@door.post("/<code>")
@needs("sites.write")
def save(code: str) -> Response:
    """Change it."""
    return save_record(SITE, code)


@door.post("/<code>/archive")
@needs("sites.write")
def archive(code: str) -> Response:
    """Take it off every list."""
    return archive_record(SITE, code)


@door.post("/<code>/gates")
@needs("sites.write")
def gate(code: str) -> Response:
    """Add, move or remove one gate."""
    site = _get(code)
    typed = request.form.copy()
    typed["site"] = site.code
    form = GateForm(typed)
    try:
        if request.form.get("drop"):
            _drop_gate(form, site)
        else:
            _save_gate(form, site)
    except Refused as refused:
        if not form.errors:
            mark(form, refused)
        told = RefusedGate(form, _is_new(), refused.message)
        return make_response(draw_site(site, refused_gate=told), refused.status)
    return go(url_for(".edit", code=code, _anchor="gates"))


def _is_new() -> bool:
    return request.form.get("is_new") == "1"


def _save_gate(form: GateForm, site: SiteRow) -> None:
    form.require()
    order = form.order()
    write_once(
        form.request_id.value, f"gate.save {site.code}", lambda by: save_gate(order, by, is_new=_is_new()), SAVED
    )


def _drop_gate(form: GateForm, site: SiteRow) -> None:
    form.validate()
    if form.code.errors:
        raise NotFound("gate.unknown", _("There is no such gate."))
    gate_code, request_id = form.code.value, form.request_id.value
    done = _("The gate was removed.")
    write_once(request_id, f"gate.remove {site.code}", lambda by: remove_gate(site.code, gate_code, by), done)
