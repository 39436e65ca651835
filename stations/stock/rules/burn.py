"""How fast items go, and when a shelf will be empty.

A station issues an item like the average station that issues it, by hour of day, times a factor of its own. The factor
has a gamma prior around what the station does with all its items, and that one around 1; what it issued itself moves
it (Gamma-Poisson, that is empirical Bayes: R. J. Buehler's conjugate pair as in Gelman et al., Bayesian Data
Analysis, ch. 2.6). Handfuls and cases come in one go, so counts vary by the mean size of one issue times CLUMPS.
The hours to empty are a ratio of two gammas; its quantiles by E. Paulson's approximation of F (1942).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from stations.places.rules import Hours, Spans

WINDOW_HOURS = 24  # each hour of the day once
WALK_HOURS = 48
# What the network expects before it has seen anything: waves before papers, at their ends, and at noon; mean about 1.
DAY = np.array([0.02] * 5 + [0.1, 0.4, 1.6, 1.5, 0.8, 0.8, 1.4, 0.6, 1.0, 1.4, 0.7, 0.7, 1.1, 0.3] + [0.02] * 5)
DAY_COUNTS = 6.0  # as many issues in an hour weigh as much as that expectation
STATION_COUNTS = 1.0  # the same for how busy a station is,
ITEM_COUNTS = 4.0  # and for how much it differs in one item
FIRST_HOURS = 0.5  # station-hours of silence that the first issue of all has to outweigh
HALF_LIFE_HOURS = 12.0
CLUMPS = 1.5
WOBBLE = 0.2  # how much the coming hours differ from the past ones, however well those are known
BAND = 1.2816  # 10 to 90 %

Numbers = NDArray[np.float64]
Places = NDArray[np.intp]
# Rows of units that went out: place, item, hour since the epoch, their sum, and the sum of the squares of the issues.
Issued = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What goes out in the coming hour, hours until the shelf is empty with a band of 10 to 90 %, and the units
    `needed` until a moment that was asked for. None: not within WALK_HOURS; a band ends there at the latest."""

    per_hour: float
    hours: float | None
    soonest: float | None
    latest: float | None
    needed: float = 0.0


@dataclass(frozen=True)
class Moment:
    """Now, and the opening hours of places by id; one that is missing or never open counts as always open."""

    now: datetime
    zone: ZoneInfo
    hours: Mapping[int, Hours] = field(default_factory=dict)

    @property
    def elapsed(self) -> float:
        """How much of this clock hour is over, 0 to 1."""
        return (self.now - self.hour).total_seconds() / 3600

    @property
    def hour(self) -> datetime:
        """The beginning of this clock hour."""
        return self.now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)

    def slots(self) -> list[datetime]:
        """The clock hours of the window, this one the last of them, and of the walk, in the zone."""
        first = self.hour - timedelta(hours=WINDOW_HOURS - 1)
        return [(first + timedelta(hours=n)).astimezone(self.zone) for n in range(WINDOW_HOURS + WALK_HOURS)]


