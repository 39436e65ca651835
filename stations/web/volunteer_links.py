"""A volunteer's signed link, which dies when they withdraw or a new one is made; and the addresses of calendars."""

from typing import Any

from flask import current_app, url_for
from itsdangerous import BadSignature, URLSafeSerializer

from stations.kernel.errors import NotFound
from stations.kernel.text import _
from stations.shifts.queries.volunteers import VolunteerRow, get_volunteer

LINK, STATION = "volunteer's link", "station's calendar"


def make_token(volunteer_id: int, link_no: int) -> str:
    """What stands in the link."""
    return str(_signer(LINK).dumps([volunteer_id, link_no]))


def make_link(volunteer_id: int, link_no: int) -> str:
    """The whole address that a volunteer opens."""
    return url_for("volunteer.home", token=make_token(volunteer_id, link_no), _external=True)


def find_volunteer(token: str) -> VolunteerRow:
    """The volunteer of a link that is still valid. Raises NotFound."""
    try:
        content: Any = _signer(LINK).loads(token)
        volunteer_id, link_no = content
        row = get_volunteer(int(volunteer_id))
    except (BadSignature, ValueError, TypeError, NotFound):
        raise _dead() from None
    if row.link_no != link_no or row.is_withdrawn:
        raise _dead()
    return row


def make_calendar_link(row: VolunteerRow) -> str:
    """The address of a volunteer's own calendar; it dies with their link."""
    return url_for("calendars.of_volunteer", key=row.feed_key, _external=True)


def make_station_calendar_link(code: str) -> str:
    """The address of a station's calendar, which only this server can make."""
    return url_for("calendars.of_station", token=_signer(STATION).dumps(code), _external=True)


def find_station_code(token: str) -> str:
    """The station of such an address. Raises NotFound."""
    try:
        return str(_signer(STATION).loads(token))
    except BadSignature:
        raise _dead() from None


def _dead() -> NotFound:
    return NotFound("link.dead", _("This link is no longer valid. Ask your team leader for a new one."))


def _signer(salt: str) -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=salt)
