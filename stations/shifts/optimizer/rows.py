"""What the roster answers, and what counts how much in it.

The objective, in minutes of travel; the guard's objections are no part of it, for nothing that it objects to is
proposed at all.

| what | weight |
|---|---|
| a place that stays empty | EMPTY_PLACE, by the skill that it asks for: what few can do comes first |
| a volunteer's way from home | its minutes, once for each shift |
| burden above the fair share | BANDS: so many for each hour above so many shares; an hour of a post that is disliked |
| | counts DISLIKED_SHARE longer for each degree, so such posts are spread with the hours |
| a post that was not wished for | NEUTRAL for one who wished for nothing, UNWISHED for one who wished for others |
| away from the team's own stations | AWAY; for a leader or deputy, whose absence all feel, AWAY_LEADING |
| a shift of two or more with nobody experienced | GREEN |
| on a shift without a companion wished for | ALONE for each |
| a proposal that is taken back | CHANGED |
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from stations.kernel.text import Text
from stations.shifts.rules.skills import LEADER

EMPTY_PLACE: Mapping[str, float] = MappingProxyType({"": 1000.0, LEADER: 2000.0})
EMPTY_SKILLED = 1500.0
# Above so many fair shares, minutes for each hour.
BANDS: tuple[tuple[float, float], ...] = ((1.0, 6.0), (1.5, 12.0), (2.0, 24.0))
DISLIKED_SHARE = 0.25
NEUTRAL = 4.0
UNWISHED = 10.0
AWAY = 20.0
AWAY_LEADING = 40.0
GREEN = 30.0
ALONE = 15.0
CHANGED = 40.0
# Whoever has served so much this season, or leads, is experienced.
EXPERIENCED_MINUTES = 480


@dataclass(frozen=True, slots=True)
class Placement:
    """One volunteer in one place of a seat."""

    volunteer_id: int
    need_id: int
    shift_id: int


@dataclass(frozen=True, slots=True)
class Empty:
    """Places of a seat that stay empty, and why. `left` says how many volunteers remained after each test, in order."""

    need_id: int
    places: int
    reason: Text
    left: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Stage:
    """How far it is: rounds done of those allowed, the cost of the best roster so far, what none can go below, and the
    share of the rounds or of the time that is used, whichever is more."""

    done: int
    of: int
    best: float
    bound: float
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Proposal:
    """New placements beside what is confirmed; `dropped` are proposals of before that are not kept. No roster costs
    less than `bound`."""

    placements: tuple[Placement, ...]
    dropped: tuple[Placement, ...]
    empty: tuple[Empty, ...]
    cost: float
    bound: float
    rounds: int = 0

    @property
    def is_proven(self) -> bool:
        """Whether it is proven that no roster is better, within a ten-thousandth."""
        return self.cost <= self.bound * 1.0001 + 1e-6


# Told of every stage; answers True to stop there.
Listener = Callable[[Stage], bool]


def empty_cost(skill: str) -> float:
    """What an empty place costs by the skill that it asks for."""
    return EMPTY_PLACE.get(skill, EMPTY_SKILLED)
