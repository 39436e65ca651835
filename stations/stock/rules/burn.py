"""How fast an item goes, and when it will be gone."""

from collections.abc import Mapping
from dataclasses import dataclass

WINDOW_HOURS = 4
PRIOR_HOURS = 1.0  # the network's rate counts as much as this many hours of a station's own


@dataclass(frozen=True, slots=True)
class Outlook:
    """Hours until a shelf is empty at the present rate, with a band; None where nothing goes out."""

    per_hour: float
    hours: float | None
    soonest: float | None
    latest: float | None


def outlook(on_hand: int, own: Mapping[int, int], network_per_hour: float, hours_seen: float) -> Outlook:
    """From the units issued in each past hour (0 is the one that runs) and the network's rate for the item."""
    rate = (sum(own.values()) + PRIOR_HOURS * network_per_hour) / (hours_seen + PRIOR_HOURS)
    hours = on_hand / rate if rate > 0 else None
    return Outlook(rate, hours, hours and hours * 0.5, hours and hours * 2)