def forecast(
    shelves: Sequence[tuple[int, int, int]], issued: Issued, moment: Moment, until: datetime | None = None
) -> list[Outlook]:
    """The outlook of each shelf (place, item, units on hand), from what the whole network issued in the window: this
    clock hour and the 23 before it. No row of `issued` may lie outside."""
    if not shelves:
        return []
    place_ids, item_ids, on_hand = np.array(shelves).T
    seen = issued.copy()
    seen[:, 2] += WINDOW_HOURS - 1 - int(moment.hour.timestamp()) // 3600
    places, of_place = np.unique(np.concatenate([seen[:, 0], place_ids]), return_inverse=True)
    items, of_item = np.unique(np.concatenate([seen[:, 1], item_ids]), return_inverse=True)
    count = len(seen)
    slots = moment.slots()
    doors = _open_shares(places.tolist(), slots, moment.hours)
    burn = _fit(seen, of_place[:count], of_item[:count], (len(places), len(items)), doors, moment.elapsed, slots)
    own, item = of_place[count:], of_item[count:]
    alpha, beta = burn.factors(own, item)
    rate = burn.profile[item][:, [slot.hour for slot in slots[WINDOW_HOURS - 1 :]]]
    ahead = np.clip(rate * doors[own, WINDOW_HOURS - 1 :], 1e-12, None)
    ahead[:, 0] *= 1 - moment.elapsed
    walked = np.concatenate([np.zeros((len(own), 1)), ahead.cumsum(axis=1)], axis=1)
    times = np.concatenate([[0.0], np.arange(1, WALK_HOURS + 2) - moment.elapsed])
    events = np.maximum(on_hand, 0) / burn.clumps[item]
    hours = [_reach(walked, times, burn.clumps[item] * way) for way in _ways(events, alpha, beta)]
    mean = alpha / beta
    left = max((until - moment.now).total_seconds() / 3600, 0.0) if until else 0.0
    return _outlooks(mean * _at(walked, times, 1.0), hours, mean * _at(walked, times, left))


@dataclass(frozen=True)
class _Burn:
    """`profile` is units an hour by item and hour of day at the average station; the rest what shelves issued and were
    expected to, in events (units / clumps)."""

    profile: Numbers
    clumps: Numbers
    issued: Numbers
    expected: Numbers

    def factors(self, place: Places, item: Places) -> tuple[Numbers, Numbers]:
        """Shape and rate of the gamma of each shelf's factor."""
        held = self.issued > 0
        held[place, item] = True
        events, expected = (np.where(held, part, 0).sum(axis=1) for part in (self.issued, self.expected))
        busy = (STATION_COUNTS + events) / (STATION_COUNTS + expected)
        alpha = ITEM_COUNTS + self.issued[place, item]
        beta = ITEM_COUNTS / busy[place] + self.expected[place, item]
        return alpha, beta


def _fit(
    seen: NDArray[np.int64], place: Places, item: Places, size: tuple[int, int], doors: Numbers, elapsed: float,
    slots: Sequence[datetime],
) -> _Burn:  # fmt: skip
    cell = (place * size[1] + item) * WINDOW_HOURS + seen[:, 2]
    units = np.bincount(cell, seen[:, 3], size[0] * size[1] * WINDOW_HOURS).reshape(*size, WINDOW_HOURS)
    sizes = np.bincount(item, seen[:, 4], size[1]) / np.maximum(np.bincount(item, seen[:, 3], size[1]), 1)
    clumps = np.maximum(sizes, 1) * CLUMPS
    there = np.where(units.any(axis=1), 1, doors[:, :WINDOW_HOURS])  # who issues is there, whatever the hours say
    there[:, -1] *= elapsed
    past, days = np.array([(slot.hour, slot.toordinal()) for slot in slots[:WINDOW_HOURS]]).T
    awake = units.any(axis=1) @ np.equal.outer(days, days)  # on a day without a single issue nobody kept the books
    there *= awake.any(axis=0)
    station_hours = units.any(axis=2).T.astype(float) @ (there * awake)  # the average is over those that issue it
    events = units.sum(axis=0) / clumps[:, None]
    usual = DAY[past] * station_hours / clumps[:, None]
    level = _levels(events, usual, FIRST_HOURS / clumps, days == days[-1])
    seen_at, expected_at = events @ np.eye(24)[past], (level * usual) @ np.eye(24)[past]
    shape = DAY * (DAY_COUNTS + seen_at) / (DAY_COUNTS + expected_at)
    weights = 0.5 ** (np.arange(WINDOW_HOURS)[::-1] / HALF_LIFE_HOURS)
    expected = there @ (weights * level * shape[:, past]).T
    return _Burn(level[:, -1:] * shape, clumps, units @ weights / clumps, expected / clumps)


