"""Quantities and hours as organizers read them, and where in stock one is."""

from stations.kernel.text import Text, _
from stations.stock.rules.limits import AlertLevel
from stations.web.language import language
from stations.web.units import MOST_HOURS, Counted, round_minutes, say_units

ALERT_NAMES: dict[int, Text] = {
    AlertLevel.LOW: _("Running short"),
    AlertLevel.BELOW_MIN: _("Below the minimum"),
    AlertLevel.EMPTY: _("None left"),
}
PLACE_NAMES: dict[str, Text] = {
    "station": _("On the shelf"),
    "held": _("Held"),
    "in_transit": _("In transit"),
    "lent": _("Lent"),
}


def shown_hours(hours: float | None) -> str:
    """ "40 min", "2.5 h", "12 h", "over 24 h"; empty where nothing goes out."""
    return "" if hours is None else say_minutes(round_minutes(hours))


def say_minutes(minutes: int) -> str:
    """Rounded minutes in words."""
    if minutes < 60:
        return str(_("%(minutes)s min", minutes=max(minutes, 5)))
    if minutes > MOST_HOURS * 60:
        return str(_("over %(hours)s h", hours=MOST_HOURS))
    return str(_("%(hours)s h", hours=f"{minutes / 60:g}"))


def shown_units(quantity: int, item: Counted) -> str:
    """ "3箱6瓶", as its station would say it."""
    return say_units(item, quantity)


def in_words(name: str, name_en: str) -> str:
    """A name in the reader's language."""
    return name_en if name_en and language() == "en" else name
