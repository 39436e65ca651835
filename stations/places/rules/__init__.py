"""Pure rules about places: what is offered, whether it is open, how hours are written."""

from stations.places.rules.catalogue import ACCESS, LANDMARK_KINDS, NEED_WORDS, NEEDS, SERVICES, STATION_KINDS
from stations.places.rules.openness import (
    NEXT_STATES,
    Hours,
    Said,
    Spans,
    Standing,
    StationState,
    Status,
    change_state,
    current_state,
    is_fresh,
    is_shut,
    next_change,
    opened_until,
    standing,
)

__all__ = [
    "ACCESS",
    "LANDMARK_KINDS",
    "NEEDS",
    "NEED_WORDS",
    "NEXT_STATES",
    "SERVICES",
    "STATION_KINDS",
    "Hours",
    "Said",
    "Spans",
    "Standing",
    "StationState",
    "Status",
    "change_state",
    "current_state",
    "is_fresh",
    "is_shut",
    "next_change",
    "opened_until",
    "standing",
]
