"""Replenishment: surplus to shortage over the whole network, the worst first, at the least distance in all.

For each item two questions are answered one after the other, both exactly. Who is helped when there is not enough for
all: whoever runs out before the horizon, in the order of when, then reserves in the same order; any surplus can go
anywhere, so filling in that order covers as much as can be covered. From where: the transport problem.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil
from operator import attrgetter

import numpy as np

from stations.kernel.geo.chord import SEMI_MAJOR, spots
from stations.kernel.progress import counted
from stations.kernel.text import Text, _
from stations.stock.optimizer.transport import Problem, Whole, solve
from stations.stock.rules.limits import Limits

PER_HOUR = 4  # who runs out within the same quarter of an hour is equally urgent
NEVER = 1_000_000


@dataclass(frozen=True, slots=True)
class Stock:
    """One item at one station: usable units on hand, those on their way to it and those promised to others, what goes
    out until the horizon, and in how many hours the shelf is empty. Whole cases of `step` units are moved."""

    station: str
    station_name: str
    lat: float
    lon: float
    item: str
    on_hand: int
    incoming: int
    outgoing: int
    needed: float
    hours: float | None
    limits: Limits
    step: int = 1
    item_name: str = ""
    unit: str = ""

    @property
    def keeps(self) -> int:
        """What it needs itself: until the horizon, and so much above the reorder level that no alert rings."""
        return ceil(self.needed) + self.limits.rearms_above + 1

    @property
    def coming(self) -> int:
        """What will be on the shelf when everything under way has come and gone."""
        return self.on_hand + self.incoming - self.outgoing

    @property
    def is_short(self) -> bool:
        """Whether it runs out before the horizon or is at its reorder level."""
        return self.coming < self.needed or self.coming <= self.limits.reorder_level

    @property
    def spare(self) -> int:
        """Units it can give away now without running short itself."""
        return 0 if self.is_short else max(self.on_hand - self.outgoing - self.keeps, 0)

    @property
    def missing(self) -> int:
        """Units up to what it keeps, as far as they fit."""
        room = self.limits.max_level - self.coming if self.limits.max_level else NEVER
        return max(min(self.keeps - self.coming, room), 0) if self.is_short else 0

    @property
    def wanted(self) -> tuple[int, int]:
        """Cases (to last until the horizon, for the reserve)."""
        room = (self.limits.max_level - self.coming) // self.step if self.limits.max_level else NEVER
        cases = min(-(-self.missing // self.step), max(room, 0))
        first = min(-(-max(ceil(self.needed) - self.coming, 0) // self.step), cases)
        return first, cases - first

    @property
    def urgency(self) -> int:
        """Quarters of an hour until it is empty."""
        return NEVER if self.hours is None else int(self.hours * PER_HOUR)


@dataclass(frozen=True, slots=True)
class Line:
    """Units of an item to move, metres in a straight line, and why."""

    source: Stock
    target: Stock
    quantity: int
    metres: int
    reason: Text


@dataclass(frozen=True, slots=True)
class Unmet:
    """Units that nobody can give, and why."""

    target: Stock
    quantity: int
    reason: Text


@dataclass(frozen=True, slots=True)
class Proposal:
    """What to move and what stays short. `cost` is cases times metres, `bound` what no plan can beat: equal when it is
    proven that none does."""

    lines: tuple[Line, ...]
    unmet: tuple[Unmet, ...]
    cost: int
    bound: int

    @property
    def is_proven(self) -> bool:
        """Whether no plan that helps the same people needs less."""
        return self.cost == self.bound


def propose(stocks: Sequence[Stock], time_limit: float = 10.0) -> Proposal:
    """The best plan. After `time_limit` seconds the rest of it is feasible, but not proven the shortest."""
    stop_at = time.monotonic() + time_limit
    lines: list[Line] = []
    unmet: list[Unmet] = []
    cost = bound = 0
    ordered = sorted(stocks, key=attrgetter("item", "station"))
    groups = [list(group) for _item, group in groupby(ordered, key=attrgetter("item"))]
    for of_item in counted(_("Items worked out:"), groups, len(groups)):
        sources = [stock for stock in of_item if stock.spare >= stock.step]
        targets = [stock for stock in of_item if stock.missing]
        supply = np.array([stock.spare // stock.step for stock in sources], dtype=np.int64)
        ask = _choose(targets, int(supply.sum()))
        metres = straight_metres(sources, targets)
        flow = solve(Problem(supply, *ask, metres), stop_at)
        cost, bound = cost + flow.cost, bound + flow.bound
        lines += _explain(sources, targets, flow.cases, metres, is_scarce=ask[2] > 0)
        unmet += _explain_unmet(targets, flow.cases.sum(axis=0), bool(sources))
    lines.sort(key=lambda line: (line.target.urgency, line.target.station, line.target.item, line.source.station))
    unmet.sort(key=lambda row: (row.target.urgency, row.target.station, row.target.item))
    return Proposal(tuple(lines), tuple(unmet), cost, bound)


def _choose(targets: Sequence[Stock], supply: int) -> tuple[Whole, Whole, int]:
    """Cases that each target gets for certain, those of the class that is covered in part, and its shortfall."""
    sure, perhaps = np.zeros((2, len(targets)), dtype=np.int64)
    classes = [(tier, t.urgency, j, t.wanted[tier]) for j, t in enumerate(targets) for tier in (0, 1)]
    for _class, members in groupby(sorted(classes), key=lambda row: row[:2]):
        wanted = [(j, cases) for _tier, _urgency, j, cases in members if cases]
        total = sum(cases for _j, cases in wanted)
        into = sure if total <= supply else perhaps
        for j, cases in wanted:
            into[j] += cases
        if total > supply:
            return sure, perhaps, total - supply
        supply -= total
    return sure, perhaps, 0


def straight_metres(sources: Sequence[Stock], targets: Sequence[Stock]) -> Whole:
    """Whole metres along the surface from each source to each target; within a metre up to 500 km."""
    ends = [spots(np.array([s.lat for s in part]), np.array([s.lon for s in part])) for part in (sources, targets)]
    chord = np.linalg.norm(ends[0][:, None] - ends[1][None], axis=2)
    metres: Whole = np.rint(chord * (1 + (chord / SEMI_MAJOR) ** 2 / 24)).astype(np.int64)
    return metres


def _explain(
    sources: Sequence[Stock], targets: Sequence[Stock], cases: Whole, metres: Whole, *, is_scarce: bool
) -> list[Line]:
    whole = _("there is too little for all, so it goes to whoever runs out first") if is_scarce else _(
        "part of the shortest way in all"
    )  # fmt: skip
    lines = []
    for i, j in np.argwhere(cases).tolist():
        source, target = sources[i], targets[j]
        reason = _(
            "%(target)s %(need)s; %(source)s has %(spare)s to spare; %(km)s km in a straight line; %(whole)s.",
            target=target.station_name, need=_need(target), source=source.station_name,
            spare=f"{source.spare}{source.unit}", km=f"{metres[i, j] / 1000:.1f}", whole=whole,
        )  # fmt: skip
        lines.append(Line(source, target, int(cases[i, j]) * target.step, int(metres[i, j]), reason))
    return lines


def _need(target: Stock) -> Text:
    if target.coming <= 0:
        return _("has none left")
    if target.hours is not None and target.coming < target.needed:
        if target.hours < 1:
            return _("will have none in about %(minutes)s min", minutes=max(int(target.hours * 12), 1) * 5)
        return _("will have none in about %(hours)s h", hours=f"{target.hours:.1f}")
    return _("is down to %(left)s", left=f"{target.coming}{target.unit}")


def _explain_unmet(targets: Sequence[Stock], cases: Whole, has_supply: bool) -> list[Unmet]:
    unmet = []
    for target, given in zip(targets, cases.tolist(), strict=True):
        missing = target.missing - given * target.step
        if missing <= 0:
            continue
        if not sum(target.wanted):
            reason = _("a whole case does not fit there")
        elif has_supply:
            reason = _("what others can spare goes to stations that run out earlier")
        else:
            reason = _("no other station has any to spare")
        unmet.append(Unmet(target, missing, reason))
    return unmet