def _levels(events: Numbers, usual: Numbers, silence: Numbers, is_today: NDArray[np.bool_]) -> Numbers:
    """How much of each item goes, by item and slot: one number before today and one today, which begins like that."""
    before = (events * ~is_today).sum(axis=1) / ((usual * ~is_today).sum(axis=1) + silence)
    known = np.where(before > 0, DAY_COUNTS, 0.0)
    span = np.where(before > 0, DAY_COUNTS / np.where(before > 0, before, 1), silence)
    today = ((events * is_today).sum(axis=1) + known) / ((usual * is_today).sum(axis=1) + span)
    level: Numbers = np.where(is_today, today[:, None], before[:, None])
    return level


def _ways(events: Numbers, alpha: Numbers, beta: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Expected events until `events` have come: by the mean factor, then the band's two ends."""
    ratio = events * beta / alpha
    loose = 1 / (1 / alpha + WOBBLE**2)
    with np.errstate(divide="ignore", invalid="ignore"):
        first, second = 1 / (9 * np.maximum(events, 1e-9)), 1 / (9 * loose)
        a = (1 - second) ** 2 - BAND**2 * second
        b = (1 - first) * (1 - second)
        spread = np.sqrt(np.maximum(b * b - a * ((1 - first) ** 2 - BAND**2 * first), 0))
        low, high = np.clip((b - spread) / a, 0, 1), np.maximum((b + spread) / a, 1)
    return ratio, ratio * low**3, ratio * high**3


def _reach(walked: Numbers, times: Numbers, way: Numbers) -> Numbers:
    """Hours after which each row of `walked` (expected units by `times`) has come to `way`; nan where it never does."""
    rows = np.arange(len(way))
    after = np.minimum((walked < way[:, None]).sum(axis=1), len(times) - 1)
    before = np.maximum(after - 1, 0)
    start, end = walked[rows, before], walked[rows, after]
    share = np.where(after > before, (way - start) / np.where(end > start, end - start, 1), 0.0)
    hours = times[before] + share * (times[after] - times[before])
    return np.where(way > walked[:, -1], np.nan, hours)


def _at(walked: Numbers, times: Numbers, hours: float) -> Numbers:
    """Expected units of each row within `hours`."""
    after = int(np.clip(np.searchsorted(times, hours), 1, len(times) - 1))
    start, end = walked[:, after - 1], walked[:, after]
    share = (min(hours, times[-1]) - times[after - 1]) / (times[after] - times[after - 1])
    result: Numbers = start + share * (end - start)
    return result


def _outlooks(per_hour: Numbers, hours: Sequence[Numbers], needed: Numbers) -> list[Outlook]:
    mean, soonest, latest = hours
    latest = np.where(np.isnan(latest), float(WALK_HOURS), latest)
    columns = [column.round(3).tolist() for column in (per_hour, mean, soonest, latest, needed)]
    return [
        Outlook(rate, to_empty, first, last, units) if to_empty == to_empty else Outlook(rate, None, None, None, units)
        for rate, to_empty, first, last, units in zip(*columns, strict=True)
    ]


def _open_shares(places: Sequence[int], slots: Sequence[datetime], hours: Mapping[int, Hours]) -> Numbers:
    """How much of each slot each place is open, 0 to 1."""
    known: dict[object, list[float]] = {}
    always = [1.0] * len(slots)
    rows = []
    for place in places:
        own = hours.get(place)
        key = (own.weekly, tuple(own.dated.items())) if own else None
        if key not in known:
            shares = [_share(own.on(slot.date()))[slot.hour] for slot in slots] if own else always
            known[key] = shares if any(shares) else always
        rows.append(known[key])
    return np.array(rows)


@lru_cache(maxsize=512)
def _share(spans: Spans) -> tuple[float, ...]:
    """How much of each of the 24 hours lies within the spans."""
    hours = range(0, 24 * 60, 60)
    return tuple(sum(max(0, min(h + 60, end) - max(h, start)) for start, end in spans) / 60 for h in hours)
