"""A station as the organizers' pages find it."""

from stations.accounts.rules import Actor
from stations.kernel.errors import NotFound
from stations.kernel.text import Text, _
from stations.places.queries.rows import StationRow
from stations.places.queries.stations import find_station
from stations.web.writing import read_path_code

NO_STATION: Text = _("There is no such station.")


def get_mine(code: str, me: Actor, *, archived: bool = False) -> StationRow:
    """The station, if it lies where this person may look; a station of others is as if it were not there."""
    station = find_station(read_path_code(code, NO_STATION), archived=archived)
    if station is None or not me.may("places.read", station.path):
        raise NotFound("station.unknown", NO_STATION)
    return station
