"""A station as the staff's pages show it: how it stands, and what may be done with it."""

from dataclasses import dataclass

from stations.accounts.rules import Actor
from stations.kernel import clock
from stations.kernel.errors import NotFound
from stations.kernel.text import Text, _
from stations.places.queries.rows import StationRow
from stations.places.queries.stations import find_station
from stations.places.rules import NEXT_STATES, Standing, StationState, current_state, standing
from stations.seasons.queries import get_calendar
from stations.web.writing import read_path_code

NO_STATION: Text = _("There is no such station.")


@dataclass(frozen=True)
class StationLine:
    """One station with its standing now, the lead's word that still holds, and the states that may be set."""

    station: StationRow
    standing: Standing
    state: StationState
    next_states: frozenset[StationState]
    may_operate: bool


def make_line(station: StationRow, me: Actor) -> StationLine:
    """The line of one station, now."""
    now, zone = clock.now(), get_calendar().zone
    state = current_state(station.hours, station.said, now, zone)
    return StationLine(
        station,
        standing(station.hours, station.said, now, zone),
        state,
        NEXT_STATES[state],
        me.may("places.operate", station.path),
    )


def get_mine(code: str, me: Actor, *, archived: bool = False) -> StationRow:
    """The station, if it lies where this person may look; a station of others is as if it were not there."""
    station = find_station(read_path_code(code, NO_STATION), archived=archived)
    if station is None or not me.may("places.read", station.path):
        raise NotFound("station.unknown", NO_STATION)
    return station
