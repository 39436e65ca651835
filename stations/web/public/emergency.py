"""What to do now: four cards that need nothing but themselves."""

from flask import Blueprint, Response, make_response, render_template

from stations.seasons.queries import get_calendar
from stations.web.caching import cached

door = Blueprint("emergency", __name__)

FRESH_SECONDS = 300


@door.get("/help")
def page() -> Response:
    """The four cards."""
    return cached(get_calendar().code, FRESH_SECONDS, lambda: make_response(render_template("public/emergency.html")))
