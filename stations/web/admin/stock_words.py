"""Quantities and hours as organizers read them, and where in stock one is."""

from stations.kernel.text import Text, _
from stations.stock.queries.items import ItemRow
from stations.stock.queries.transfers import TransferLineRow
from stations.stock.rules.items import write_units
from stations.stock.rules.limits import AlertLevel
from stations.web.language import language

MOST_HOURS = 24

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


def round_minutes(hours: float) -> int:
    """As exactly as it is worth saying: to five minutes in the last hour, to half hours up to five, then to hours;
    rounded down, for nobody complains of what lasts longer."""
    if hours < 1:
        return int(hours * 12) * 5
    if hours < 5:
        return int(hours * 2) * 30
    return int(min(hours, MOST_HOURS + 1)) * 60


def say_minutes(minutes: int) -> str:
    """Rounded minutes in words."""
    if minutes < 60:
        return str(_("%(minutes)s min", minutes=max(minutes, 5)))
    if minutes > MOST_HOURS * 60:
        return str(_("over %(hours)s h", hours=MOST_HOURS))
    return str(_("%(hours)s h", hours=f"{minutes / 60:g}"))


def shown_units(quantity: int, item: ItemRow | TransferLineRow) -> str:
    """ "3箱6瓶", as its station would say it."""
    return write_units(quantity, item.unit, item.case_unit, item.units_per_case)


def in_words(name: str, name_en: str) -> str:
    """A name in the reader's language."""
    return name_en if name_en and language() == "en" else name
