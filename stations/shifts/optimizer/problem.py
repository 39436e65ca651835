"""The roster as columns: which volunteer could take which place at what cost, and what binds several places at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from stations.shifts.optimizer import pairs
from stations.shifts.optimizer.pairs import Flags, Given, Numbers, Places, Works
from stations.shifts.optimizer.rows import (
    ALONE,
    AWAY,
    AWAY_LEADING,
    CHANGED,
    DISLIKED_SHARE,
    EXPERIENCED_MINUTES,
    NEUTRAL,
    UNWISHED,
    empty_cost,
)
from stations.shifts.optimizer.teams import own_stations
from stations.shifts.rules.hours import stretch_minutes, stretch_of
from stations.shifts.rules.rows import Candidate, Held, Seat, State
from stations.shifts.rules.skills import post_of

Pair = tuple[int, int]
HeldBy = Mapping[int, Sequence[Held]]


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything in columns. A pair is one volunteer in one open need, in the order of volunteers.

    Of pairs: `who`, `need`, `cost`; `alone` is the part of the cost that a companion on the same shift takes away. Of
    needs: `work`, `free` places, `empty` (what a place costs that stays empty). Of shifts: `burden` in minutes,
    `is_green` (wants somebody experienced). Of volunteers: `before` (burden held or served), `fixed` (what is
    confirmed), minutes left a day, all and outdoors in the heat. `kept` are pairs proposed before; `constant` belongs
    to the cost.
    """

    seats: tuple[Seat, ...]
    candidates: tuple[Candidate, ...]
    given: Given
    works: Works
    conflict: Flags
    work: Places
    free: Numbers
    empty: Numbers
    who: Places
    need: Places
    cost: Numbers
    alone: Numbers
    burden: Numbers
    is_green: Flags
    before: Numbers
    fair: float
    is_experienced: Flags
    day_left: Numbers
    hot_left: Numbers
    fixed: tuple[tuple[int, ...], ...]
    apart: tuple[Pair, ...]
    together: tuple[Pair, ...]
    kept: Places
    constant: float

    @property
    def shift(self) -> Places:
        """The shift of each pair."""
        shifts: Places = self.work[self.need]
        return shifts


def build(seats: Sequence[Seat], candidates: Sequence[Candidate], held: HeldBy, given: Given) -> Problem:
    """The problem of the seats with free places; what is confirmed is fixed, what is proposed costs to take back."""
    rows = {seat.work.shift_id: seat.work for seat in seats}
    for kept in held.values():
        rows |= {one.work.shift_id: one.work for one in kept if one.state is State.CONFIRMED}
    ordered = sorted(rows.values(), key=lambda row: (row.starts_at, row.ends_at, row.shift_id))
    works = pairs.works_in_columns(ordered, given)
    place = {row.shift_id: s for s, row in enumerate(ordered)}
    needs = sorted(
        (seat for seat in seats if seat.taken < seat.places), key=lambda seat: (place[seat.work.shift_id], seat.need_id)
    )
    fixed = tuple(
        tuple(place[one.work.shift_id] for one in held.get(each.volunteer_id, ()) if one.state is State.CONFIRMED)
        for each in candidates
    )
    return _columns(needs, tuple(candidates), held, given, works, fixed, _wants_experience(seats, works, place))


def _wants_experience(seats: Sequence[Seat], works: Works, place: Mapping[int, int]) -> Flags:
    """Which shifts have two places or more."""
    places = np.zeros(len(works))
    for seat in seats:
        places[place[seat.work.shift_id]] += seat.places
    return np.asarray(places >= 2)


