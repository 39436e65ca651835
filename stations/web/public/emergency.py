"""What to do now: four cards that need nothing but themselves."""

from flask import Blueprint, Response, make_response, render_template, request

from stations.kernel.errors import Invalid
from stations.kernel.forms import read_code
from stations.seasons.queries import get_calendar
from stations.web.caching import cached

door = Blueprint("emergency", __name__)

FRESH_SECONDS = 300


@door.get("/help")
def page() -> Response:
    """The four cards."""
    site = _read_site()
    return cached(
        get_calendar().code, FRESH_SECONDS, lambda: make_response(render_template("public/emergency.html", site=site))
    )


def _read_site() -> str | None:
    """The exam site that the reader came from; nothing else is passed on."""
    try:
        return read_code(request.args.get("site", ""))
    except Invalid:
        return None
