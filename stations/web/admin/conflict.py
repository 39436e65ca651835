"""Somebody else was quicker: what was typed stays, what is stored now is said, the next save overwrites it."""

from stations.kernel.text import _
from stations.places.forms import SiteForm, StationForm
from stations.places.queries.rows import SiteRow, StationRow
from stations.places.queries.sheets import site_order, station_order
from stations.web.context import new_request_id
from stations.web.writing import say

UNSEEN = frozenset({"datum", "verified_at"})


def show_conflict(form: StationForm | SiteForm, stored: StationRow | SiteRow) -> None:
    """Say above the form which fields differ, and let it be sent again against what is stored now."""
    say(form, _("Somebody else changed this meanwhile. What you typed is kept; compare, then save again."))
    order = station_order(stored) if isinstance(stored, StationRow) else site_order(stored)
    typed = form.order().values()
    for name, value in order.values().items():
        if value != typed[name] and name not in UNSEEN:
            say(form, _("%(field)s is now: %(value)s", field=form[name].label.text, value=value or _("empty")))
    form.version.data, form.request_id.data = str(stored.version), new_request_id()