def _columns(
    needs: Sequence[Seat], candidates: tuple[Candidate, ...], held: HeldBy, given: Given, works: Works,
    fixed: tuple[tuple[int, ...], ...], wants: Flags,
) -> Problem:  # fmt: skip
    conflict = pairs.conflicts(works, given.limits)
    way = pairs.way_minutes(candidates, works, given.limits)
    day_left, hot_left = _minutes_left(candidates, works, fixed, given)
    number = {one.volunteer_id: v for v, one in enumerate(candidates)}
    index = {row.shift_id: s for s, row in enumerate(works.rows)}
    work = np.array([index[seat.work.shift_id] for seat in needs], np.intp)
    allowed = _fit(candidates, works, work, given, way)
    allowed &= works.minutes <= day_left[:, works.day]
    allowed &= ~works.is_hot | (works.minutes <= hot_left[:, works.day])
    _forbid_beside_fixed(allowed, candidates, fixed, conflict, works, given, number)
    who, need = np.nonzero(allowed[:, work] & _skills(candidates, needs, works, work)) if needs else _nobody()
    burden = works.minutes * (1 + DISLIKED_SHARE * np.array([post_of(row.post).dislike for row in works.rows]))
    before = np.array([float(one.minutes_before) for one in candidates])
    before += [burden[list(shifts)].sum() for shifts in fixed]
    is_experienced = np.array([bool(one.standing) or one.minutes_before >= EXPERIENCED_MINUTES for one in candidates])
    is_experienced = is_experienced.astype(bool)
    led = [s for v, shifts in enumerate(fixed) for s in shifts if is_experienced[v]]
    is_green = wants.copy()
    is_green[led] = False
    free = np.array([seat.places - seat.taken for seat in needs], float)
    able = np.unique(who)
    fair = (before[able].sum() + (free * burden[work]).sum()) / max(len(able), 1)
    together, apart = _companions(candidates, number, "together"), _companions(candidates, number, "apart")
    cost = way[who, work[need]] + _wishes(candidates, needs, works, way, fixed, who, work[need])
    alone, gained, constant = _company(together, fixed, who, work[need])
    cost += alone - gained
    kept = _kept(held, candidates, needs, who, need)
    cost[kept] -= CHANGED
    return Problem(
        tuple(needs), candidates, given, works, conflict, work, free,
        np.array([empty_cost(seat.skill) for seat in needs]), who, need, cost, alone, burden, is_green, before, fair,
        is_experienced, day_left, hot_left, fixed, apart, together, kept, constant + CHANGED * len(kept),
    )  # fmt: skip


def _fit(candidates: Sequence[Candidate], works: Works, open_: Places, given: Given, way: Numbers) -> Flags:
    """Who may hold which shift by itself, shape (volunteers, shifts); those without an open place are left out."""
    at = np.unique(open_)
    some = pairs.works_in_columns([works.rows[s] for s in at.tolist()], given)
    allowed = np.zeros((len(candidates), len(works)), bool)
    allowed[:, at] = np.logical_and.reduce(list(pairs.fitness(candidates, some, given, way[:, at]).values()))
    return allowed


def _nobody() -> tuple[Places, Places]:
    return np.zeros(0, np.intp), np.zeros(0, np.intp)


def _minutes_left(
    candidates: Sequence[Candidate], works: Works, fixed: Sequence[Sequence[int]], given: Given
) -> tuple[Numbers, Numbers]:
    day_left = pairs.most_minutes(candidates, works.days, given.limits)
    hot_left = np.full(day_left.shape, float(given.limits.heat_hot_day_minutes))
    for v, shifts in enumerate(fixed):
        for s in shifts:
            day_left[v, works.day[s]] -= works.minutes[s]
            hot_left[v, works.day[s]] -= works.minutes[s] * works.is_hot[s]
    return day_left, hot_left


def _forbid_beside_fixed(
    allowed: Flags, candidates: Sequence[Candidate], fixed: Sequence[Sequence[int]], conflict: Flags, works: Works,
    given: Given, number: Mapping[int, int],
) -> None:  # fmt: skip
    """Take out what conflicts with what is confirmed, one's own shifts and those of others to be kept apart from."""
    for v, shifts in enumerate(fixed):
        if not shifts:
            continue
        allowed[v] &= ~conflict[:, list(shifts)].any(axis=1)
        if len(shifts) > 1:
            own = [works.rows[s] for s in shifts]
            near = _gaps(works, list(shifts)).min(axis=1) < given.limits.break_minutes
            for s in np.flatnonzero(allowed[v] & near).tolist():
                joined = stretch_of(works.rows[s], own, given.limits)
                if len(joined) > 2:
                    shortest = min(works.stretch[s], *works.stretch[[t for t in shifts if works.rows[t] in joined]])
                    allowed[v, s] = stretch_minutes(joined) <= shortest
    for v, w in _companions(candidates, number, "apart"):
        allowed[v, list(fixed[w])] = False
        allowed[w, list(fixed[v])] = False


