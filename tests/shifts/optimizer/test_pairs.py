"""The guard in columns says what the guard says."""

from datetime import timedelta

import numpy as np
from factories.rosters import DAY, KM, ZONE, random_seats, random_volunteers, volunteer, work
from hypothesis import given, settings
from hypothesis import strategies as st

from stations.shifts.optimizer import pairs
from stations.shifts.optimizer.costs import Hold
from stations.shifts.optimizer.pairs import Given
from stations.shifts.optimizer.problem import build
from stations.shifts.rules.placing import objections
from stations.shifts.rules.rows import Heat, Held, Limits, Seat, State

LIMITS = Limits()


def random_heat(rng: np.random.Generator) -> Heat:
    days = [DAY + timedelta(days=days) for days in range(3)]
    return {(code, day): float(rng.choice([30, 35, 36, 37, 39, 40])) for code in "AB" for day in days}


@given(st.integers(0, 100_000))
@settings(max_examples=30, deadline=None)
def test_a_pair_is_possible_exactly_when_the_guard_does_not_object(seed: int) -> None:
    """Whatever is confirmed already, for this volunteer and for those beside."""
    rng = np.random.default_rng(seed)
    seats, crew, heat = random_seats(rng, 8), random_volunteers(rng, 8), random_heat(rng)
    held: dict[int, list[Held]] = {}
    beside: dict[int, set[int]] = {}
    for one in crew:
        for seat in rng.choice(len(seats), int(rng.integers(0, 4)), replace=False).tolist():
            state = State.CONFIRMED if rng.random() < 0.7 else State.PROPOSED
            held.setdefault(one.volunteer_id, []).append(Held(seats[seat].work, state, seats[seat].need_id))
            if state is State.CONFIRMED:
                beside.setdefault(seats[seat].work.shift_id, set()).add(one.volunteer_id)
    problem = build(seats, crew, held, Given(LIMITS, heat, ZONE))
    possible = {
        (problem.candidates[v].volunteer_id, problem.seats[n].need_id)
        for v, n in zip(problem.who.tolist(), problem.need.tolist(), strict=True)
    }
    for one in crew:
        for seat in seats:
            among = beside.get(seat.work.shift_id, set())
            kept = held.get(one.volunteer_id, [])
            other_way = [o for o in crew if o.volunteer_id in among and one.volunteer_id in o.apart]
            found = objections(one, seat.work, seat.skill, kept, LIMITS, heat, zone=ZONE, beside=among)
            assert ((one.volunteer_id, seat.need_id) in possible) == (not found and not other_way)


@given(st.integers(0, 100_000))
@settings(max_examples=30, deadline=None)
def test_a_growing_roster_takes_exactly_what_the_guard_lets_pass(seed: int) -> None:
    """Pair after pair: overlap, ways, rest, hours, stretches, heat, companions to be kept apart, full seats."""
    rng = np.random.default_rng(seed)
    seats, crew, heat = random_seats(rng, 10, stations=2), random_volunteers(rng, 4), random_heat(rng)
    crew = [volunteer(one.volunteer_id, skills={}, apart=one.apart) for one in crew]
    seats = [Seat(seat.need_id, seat.work, "", seat.places) for seat in seats]
    problem = build(seats, crew, {}, Given(LIMITS, heat, ZONE))
    hold = Hold(problem)
    held: dict[int, list[Held]] = {one.volunteer_id: [] for one in crew}
    apart = {(v, w) for a, b in problem.apart for v, w in ((a, b), (b, a))}
    for pair in rng.permutation(len(problem.who)).tolist():
        v, seat = int(problem.who[pair]), problem.seats[problem.need[pair]]
        who = problem.candidates[v].volunteer_id
        on_it = [w for w in range(len(crew)) if any(h.work == seat.work for h in held[crew[w].volunteer_id])]
        taken = sum(h.need_id == seat.need_id for kept in held.values() for h in kept)
        found = objections(problem.candidates[v], seat.work, seat.skill, held[who], LIMITS, heat, zone=ZONE)
        is_good = not found and taken < seat.places and not any((v, w) in apart for w in on_it)
        assert (bool(hold.may(np.array([pair]))[0]) and hold.joins(pair)) == is_good
        if is_good:
            hold.take(pair)
            held[who].append(Held(seat.work, State.CONFIRMED, seat.need_id))


def test_two_shifts_conflict_by_overlap_way_rest_or_stretch() -> None:
    north = {"station_id": 1, "lat": 39.9}
    south = {"station_id": 2, "lat": 39.9 - 5 * KM}
    rows = [
        work("07:00", "09:00", shift_id=1, **north), work("09:00", "10:30", shift_id=2, **north),
        work("09:20", "10:30", shift_id=3, **south), work("10:40", "13:30", shift_id=4, **north),
        work("20:00", "22:00", shift_id=5, **north), work("06:30", "08:00", shift_id=6, days=1, **north),
    ]  # fmt: skip
    works = pairs.works_in_columns(rows, Given(LIMITS, {}, ZONE))
    clash = np.argwhere(np.triu(pairs.conflicts(works, LIMITS), 1)).tolist()
    assert [[rows[i].shift_id, rows[j].shift_id] for i, j in clash] == [[1, 3], [2, 3], [3, 4], [5, 6]]
