"""Rosters: never against the guard, as good as proven, the same for the same, and no more changed than needed."""

from collections import Counter
from itertools import product
from typing import Any

import numpy as np
import pytest
from factories.rosters import DAY, KM, ZONE, random_seats, random_volunteers, volunteer, work
from hypothesis import given, settings
from hypothesis import strategies as st

from stations.shifts.optimizer import roster
from stations.shifts.optimizer.costs import cost_of
from stations.shifts.optimizer.pairs import Given
from stations.shifts.optimizer.problem import build
from stations.shifts.optimizer.roster import judged, propose
from stations.shifts.optimizer.rows import EMPTY_PLACE, Placement, Proposal, Stage
from stations.shifts.rules.placing import objections
from stations.shifts.rules.rows import Candidate, Held, Limits, Seat, State

LIMITS = Limits()
HEAT = {("A", DAY): 35.5, ("B", DAY): 37.0}
Rows = tuple[list[Seat], list[Candidate]]


def make(seed: int, shifts: int = 10, people: int = 14) -> Rows:
    rng = np.random.default_rng(seed)
    return random_seats(rng, shifts), random_volunteers(rng, people)


def run(rows: Rows, held: dict[int, list[Held]] | None = None, **fields: Any) -> Proposal:
    plain: dict[str, Any] = {"zone": ZONE, "seed": 1, "seconds": 20.0}
    return propose(*rows, held or {}, LIMITS, HEAT, **plain | fields)


def assert_lawful(rows: Rows, held: dict[int, list[Held]], placed: tuple[Placement, ...]) -> None:
    """By the guard, beside what is confirmed and all else that is placed; and no seat is over-full."""
    seats, crew = {seat.need_id: seat for seat in rows[0]}, {one.volunteer_id: one for one in rows[1]}
    mine = {who: [h for h in held.get(who, []) if h.state is State.CONFIRMED] for who in crew}
    for one in placed:
        mine[one.volunteer_id].append(Held(seats[one.need_id].work, State.CONFIRMED, one.need_id))
    taken = Counter(one.need_id for one in placed)
    for one in placed:
        seat = seats[one.need_id]
        others = [h for h in mine[one.volunteer_id] if h.need_id != one.need_id]
        beside = {who for who, kept in mine.items() for h in kept if h.work == seat.work}
        who = crew[one.volunteer_id]
        assert objections(who, seat.work, seat.skill, others, LIMITS, HEAT, zone=ZONE, beside=beside) == ()
        assert seat.taken + taken[one.need_id] <= seat.places


def confirm(proposal: Proposal, rows: Rows, count: int) -> tuple[Rows, dict[int, list[Held]]]:
    """The first so many placements confirmed, the others still proposed."""
    seats = {seat.need_id: seat for seat in rows[0]}
    held: dict[int, list[Held]] = {}
    for number, one in enumerate(proposal.placements):
        state = State.CONFIRMED if number < count else State.PROPOSED
        held.setdefault(one.volunteer_id, []).append(Held(seats[one.need_id].work, state, one.need_id))
    taken = Counter(one.need_id for one in proposal.placements[:count])
    fuller = [Seat(s.need_id, s.work, s.skill, s.places, taken[s.need_id]) for s in rows[0]]
    return (fuller, rows[1]), held


@given(st.integers(0, 100_000))
@settings(max_examples=12, deadline=None)
def test_no_roster_breaks_a_rule_and_small_ones_are_proven(seed: int) -> None:
    rows = make(seed)
    found = run(rows)
    assert_lawful(rows, {}, found.placements)
    assert found.is_proven
    places = sum(seat.places for seat in rows[0])
    assert len(found.placements) + sum(one.places for one in found.empty) == places
    assert found.dropped == ()


