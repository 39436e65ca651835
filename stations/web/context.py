"""What every template may use: the reader's language, the demonstration banner, times as people read them."""

from datetime import date, datetime
from typing import Any
from uuid import uuid4

from babel.dates import format_date
from flask import Flask
from flask_babel import get_locale
from jinja2 import StrictUndefined
from markupsafe import Markup

from stations.accounts.rules import ROLE_NAMES
from stations.kernel import clock
from stations.places.rules import NEEDS, STATION_KINDS
from stations.seasons.queries import get_calendar
from stations.web.guard import find_actor
from stations.web.language import DEFAULT, TAGS, is_elder, language
from stations.web.units import say_base_units, say_case, unit_forms


def install(app: Flask) -> None:
    """Give templates their globals; a name that nobody set is an error, not an empty text."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(NEEDS=NEEDS, KINDS=STATION_KINDS, ROLE_NAMES=ROLE_NAMES, new_request_id=new_request_id)
    app.add_template_global(shown_time)
    app.add_template_global(shown_day)
    app.add_template_global(shown_moment)
    app.add_template_global(shown_date)
    app.jinja_env.globals.update(say_base_units=say_base_units, say_case=say_case, unit_forms=unit_forms)
    app.context_processor(_context)


def _context() -> dict[str, Any]:
    locale = language()
    calendar = get_calendar()
    return {
        "language": locale,
        "lang_attr": TAGS[locale],
        "is_elder": is_elder(),
        "is_demo": calendar.is_demo,
        "demo_time": "" if clock.is_real() else f"{shown_day(clock.now())} {shown_time(clock.now())}",
        "person": find_actor(),
        "now": clock.now(),
        "rendered_at": clock.real_now(),
        "map_part": Markup(""),
        "selection_json": Markup(""),
    }


def new_request_id() -> str:
    """The id that a form sends along, so that sending it twice does it once."""
    return uuid4().hex


def shown_time(at: datetime) -> str:
    """HH:MM in the season's zone."""
    return at.astimezone(get_calendar().zone).strftime("%H:%M")


def shown_moment(at: datetime) -> str:
    """The time, with its day where that is another one than today."""
    day = shown_day(at)
    return shown_time(at) if day == shown_day(clock.now()) else f"{day} {shown_time(at)}"


def shown_day(at: datetime) -> str:
    """The date as the reader writes it, without the year."""
    return shown_date(at.astimezone(get_calendar().zone).date())


def shown_date(day: date) -> str:
    """As `shown_day`, for a date."""
    if str(get_locale() or DEFAULT).startswith("zh"):
        return f"{day.month}月{day.day}日"
    return str(format_date(day, "d MMM", locale="en"))
