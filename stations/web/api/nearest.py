"""The nearest stations: the lean twin of the home page's list."""

from flask import Response

from stations.feeds.finding import find_nearest, understand
from stations.feeds.stations_json import NearestStations, write_nearest
from stations.kernel.text import _
from stations.places.queries.anchoring import position_anchor
from stations.web.api.answering import answer, revision_of, this_picture
from stations.web.api.describing import described
from stations.web.api.forms import NearestQuestion, read_nearest
from stations.web.asking import get_anchor, this_stock
from stations.web.reading import this_request


@described(
    _("The stations nearest to a position, an exam site or a place, in geodesic order"),
    asks=NearestQuestion,
    gives=NearestStations,
    refusals=(404,),
)
def nearest() -> Response:
    """Measured from the closest gate where an exam site is asked for."""
    atlas, texts, now = this_picture()
    asked = read_nearest(this_request().query_string.decode(errors="replace"))
    anchor = position_anchor(asked.point) if asked.point else get_anchor(atlas, asked.form)
    only_open = bool(asked.form.open.value)
    stock = this_stock()
    needs = understand(stock, asked.needs, now)

    def write() -> bytes:
        found = find_nearest(atlas, anchor.starts, needs, now=now, limit=asked.limit, only_open=only_open)
        return write_nearest(found, texts)

    return answer(revision_of(atlas, needs.stocked and stock), now, write)