@given(st.integers(0, 100_000))
@settings(max_examples=6, deadline=None)
def test_region_by_region_is_as_lawful_and_never_below_the_bound(seed: int) -> None:
    rows = make(seed, shifts=12, people=16)
    exact = run(rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(roster, "EXACT_PAIRS", 0)
        stages: list[Stage] = []
        found = run(rows, rounds=3, told=lambda stage: bool(stages.append(stage)))
    assert_lawful(rows, {}, found.placements)
    assert found.bound <= exact.cost + 1e-6 <= found.cost + 2e-6
    assert [stage.done for stage in stages] == sorted(stage.done for stage in stages)
    bests = [stage.best for stage in stages]
    assert bests == sorted(bests, reverse=True)
    assert all(0 <= stage.share <= 1 and stage.share >= stage.done / stage.of for stage in stages)
    assert all(stage.bound <= exact.cost + 1e-6 for stage in stages)


@pytest.mark.parametrize("seed", range(6))
def test_tiny_rosters_are_the_best_of_all_that_there_are(seed: int) -> None:
    """Every way to fill four seats tried out one by one."""
    rows = make(seed, shifts=4, people=4)
    problem = build(*rows, {}, Given(LIMITS, HEAT, ZONE))
    options = [[None, *(p for p in range(len(problem.who)) if problem.need[p] == n)] for n in range(len(problem.free))]
    slots = [options[n] for n in range(len(problem.free)) for _place in range(int(problem.free[n]))]
    best = np.inf
    for combination in product(*slots):
        picked = [pair for pair in combination if pair is not None]
        if len(set(picked)) == len(picked):
            chosen = np.array(sorted(picked), np.intp)
            if len(judged(problem, chosen, {})) == len(chosen):
                best = min(best, cost_of(problem, chosen))
    assert run(rows).cost == pytest.approx(best)


def test_the_same_rows_seed_and_rounds_give_the_same_roster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roster, "EXACT_PAIRS", 0)
    rows = make(3, shifts=16, people=24)
    one, other = (run(rows, rounds=2, seed=7) for _again in range(2))
    assert one == other
    assert one.rounds <= 2


def test_who_listens_may_stop_it_with_a_lawful_roster() -> None:
    rows = make(4, shifts=16, people=20)
    found = run(rows, told=lambda stage: True)
    assert_lawful(rows, {}, found.placements)
    assert (found.rounds, len(found.placements) > 0) == (0, True)
    in_no_time = run(rows, seconds=0.0)
    assert_lawful(rows, {}, in_no_time.placements)


@given(st.integers(0, 100_000))
@settings(max_examples=8, deadline=None)
def test_a_roster_asked_for_again_is_the_same(seed: int) -> None:
    first = run(make(seed))
    rows, held = confirm(first, make(seed), 0)
    again = run(rows, held)
    assert (again.dropped, set(again.placements)) == ((), set(first.placements))


@given(st.integers(0, 100_000))
@settings(max_examples=8, deadline=None)
def test_what_is_confirmed_stays_and_no_place_is_lost(seed: int) -> None:
    """Where a team was confirmed it then belongs, so that another of the rest may fit better."""
    first = run(make(seed))
    half = len(first.placements) // 2
    rows, held = confirm(first, make(seed), half)
    again = run(rows, held)
    assert_lawful(rows, held, again.placements)
    assert len(again.placements) == len(first.placements) - half


def test_a_proposal_is_taken_back_only_for_something_better() -> None:
    """The near one stays where the far one would save less than a change costs; an empty place is worth it."""
    rows = [Seat(1, work(), "", 1), Seat(2, work(shift_id=2, post="guidance"), "english", 1)]
    english = volunteer(1, skills={"english": None}, lat=39.9 + 5 * KM)
    held = {1: [Held(rows[0].work, State.PROPOSED, 1)]}
    alone = run((rows[:1], [english, volunteer(2)]), held)
    assert [(one.volunteer_id, one.need_id) for one in alone.placements] == [(1, 1)]
    afresh = run((rows[:1], [english, volunteer(2)]), held, keep=False)
    assert [(one.volunteer_id, one.need_id) for one in afresh.placements] == [(2, 1)]
    assert afresh.dropped == (Placement(1, 1, 1),)
    both = run((rows, [english, volunteer(2)]), held)
    assert [(one.volunteer_id, one.need_id) for one in both.placements] == [(2, 1), (1, 2)]
    assert both.dropped == (Placement(1, 1, 1),)


def test_scarce_seats_hours_wishes_and_companions_decide_in_that_order() -> None:
    leader, plain = volunteer(1, standing="leader"), volunteer(2)
    seats = [Seat(1, work(), "leader", 1), Seat(2, work(shift_id=2), "", 1)]
    taken = {(one.volunteer_id, one.need_id) for one in run((seats, [leader, plain])).placements}
    assert taken == {(1, 1), (2, 2)}
    tired = volunteer(1, minutes_before=900)
    (rested,) = run((seats[1:], [tired, plain])).placements
    assert rested.volunteer_id == 2
    (liked,) = run((seats[1:], [plain, volunteer(3, likes=frozenset({"supplies"}))])).placements
    assert liked.volunteer_id == 3
    pair = [Seat(1, work(), "", 2)]
    friends = [volunteer(1, together=frozenset({3})), volunteer(2), volunteer(3)]
    assert {one.volunteer_id for one in run((pair, friends)).placements} == {1, 3}


