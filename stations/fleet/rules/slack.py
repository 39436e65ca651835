"""How much time is left to act on a call, what colour that is, and what else helps when it is too little.

Slack is what may still be waited before a vehicle sets out: the entry cut-off, less now, the vehicle's way to the
caller, boarding, the ride and the walk through the gate. Colours are of the slack: below 10 minutes red, to 25 amber,
above green. A call with less than 10 minutes to the cut-off is therefore always red. Which vehicle helps goes by the
minutes left to the cut-off instead: below 10 one at the gate, to 25 the nearest, above any (rescues took 3 to 30
minutes from notice to gate, users' log).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from math import ceil, floor

import numpy as np

from stations.adapters.router import Points, Seconds
from stations.kernel.geo.distance import DETOUR_FACTOR, WALKING_KM_PER_HOUR, geodesic_metres
from stations.kernel.text import Text, _

RED_MINUTES = 10
AMBER_MINUTES = 25
# Farther than this nobody is told to walk to an examination.
WALK_METRES = 2000
# The straight way to the gate is looked at in so many steps for a place to meet or to get out.
STEPS = 40
# A jam in front of a gate is taken to be so long.
JAM_METRES = 800
# Nobody gets out for a smaller gain.
WORTH_WALKING_SECONDS = 60
SECONDS_PER_METRE_ON_FOOT = DETOUR_FACTOR / (WALKING_KM_PER_HOUR / 3.6)


class Band(StrEnum):
    """The colour of a call in the queue; `none` for one without a cut-off."""

    RED = "red"
    AMBER = "amber"
    GREEN = "green"
    NONE = "none"


class Advice(StrEnum):
    """What to do for a call."""

    AT_GATE = "at_gate"
    NEAREST = "nearest"
    NORMAL = "normal"
    WALK = "walk"
    WALK_LAST_STRETCH = "walk_last_stretch"
    MEET_HALF_WAY = "meet_half_way"
    RELAY = "relay"
    TELL_GATE = "tell_gate"


WORDS: dict[str, Text] = {
    Band.RED: _("Less than 10 minutes to act"),
    Band.AMBER: _("10 to 25 minutes to act"),
    Band.GREEN: _("More than 25 minutes to act"),
    Band.NONE: _("No cut-off"),
    Advice.AT_GATE: _("Only a vehicle that stands there already can help."),
    Advice.NEAREST: _("Send the nearest vehicle now."),
    Advice.NORMAL: _("A normal ride is in time."),
    Advice.WALK: _("On foot it is sooner: walk to the gate now."),
    Advice.WALK_LAST_STRETCH: _("Get out before the jam and walk the last stretch."),
    Advice.MEET_HALF_WAY: _("Set out towards the gate and meet the vehicle on the way."),
    Advice.RELAY: _("Let one vehicle fetch the papers and hand them over to another on the way."),
    Advice.TELL_GATE: _("No way is in time: tell the gate, and the escort teacher, that somebody is coming."),
}


@dataclass(frozen=True, slots=True)
class Slack:
    """Seconds left to act (below 0: too late for a plain ride), its colour, and which vehicle helps. Without a cut-off
    there is none of it."""

    seconds: int | None
    band: Band
    advice: Advice


@dataclass(frozen=True, slots=True)
class Alternative:
    """Something else than a plain ride: seconds from now to inside the gate, the margin then, and where to meet."""

    advice: Advice
    arrives_seconds: int
    margin_seconds: int
    lat: float | None = None
    lon: float | None = None


def slack(
    cutoff_at: datetime | None, now: datetime, reach_seconds: float, ride_seconds: float, gate_walk_seconds: float
) -> Slack:
    """The slack of a call whose vehicle would need `reach_seconds` to the caller; `ride_seconds` includes boarding."""
    if cutoff_at is None:
        return Slack(None, Band.NONE, Advice.NORMAL)
    left = (cutoff_at - now).total_seconds()
    seconds = floor(left - reach_seconds - ride_seconds - gate_walk_seconds)
    return Slack(seconds, band(seconds), vehicle_advice(left))


def band(slack_seconds: float | None) -> Band:
    """The colour of a slack."""
    if slack_seconds is None:
        return Band.NONE
    if slack_seconds < RED_MINUTES * 60:
        return Band.RED
    return Band.AMBER if slack_seconds <= AMBER_MINUTES * 60 else Band.GREEN


def vehicle_advice(left_seconds: float) -> Advice:
    """Which vehicle helps when the cut-off is so far away."""
    if left_seconds < RED_MINUTES * 60:
        return Advice.AT_GATE
    return Advice.NEAREST if left_seconds <= AMBER_MINUTES * 60 else Advice.NORMAL


def points_on_way(lat: float, lon: float, gate_lat: float, gate_lon: float) -> Points:
    """Points from the caller to the gate in a straight line, both included, shape (STEPS + 1, 2)."""
    return np.linspace((lat, lon), (gate_lat, gate_lon), STEPS + 1)


def on_foot_seconds(way: Points) -> Seconds:
    """Seconds on foot from the beginning of a straight way to each of its points."""
    metres = geodesic_metres(*way[0].tolist(), *way[-1].tolist())
    return np.linspace(0, metres * SECONDS_PER_METRE_ON_FOOT, len(way))


def walk(way: Points, left_seconds: float) -> Alternative | None:
    """The whole way on foot; None when it is farther than anybody is told to walk."""
    seconds = on_foot_seconds(way)[-1]
    if seconds > WALK_METRES * SECONDS_PER_METRE_ON_FOOT:
        return None
    return _alternative(Advice.WALK, seconds, left_seconds)


def walk_last_stretch(
    way: Points, drive_seconds: Seconds, jam_seconds: float, gate_walk_seconds: float, left_seconds: float
) -> Alternative | None:
    """Where to get out when traffic in front of the gate stands: `drive_seconds` from now to each point of the way as
    if it ran, `jam_seconds` lost on the last JAM_METRES, evenly. None when sitting on takes hardly longer."""
    on_foot = on_foot_seconds(way)
    rest = on_foot[-1] - on_foot
    jam = np.clip(1 - rest / (JAM_METRES * SECONDS_PER_METRE_ON_FOOT), 0, 1) * jam_seconds
    arrives = drive_seconds + jam - jam[0] + np.maximum(rest, gate_walk_seconds)
    best = int(arrives.argmin())
    if arrives[-1] - arrives[best] < WORTH_WALKING_SECONDS:
        return None
    return _alternative(Advice.WALK_LAST_STRETCH, arrives[best], left_seconds, way[best])


def meet(
    way: Points, mover_seconds: Seconds, vehicle_seconds: Seconds, ride_seconds: Seconds, left_seconds: float
) -> Alternative | None:
    """The rendezvous point: somebody moves towards the gate (on foot, by any means) while a vehicle comes to meet them.

    Seconds per point of the way: from now until the mover is there, until the vehicle is there, and from there to
    inside the gate, boarding included. Of equally good points the one nearest to the gate; None when the vehicle can
    come to none of them."""
    best, arrives = _best_point(np.maximum(mover_seconds, vehicle_seconds) + ride_seconds)
    if not np.isfinite(arrives):
        return None
    return _alternative(Advice.MEET_HALF_WAY, arrives, left_seconds, way[best])


def relay(
    way: Points,
    first_seconds: Seconds,
    first_left_seconds: float,
    second_seconds: Seconds,
    ride_seconds: Seconds,
    left_seconds: float,
) -> Alternative | None:
    """Papers in two legs: the first vehicle fetches them and brings them towards the gate, but has to be free again in
    `first_left_seconds`; the second one takes them from there. Seconds as for `meet`. None when no point is reached
    in that time."""
    arrives = np.where(first_seconds <= first_left_seconds, np.maximum(first_seconds, second_seconds), np.inf)
    best, seconds = _best_point(arrives + ride_seconds)
    if not np.isfinite(seconds):
        return None
    return _alternative(Advice.RELAY, seconds, left_seconds, way[best])


def ranked(alternatives: list[Alternative | None]) -> tuple[Alternative, ...]:
    """What helps, the soonest first; when none is in time, telling the gate comes before all of them."""
    found = sorted((one for one in alternatives if one), key=lambda one: one.arrives_seconds)
    if found and found[0].margin_seconds >= 0:
        return tuple(found)
    soonest = [replace(one, advice=Advice.TELL_GATE, lat=None, lon=None) for one in found[:1]]
    return (*soonest, *found)


def tell_gate(arrives_seconds: float, left_seconds: float) -> Alternative:
    """All that is left to do for somebody who comes so late."""
    return _alternative(Advice.TELL_GATE, arrives_seconds, left_seconds)


def _best_point(arrives: Seconds) -> tuple[int, float]:
    """The last of the points from which it is soonest, and how soon."""
    best = len(arrives) - 1 - int(arrives[::-1].argmin())
    return best, float(arrives[best])


def _alternative(advice: Advice, arrives: float, left: float, point: Points | None = None) -> Alternative:
    seconds = ceil(arrives)
    lat, lon = (None, None) if point is None else point.tolist()
    return Alternative(advice, seconds, floor(left - seconds), lat, lon)
