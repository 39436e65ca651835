"""Calendars to subscribe to: a volunteer's and a station's, at addresses that nobody guesses."""

from flask import Blueprint, Response, request

from stations.feeds.shifts_ical import Entry, entry_of_assignment, entry_of_shift, write_calendar
from stations.kernel import clock
from stations.kernel.errors import NotFound
from stations.kernel.text import _
from stations.places.queries.atlas import get_atlas
from stations.places.queries.stations import get_station
from stations.seasons.queries import get_calendar
from stations.shifts.queries.assignments import list_assignments_of
from stations.shifts.queries.shifts import list_shifts
from stations.shifts.queries.volunteers import find_volunteer_by_feed
from stations.web.volunteer_links import find_station_code

door = Blueprint("calendars", __name__, url_prefix="/feeds")

FRESH = "private, max-age=300"


@door.get("/volunteer/<key>.ics")
def of_volunteer(key: str) -> Response:
    """What one volunteer holds this season, and what was called off."""
    row = find_volunteer_by_feed(key)
    if row is None:
        raise NotFound("calendar.unknown", _("There is no such calendar."))
    calendar = get_calendar()
    held = list_assignments_of(row.id, calendar.year(clock.now())[0])
    find = get_atlas(calendar.zone).find_station
    return _send(str(_("My shifts")), [entry_of_assignment(one, find(one.station)) for one in held])


@door.get("/station/<token>.ics")
def of_station(token: str) -> Response:
    """The shifts of a station this season, the called-off ones too."""
    station = get_station(find_station_code(token))
    since, until = get_calendar().year(clock.now())
    rows = list_shifts((station.path,), since, until, station=station.code, cancelled=True)
    title = _("Shifts of %(station)s", station=station.name)
    return _send(str(title), [entry_of_shift(row, station) for row in rows])


def _send(name: str, entries: list[Entry]) -> Response:
    body = write_calendar(name, entries, get_calendar().zone)
    response = Response(body, content_type="text/calendar; charset=utf-8")
    response.headers["Cache-Control"] = FRESH
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Content-Disposition"] = 'inline; filename="shifts.ics"'
    response.add_etag()
    return response.make_conditional(request)  # type: ignore[return-value]