def test_a_team_stands_together_with_its_leader() -> None:
    """Though its third member lives nearer to the other team's station."""
    places = [(1, 39.9), (2, 39.9 + 3 * KM)]
    seats = []
    for station, lat in places:
        one = work(shift_id=station, station_id=station, lat=lat)
        seats += [Seat(10 * station, one, "leader", 1), Seat(10 * station + 1, one, "", 2)]
    homes = {1: (0.0, 0.5, 1.8), 2: (3.0, 2.5, 1.2)}
    crew = [
        volunteer(10 * team + n, team_id=team, standing="" if n else "leader", lat=39.9 + km * KM)
        for team, away in homes.items() for n, km in enumerate(away)
    ]  # fmt: skip
    found = run((seats, crew))
    teams = {s: {p.volunteer_id // 10 for p in found.placements if p.shift_id == s} for s in (1, 2)}
    assert teams == {1: {1}, 2: {2}}


def test_each_empty_place_says_why() -> None:
    aid = work(post="first_aid", shift_id=2)
    far = {"lat": 39.9 + 40 * KM}
    cases: list[tuple[Seat, list[Candidate], str]] = [
        (Seat(1, aid, "first_aid", 1), [volunteer(1)], "No one with a valid proof (First aider) has registered."),
        (Seat(1, work(), "leader", 1), [volunteer(1, standing="deputy", available=frozenset())],
         "No team leader or deputy is free 06-07 07:00-09:00."),
        (Seat(1, aid, "first_aid", 1), [volunteer(1, skills={"first_aid": None}, **far), volunteer(2)],
         "No one with a valid proof (First aider) is free 06-07 07:00-09:00 within 60 minutes."),
        (Seat(1, work(), "", 1), [volunteer(1, dislikes=frozenset({"supplies"}))],
         "All 1 who could have asked not to be posted there."),
        (Seat(1, work(), "", 2), [volunteer(1)], "All 1 who could are posted then, or have no hours left."),
        (Seat(1, work("12:00", "14:00", post="queue", district="B"), "", 1), [volunteer(1)],
         "In the heat that is expected nobody may be posted there 06-07 12:00-14:00."),
    ]  # fmt: skip
    for seat, crew, sentence in cases:
        near = Seat(9, work("17:00", "18:00", shift_id=9), "", 3)
        (only,) = [one for one in run(([seat, near], crew)).empty if one.need_id == 1]
        assert (str(only.reason), only.places) == (sentence, 1)


def test_towns_apart_add_up() -> None:
    """Two towns in one call cost what they cost alone, and so do their bounds."""
    north, crew = make(5)
    shift = 5.0
    south = [
        Seat(s.need_id + 1000, work_at(s, shift), s.skill, s.places) for s in north
    ]  # fmt: skip
    away = [
        Candidate(**{**fields(one), "volunteer_id": one.volunteer_id + 1000, "lat": (one.lat or 0) + shift,
                     "apart": frozenset(), "together": frozenset()}) for one in crew
    ]  # fmt: skip
    crew = [Candidate(**{**fields(one), "apart": frozenset(), "together": frozenset()}) for one in crew]
    both = run(([*north, *south], [*crew, *away]))
    alone = run((north, crew)), run((south, away))
    assert both.cost == pytest.approx(sum(one.cost for one in alone))
    assert both.bound == pytest.approx(sum(one.bound for one in alone))


def work_at(seat: Seat, shift: float) -> Any:
    one = seat.work
    return work(
        shift_id=one.shift_id + 1000, station_id=one.station_id + 1000, district=one.district, post=one.post,
        lat=one.lat + shift, lon=one.lon, starts_at=one.starts_at, ends_at=one.ends_at, station_name=one.station_name,
    )  # fmt: skip


def fields(one: Candidate) -> dict[str, Any]:
    return {name: getattr(one, name) for name in Candidate.__slots__}


def test_nothing_to_fill_costs_nothing() -> None:
    assert run(([], [volunteer()])) == Proposal((), (), (), 0.0, 0.0)
    nobody = run(([Seat(1, work(), "", 2)], []))
    assert (nobody.cost, nobody.is_proven) == (2 * EMPTY_PLACE[""] + 30, True)
    assert [str(one.reason) for one in nobody.empty] == ["No one has registered."]
