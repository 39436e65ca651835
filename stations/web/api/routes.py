"""The addresses of the API. Anybody may read it from any page: it holds nothing that the public pages do not show."""

from collections.abc import Callable

from flask import Blueprint, Response

from stations.web.api.exam_sites import exam_sites, one_exam_site
from stations.web.api.nearest import nearest
from stations.web.api.openapi import openapi
from stations.web.api.sessions import sessions
from stations.web.api.stations import station, stations, stations_geojson

door = Blueprint("api", __name__)

VIEWS: dict[str, Callable[..., Response]] = {
    "/api/v1/nearest": nearest,
    "/api/v1/stations": stations,
    "/api/v1/stations.geojson": stations_geojson,
    "/api/v1/stations/<code>": station,
    "/api/v1/exam-sites": exam_sites,
    "/api/v1/exam-sites/<code>": one_exam_site,
    "/api/v1/sessions": sessions,
    "/openapi.json": openapi,
}
for address, view in VIEWS.items():
    door.add_url_rule(address, view_func=view, methods=["GET"])


@door.after_request
def share(response: Response) -> Response:
    """Let scripts of any origin read the answer, without credentials."""
    response.headers.add("Access-Control-Allow-Origin", "*")
    return response
