"""What a crew can press on the driver's page, and what it can say where it cannot go."""

from enum import StrEnum

from stations.fleet.rules.rides import RideState
from stations.kernel.text import Text, _


class Press(StrEnum):
    """One button. The first ones are steps of a ride."""

    ACCEPT = "accept"
    SET_OUT = "set_out"
    PICK_UP = "pick_up"
    DROP_OFF = "drop_off"
    CANNOT = "cannot"
    WELL = "well"
    STAND_BY = "stand_by"
    OFF_DUTY = "off_duty"


PRESS_NAMES: dict[str, Text] = {
    Press.ACCEPT: _("Accept"),
    Press.SET_OUT: _("Set out"),
    Press.PICK_UP: _("Picked up"),
    Press.DROP_OFF: _("Dropped off"),
    Press.CANNOT: _("Cannot do it"),
    Press.WELL: _("All is well"),
    Press.STAND_BY: _("Stand by"),
    Press.OFF_DUTY: _("Off duty"),
}
STEPS: dict[Press, RideState] = {
    Press.ACCEPT: RideState.ACCEPTED,
    Press.SET_OUT: RideState.EN_ROUTE,
    Press.PICK_UP: RideState.PICKED_UP,
    Press.DROP_OFF: RideState.DROPPED_OFF,
    Press.CANNOT: RideState.REFUSED,
}
# What the crew may press next; in a relay the first leg ends when the second one has taken over.
NEXT_PRESSES: dict[RideState, tuple[Press, ...]] = {
    RideState.OFFERED: (Press.ACCEPT, Press.CANNOT),
    RideState.ACCEPTED: (Press.SET_OUT, Press.CANNOT),
    RideState.EN_ROUTE: (Press.PICK_UP, Press.CANNOT),
    RideState.PICKED_UP: (Press.DROP_OFF, Press.CANNOT),
}
FOUR = (Press.ACCEPT, Press.PICK_UP, Press.DROP_OFF, Press.CANNOT)

# Kept as the reason of the ride's end, by code; boards show the words.
REASONS: dict[str, Text] = {
    "breakdown": _("Breakdown or accident"),
    "stuck": _("Stuck in traffic"),
    "not_found": _("Nobody found there"),
    "other": _("Something else"),
}


def step_of(press: Press, state: RideState | None) -> RideState | None:
    """The step that a press means in a ride's state; None for one that is no step. Whoever has somebody aboard and
    cannot go on hands them over, for nobody can refuse what has begun."""
    if press is Press.CANNOT and state is RideState.PICKED_UP:
        return RideState.HANDED_OVER
    return STEPS.get(press)
