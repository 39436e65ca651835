"""The code of the day at a station: whoever opens its address has stood before it today, for the address holds the day
and a signature of station, season and day."""

from datetime import date, datetime, timedelta

from flask import current_app, url_for
from itsdangerous import Signer

from stations.kernel import clock
from stations.kernel.errors import Refused
from stations.kernel.text import _
from stations.seasons.queries import get_calendar
from stations.web.context import shown_date

SALT = "station's check-in"
# Round midnight the code of either day holds for so long.
OVERLAP = timedelta(minutes=15)


def make_check_in_link(station: str, day: date) -> str:
    """The whole address in a station's code of that day."""
    return url_for("check_in.page", code=station, k=make_key(station, day), lang=None, view=None, _external=True)


def make_key(station: str, day: date) -> str:
    """The day and its signature."""
    return f"{day:%Y%m%d}.{_signer().get_signature(_signed(station, day)).decode()}"


def local_today(now: datetime) -> date:
    """The day in the season's zone."""
    return now.astimezone(get_calendar().zone).date()


def check_key(station: str, key: str) -> None:
    """Raises Refused unless this is the code of the station, and of a day that it is now, or was or will be within
    15 minutes."""
    typed, _dot, signature = key.partition(".")
    try:
        day = datetime.strptime(typed, "%Y%m%d").date()  # noqa: DTZ007 (a day, in the season's zone)
    except ValueError:
        raise _unscanned() from None
    if not _signer().verify_signature(_signed(station, day), signature.encode()):
        raise _unscanned()
    now = clock.now()
    if day not in (local_today(now - OVERLAP), local_today(now + OVERLAP)):
        message = _("This code was for %(day)s. Please scan today's code at the station.", day=shown_date(day))
        raise Refused("attendance.code_old", message)


def _unscanned() -> Refused:
    return Refused("attendance.place", _("Please scan the code at the station to check in."))


def _signed(station: str, day: date) -> bytes:
    return f"{station}|{get_calendar().code}|{day:%Y%m%d}".encode()


def _signer() -> Signer:
    return Signer(current_app.config["SECRET_KEY"], salt=SALT)