def _gaps(works: Works, shifts: list[int]) -> Numbers:
    """Minutes between every shift and each of these, shape (shifts, these)."""
    later, sooner = (
        np.maximum.outer(works.starts, works.starts[shifts]),
        np.minimum.outer(works.ends, works.ends[shifts]),
    )
    return np.asarray(later - sooner)


def _skills(candidates: Sequence[Candidate], needs: Sequence[Seat], works: Works, work: Places) -> Flags:
    """Who has what each need asks for, shape (volunteers, needs)."""
    asked = [{seat.skill, post_of(seat.work.post).needs} - {""} for seat in needs]
    has = {skill: pairs.skilled(candidates, skill, works.days) for skill in sorted(set().union(*asked))}
    found = np.ones((len(candidates), len(needs)), bool)
    for n, skills in enumerate(asked):
        for skill in skills:
            found[:, n] &= has[skill][:, works.day[work[n]]]
    return found


def _wishes(
    candidates: Sequence[Candidate], needs: Sequence[Seat], works: Works, way: Numbers,
    fixed: Sequence[Sequence[int]], who: Places, shift: Places,
) -> Numbers:  # fmt: skip
    """What the pairs cost beside the way: wishes, and the team's stations."""
    likes = pairs.matches([one.likes for one in candidates], works)
    wished = np.array([bool(one.likes) for one in candidates], bool)
    cost = np.where(likes[who, shift], 0.0, np.where(wished[who], UNWISHED, NEUTRAL))
    teams = [one.team_id for one in candidates]
    own = own_stations(teams, way, works, needs, fixed)
    away = np.where([bool(one.standing) for one in candidates], AWAY_LEADING, AWAY)
    away[[team is None for team in teams]] = 0
    return np.asarray(cost + away[who] * ~own[who, works.station[shift]])


def _companions(candidates: Sequence[Candidate], number: Mapping[int, int], which: str) -> tuple[Pair, ...]:
    """Pairs of volunteers of whom one has named the other, in order."""
    found = set()
    for v, one in enumerate(candidates):
        named: frozenset[int] = getattr(one, which)
        found |= {(min(v, number[w]), max(v, number[w])) for w in named if w in number and number[w] != v}
    return tuple(sorted(found))


def _company(
    together: Sequence[Pair], fixed: Sequence[Sequence[int]], who: Places, shift: Places
) -> tuple[Numbers, Numbers, float]:
    """What pairs cost alone, what they gain where the companion is confirmed, and what those cost as it is."""
    alone, gained, constant = np.zeros(len(who)), np.zeros(len(who)), 0.0
    for pair in together:
        for v, w in (pair, pair[::-1]):
            mine = np.arange(*np.searchsorted(who, [v, v + 1]))
            there = np.isin(shift[mine], list(fixed[w]))
            alone[mine[~there]] += ALONE
            gained[mine[there]] += ALONE
        constant += ALONE * len(set(fixed[pair[0]]) ^ set(fixed[pair[1]]))
    return alone, gained, constant


def _kept(
    held: HeldBy, candidates: Sequence[Candidate], needs: Sequence[Seat], who: Places, need: Places
) -> Places:  # fmt: skip
    """The pairs that were proposed before and are possible still."""
    column = {seat.need_id: n for n, seat in enumerate(needs)}
    found = []
    for v, one in enumerate(candidates):
        for kept in held.get(one.volunteer_id, ()):
            if kept.state is State.PROPOSED and kept.need_id in column:
                mine = np.arange(*np.searchsorted(who, [v, v + 1]))
                found += mine[need[mine] == column[kept.need_id]].tolist()
    return np.array(sorted(set(found)), np.intp)
