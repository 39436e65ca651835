"""Adding a station, changing one, taking one off the list."""

from flask import Response

from stations.places.actions.stations import archive_station, save_station
from stations.places.forms import StationForm
from stations.places.queries.sheets import station_order
from stations.web.admin.lines import get_mine
from stations.web.admin.station_page import draw_station
from stations.web.admin.stations import door
from stations.web.guard import actor, needs
from stations.web.record_edit import RecordKind, archive_record, save_record

__all__ = ["door"]

STATION = RecordKind(
    "station",
    StationForm,
    get=lambda code, archived: get_mine(code, actor(), archived=archived),
    order=station_order,
    draw=lambda station, form: draw_station(station, actor(), form),
    save=save_station,
    archive=archive_station,
    title=lambda station: str(station.name),
    unseen=frozenset({"datum", "verified_at"}),
)


@door.get("/new")
@needs("places.write")
def new() -> str:
    """An empty form."""
    return draw_station(None, actor())


@door.post("/new")
@needs("places.write")
def create() -> Response:
    """Add it."""
    return save_record(STATION)


@door.get("/<code>")
@needs("places.read")
def edit(code: str) -> str:
    """The station as it stands."""
    me = actor()
    return draw_station(get_mine(code, me), me)


@door.post("/<code>")
@needs("places.write")
def save(code: str) -> Response:
    """Change it."""
    return save_record(STATION, code)


@door.post("/<code>/archive")
@needs("places.write")
def archive(code: str) -> Response:
    """Take it off every list."""
    return archive_record(STATION, code)
