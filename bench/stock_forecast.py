"""How well the hours to empty and the units of the next hours are foreseen: ours against the rate of the last hour.

Made-up mornings: stations that differ five times, crowds in waves (07:00-08:45, 11:00-12:00, 13:30-15:00, 17:00) that
every day and every item bends anew, taps of a bottle or of a case, hours that are busier or quieter than foreseen, and
people who open late or never. Nothing of what is foreseen is known to the forecast: it sees the taps up to now.
Prints one table; exits with 1 when the last hour's rate has the smaller error at any time of day.
Run: uv run python bench/stock_forecast.py [--quick]
"""

import argparse
import sys
import time
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from stations.places.rules import Hours
from stations.stock.rules.burn import Moment, forecast

BEIJING = ZoneInfo("Asia/Shanghai")
MIDNIGHT = datetime(2027, 6, 7, tzinfo=BEIJING)
OPENS, CLOSES = 6.5, 18.0
HOURS = Hours((((390, 1080),),) * 7)
# Units a busy station hands out a day (about 2,300 bottles and 660 goods), and (size, share) of a tap.
ITEMS = {
    "water": (2330, ((1, 0.6), (2, 0.25), (6, 0.1), (24, 0.05))),
    "fan": (240, ((1, 0.8), (2, 0.15), (10, 0.05))),
    "tissue": (180, ((1, 0.9), (3, 0.1))),
    "raincoat": (160, ((1, 0.7), (2, 0.3))),
    "ice": (60, ((1, 1.0),)),
    "pens": (19, ((1, 1.0),)),
}
WAVES = (
    (7.0, 8.75, 1.7), (8.75, 11.0, 0.7), (11.0, 12.0, 1.5), (12.0, 13.5, 0.5), (13.5, 15.0, 1.4), (17.0, 17.75, 1.3)
)  # fmt: skip
HEADINGS = (
    "at", "hours to empty: mean error h", "of its mean", "next hour: error / units", "next two hours",
    "band 10-90 % holds", "its width h", "seeds won",
)  # fmt: skip
TIMES = (7.75, 8.5, 10.0, 11.5, 13.75, 16.0)


def make_day(rng, busy, tastes, weather):
    """(station, item) -> sorted (time, units) of every tap of one day."""
    halves = np.arange(OPENS, CLOSES, 0.5)
    base = np.full(len(halves), 0.5)
    for start, end, level in WAVES:
        base[(halves >= start) & (halves < end)] = level
    base /= base.sum()
    taps = {}
    for j, (units, sizes) in enumerate(ITEMS.values()):
        size, share = np.array(sizes).T
        bent = base * rng.lognormal(0, 0.25, len(base)) * weather[j]
        for s, factor in enumerate(busy):
            begins = max(OPENS, rng.normal(6.75, 0.3)) if factor else 99
            crowd = rng.gamma(8, 1 / 8, len(base)) * (halves >= begins)
            count = rng.poisson(units * factor * tastes[s, j] * bent * crowd / (size @ share))
            at = np.sort(np.repeat(halves, count) + rng.random(count.sum()) * 0.5)
            taps[s, j] = at, rng.choice(size, len(at), p=share).astype(int)
    return taps


def make_town(seed, stations, days):
    """The days' taps; every fifteenth station never issues anything."""
    rng = np.random.default_rng(seed)
    busy = np.exp(rng.uniform(np.log(0.3), np.log(1.5), stations))
    busy[::15] = 0
    tastes = rng.lognormal(0, 0.3, (stations, len(ITEMS)))
    return rng, [make_day(rng, busy, tastes, rng.lognormal(0, 0.3, len(ITEMS))) for _day in range(days)]


def look_back(days, now):
    """What the database would say at `now` (hours since the first midnight): the rows that `forecast` reads."""
    first, epoch, rows = int(now) - 23, int(MIDNIGHT.timestamp()) // 3600, []
    for number, day in enumerate(days):
        for (s, j), (at, units) in day.items():
            hours = at + 24 * number
            seen = (hours >= first) & (hours <= now)
            of_hour = defaultdict(lambda: [0, 0])
            for hour, quantity in zip(hours[seen].astype(int).tolist(), units[seen].tolist(), strict=True):
                of_hour[hour][0] += quantity
                of_hour[hour][1] += quantity * quantity
            rows += [(s, j, epoch + hour, *sums) for hour, sums in of_hour.items()]
    return np.array(rows, dtype=np.int64)


