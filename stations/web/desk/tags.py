"""A lent thing by the code on its tag: the phone's own camera leads here, to lend it or to take it back."""

from flask import Blueprint, Response, make_response, redirect, render_template, url_for

from stations.accounts.rules import Actor
from stations.kernel.errors import Invalid, NotFound
from stations.kernel.text import Text, _
from stations.places.queries.rows import StationRow
from stations.places.queries.stations import search_stations
from stations.stock.queries.items import ItemRow, find_item
from stations.stock.queries.loans import find_loan
from stations.stock.rules.loans import read_tag
from stations.web.desk.picture import get_mine
from stations.web.guard import actor, needs
from stations.web.writing import read_path_code

door = Blueprint("desk_tags", __name__, url_prefix="/desk")

NO_TAG: Text = _("There is no such tag.")
LISTED = 30


@door.get("/tag/<item>/<tag>")
@needs("stock.write")
def scanned(item: str, tag: str) -> Response:
    """At which station? With only one, straight on."""
    found, number = _get_tag(item, tag)
    rows = search_stations(actor().paths("stock.write"), "", LISTED)
    if len(rows) == 1:
        return make_response(redirect(url_for(".show", code=rows[0].code, item=found.code, tag=number)))
    return make_response(render_template("desk/tag_stations.html", item=found, tag=number, stations=rows))


@door.get("/<code>/tag/<item>/<tag>")
@needs("stock.write")
def show(code: str, item: str, tag: str) -> str:
    """Whether it is out, and the one thing that can be done about it."""
    me: Actor = actor()
    station: StationRow = get_mine(code, me)
    found, number = _get_tag(item, tag)
    return render_template(
        "desk/tag.html", station=station, item=found, tag=number, loan=find_loan(found.id, number)
    )  # fmt: skip


def _get_tag(item: str, tag: str) -> tuple[ItemRow, str]:
    found = find_item(read_path_code(item, NO_TAG))
    try:
        number = read_tag(tag)
    except Invalid:
        raise NotFound("loan.tag", NO_TAG) from None
    if found is None or not found.is_lent:
        raise NotFound("loan.tag", NO_TAG)
    return found, number
