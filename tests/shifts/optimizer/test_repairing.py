"""Drop-outs: the place is filled, few are asked to change, and what is confirmed is never moved."""

from typing import Any

import numpy as np
from factories.rosters import ZONE, random_seats, random_volunteers, volunteer, work
from hypothesis import given, settings
from hypothesis import strategies as st

from stations.shifts.optimizer.repairing import repair
from stations.shifts.optimizer.roster import propose
from stations.shifts.optimizer.rows import Placement, Proposal
from stations.shifts.rules.placing import objections
from stations.shifts.rules.rows import Candidate, Held, Limits, Seat, State

LIMITS = Limits()
HeldBy = dict[int, list[Held]]


def mend(seats: list[Seat], crew: list[Candidate], held: HeldBy, *needs: int, **fields: Any) -> Proposal:
    return repair(seats, crew, held, LIMITS, {}, zone=ZONE, need_ids=needs, **fields)


def test_somebody_free_steps_in_and_nobody_else_is_asked() -> None:
    seats = [Seat(1, work(), "", 2), Seat(2, work("10:00", "12:00", shift_id=2), "", 1)]
    held = {1: [Held(seats[0].work, State.PROPOSED, 1)], 2: [Held(seats[1].work, State.PROPOSED, 2)]}
    found = mend(seats, [volunteer(1), volunteer(2), volunteer(3, minutes_before=1000)], held, 1)
    assert (found.placements, found.dropped, found.empty) == ((Placement(2, 1, 1),), (), ())
    assert found.is_proven


def test_one_moves_and_another_follows_where_nobody_free_can_do_it() -> None:
    seats = [Seat(1, work(), "english", 1), Seat(2, work(shift_id=2), "", 1)]
    english = volunteer(1, skills={"english": None})
    held: HeldBy = {1: [Held(seats[1].work, State.PROPOSED, 2)]}
    found = mend(seats, [english, volunteer(2)], held, 1)
    assert set(found.placements) == {Placement(1, 1, 1), Placement(2, 2, 2)}
    assert found.dropped == (Placement(1, 2, 2),)
    assert found.empty == ()
    stays = mend(seats, [english, volunteer(2)], held, 1, most_changed=0)
    assert (stays.placements, stays.dropped) == ((), ())
    assert [one.need_id for one in stays.empty] == [1]


def test_what_is_confirmed_is_never_moved_and_the_reason_says_so() -> None:
    seats = [Seat(1, work(), "english", 1), Seat(2, work(shift_id=2), "", 1, 1)]
    held = {1: [Held(seats[1].work, State.CONFIRMED, 2)]}
    found = mend(seats, [volunteer(1, skills={"english": None}), volunteer(2)], held, 1)
    assert (found.placements, found.dropped) == ((), ())
    assert [str(one.reason) for one in found.empty] == ["All 1 who could are posted then, or have no hours left."]


@given(st.integers(0, 100_000))
@settings(max_examples=8, deadline=None)
def test_any_drop_out_is_mended_lawfully_with_three_changed_at_most(seed: int) -> None:
    rng = np.random.default_rng(seed)
    seats, crew = random_seats(rng, 10), random_volunteers(rng, 16)
    by_need = {seat.need_id: seat for seat in seats}
    first = propose(seats, crew, {}, LIMITS, {}, zone=ZONE, seed=1, seconds=10)
    if not first.placements:
        return
    gone = first.placements[int(rng.integers(len(first.placements)))].volunteer_id
    held: HeldBy = {}
    for one in first.placements:
        if one.volunteer_id != gone:
            held.setdefault(one.volunteer_id, []).append(
                Held(by_need[one.need_id].work, State.PROPOSED, one.need_id)
            )  # fmt: skip
    lost = [one.need_id for one in first.placements if one.volunteer_id == gone]
    found = mend(seats, [one for one in crew if one.volunteer_id != gone], held, *lost)
    assert len({one.volunteer_id for one in (*found.placements, *found.dropped)}) <= 3
    after = {(who, kept.need_id) for who, listed in held.items() for kept in listed}
    after -= {(one.volunteer_id, one.need_id) for one in found.dropped}
    after |= {(one.volunteer_id, one.need_id) for one in found.placements}
    people = {one.volunteer_id: one for one in crew}
    for who, need in after:
        seat = by_need[need]
        others = [Held(by_need[n].work) for w, n in after if w == who and n != need]
        beside = {w for w, n in after if by_need[n].work == seat.work}
        assert objections(people[who], seat.work, seat.skill, others, LIMITS, {}, zone=ZONE, beside=beside) == ()
        assert sum(n == need for _w, n in after) <= seat.places