def ask(rng, days, at, scores):
    """Foresee every shelf at one time of the last day, by ours and by the last hour's rate; add up what came of it."""
    number = len(days) - 1
    now, day = at + 24 * number, days[-1]
    shelves, truths = [], []
    for (s, j), (times, units) in day.items():
        after, past = times > at, (times > at - 1) & (times <= at)
        ahead, left = units[after].cumsum(), CLOSES - at
        typical = max(units.sum() / 11.5, 0.3)
        on_hand = int(np.ceil(typical * rng.uniform(0.5, 4)))
        empty = np.searchsorted(ahead, on_hand)
        hours = min(times[after][empty] - at, left) if empty < len(ahead) else left
        within = [int(units[after & (times <= at + h)].sum()) for h in (1, 2)]
        shelves.append((s, j, on_hand))
        truths.append((hours, *within, int(units[past].sum()), left))
    moment = Moment(MIDNIGHT + timedelta(hours=now), BEIJING, {s: HOURS for s, _j, _n in shelves})
    rows = look_back(days, now)
    begun = time.process_time()
    ours = forecast(shelves, rows, moment, moment.now + timedelta(hours=2))
    scores["ms"].append((time.process_time() - begun) * 1000)
    for outlook, (_s, _j, on_hand), (hours, one, two, last, left) in zip(ours, shelves, truths, strict=True):
        span = min(2, left)
        naive = min(on_hand / last, left) if last else left
        said = left if outlook.hours is None else min(outlook.hours, left)
        scores["hours"].append((abs(said - hours), abs(naive - hours), hours))
        scores["one"].append((abs(outlook.per_hour - one), abs(last - one), one))
        scores["two"].append((abs(outlook.needed - two), abs(last * span - two), two))
        low, high = (min(left if end is None else end, left) for end in (outlook.soonest, outlook.latest))
        if hours < left or low < left:  # a band that only says "not today" is right for free
            scores["band"].append((low <= hours <= high, high - low))


def measure(seeds, stations, days, at):
    """Errors of one row of the table, and on how many seeds ours was the better."""
    together, better = defaultdict(list), 0
    for seed in seeds:
        rng, town = make_town(seed, stations, days)
        scores = defaultdict(list)
        ask(rng, town, at, scores)
        ours, naive = (np.mean([row[i] for row in scores["hours"]]) for i in (0, 1))
        better += ours < naive
        for name, rows in scores.items():
            together[name] += rows
    return {name: np.array(rows) for name, rows in together.items()}, better


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    seeds, stations = (range(101, 103), 30) if quick else (range(101, 107), 60)
    print(f"{len(seeds)} seeds x {stations} stations x {len(ITEMS)} items; errors ours / last hour's rate\n")
    print("| " + " | ".join(HEADINGS) + " |\n" + "|---" * len(HEADINGS) + "|")
    won = asked = 0
    is_good = True
    for days in (1, 2):
        for at in TIMES:
            got, better = measure(seeds, stations, days, at)
            won, asked = won + better, asked + len(seeds)
            cells = [f"day {days}, {int(at):02}:{round(at % 1 * 60):02}"]
            ours, naive, truth = got["hours"].mean(axis=0)
            is_good &= bool(ours < naive)
            cells += [f"{ours:.2f} / {naive:.2f}", f"{ours / truth:.0%} / {naive / truth:.0%}"]
            for name in ("one", "two"):
                ours, naive, truth = got[name].sum(axis=0)
                cells.append(f"{ours / truth:.0%} / {naive / truth:.0%}")
            holds, width = got["band"].mean(axis=0)
            cells += [f"{holds:.0%}", f"{width:.1f}", f"{better} of {len(seeds)}"]
            print("| " + " | ".join(cells) + " |")
    print(f"\nours has the smaller error in {won} of {asked} towns; one forecast took {got['ms'].mean():.1f} ms of CPU")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
