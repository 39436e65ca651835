"""An exam site's own page: what it is not to be confused with, until when it lets in, what is near."""

from flask import Blueprint, Response, make_response, render_template, url_for

from stations.kernel import clock
from stations.places.queries.anchoring import get_site_anchor
from stations.seasons.queries import get_calendar
from stations.seasons.rules import countdown
from stations.web.asking import SHOWN, make_cards, this_atlas, this_minute, this_stock
from stations.web.caching import cached

door = Blueprint("site", __name__)

FRESH_SECONDS = 15


@door.get("/e/<code>")
def page(code: str) -> Response:
    """The exam site of that code."""
    atlas, calendar, now = this_atlas(), get_calendar(), clock.now()
    anchor = get_site_anchor(atlas, code)

    def make() -> Response:
        answer = atlas.nearest(anchor.starts, now=now, limit=SHOWN, only_open=False)
        page = render_template(
            "public/site.html",
            site=anchor.site,
            alike=anchor.alike,
            countdown=countdown(calendar.sessions, now),
            sessions=calendar.sessions,
            cards=make_cards(answer, anchor, this_stock(), ()),
            nearest_url=url_for("home.page", site=code),
        )
        return make_response(page)

    return cached(this_minute(atlas), FRESH_SECONDS, make)
