"""What the guard says, to whom, and what a reason may override."""

from datetime import date
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from factories.rosters import DAY, KM, ZONE, at, random_seats, random_volunteers, volunteer, work
from hypothesis import given, settings
from hypothesis import strategies as st

from stations.kernel.text import Text
from stations.shifts.rules.placing import objections, objections_to_seat
from stations.shifts.rules.rows import Busy, Candidate, Held, Limits, Objection, Seat, State, Work

LIMITS = Limits()


def judge(
    who: Candidate, what: Work, skill: str = "", held: tuple[Work, ...] = (), **fields: Any
) -> tuple[Objection, ...]:
    heat = fields.pop("heat", {})
    return objections(who, what, skill, [Held(one) for one in held], LIMITS, heat, zone=ZONE, **fields)


def said(found: tuple[Objection, ...]) -> list[tuple[str, str, bool]]:
    return [(one.code, str(one.message), one.may_override) for one in found]


def codes(found: tuple[Objection, ...]) -> list[str]:
    return [one.code for one in found]


def test_nothing_speaks_against_a_volunteer_who_is_free_and_near() -> None:
    assert judge(volunteer(), work()) == ()


def test_two_shifts_at_once_are_refused_for_good_and_the_way_between_stations_unless_there_is_a_reason() -> None:
    held = work("09:00", "11:00", shift_id=2, station_id=2, lat=39.9 + 5 * KM, station_name="South Gate")
    assert said(judge(volunteer(), work("10:30", "12:00"), held=(held,))) == [
        ("time.overlap", "Posted at South Gate 06-07 09:00-11:00 at the same time.", False)
    ]
    assert said(judge(volunteer(), work("07:00", "08:45"), held=(held,))) == [
        ("time.travel",
         "Posted at South Gate 06-07 09:00-11:00; the way takes about 30 min and 15 min are left.", True)
    ]  # fmt: skip
    assert judge(volunteer(), work("07:00", "08:30"), held=(held,)) == ()
    assert judge(volunteer(), work("07:00", "09:00", station_id=2), held=(held,)) == ()
    proposed = Held(held, State.PROPOSED)
    assert objections(volunteer(), work("10:30", "12:00"), "", [proposed], LIMITS, {}, zone=ZONE) == ()


@pytest.mark.parametrize(
    ("starts", "ends", "held", "expected"),
    [
        ("06:00", "08:00", work("18:00", "20:30", days=-1), "rest.short"),
        ("06:30", "08:00", work("18:00", "20:30", days=-1), ""),
        ("07:00", "11:00", work("12:00", "17:00"), "day.long"),
        ("07:00", "11:00", work("12:00", "16:00"), ""),
        ("07:00", "11:00", work("11:20", "13:30"), "stretch.long"),
        ("07:00", "11:00", work("11:30", "13:30"), ""),
        ("06:00", "12:30", None, "stretch.long"),
    ],
)
def test_rest_hours_and_stretches_have_limits(starts: str, ends: str, held: Work | None, expected: str) -> None:
    found = judge(volunteer(), work(starts, ends), held=(held,) if held else ())
    assert codes(found) == ([expected] if expected else [])
    assert all(one.may_override for one in found)


def test_a_stretch_grows_over_every_shift_that_joins_it() -> None:
    held = (work("07:00", "09:00"), work("11:10", "13:20"))
    (only,) = judge(volunteer(), work("09:10", "11:00"), held=held)
    assert str(only.message) == "6.3 h without a break of 30 min; 6 h are the most."


def test_skills_must_be_valid_on_the_day_of_the_shift() -> None:
    aid = work(post="first_aid")
    until = volunteer(skills={"first_aid": DAY})
    assert judge(until, aid, "first_aid") == ()
    assert said(judge(until, work(days=1, post="first_aid"), "first_aid")) == [
        ("skill.expired", "First aider: the proof ended on 2027-06-07, before 2027-06-08.", False)
    ]
    assert said(judge(volunteer(), aid)) == [("skill.missing", "First aider: no proof is recorded.", False)]
    assert said(judge(volunteer(), work(), "english")) == [("skill.missing", "English: no proof is recorded.", True)]
    assert judge(volunteer(skills={"english": None}), work(), "english") == ()
    assert codes(judge(volunteer(), work(), "leader")) == ["skill.leader"]
    assert judge(volunteer(standing="deputy"), work(), "leader") == ()


def test_the_young_need_consent_daylight_and_shorter_days() -> None:
    young = volunteer(born_on=date(2010, 6, 8), has_guardian_consent=True)
    assert judge(young, work("07:00", "11:00")) == ()
    assert said(judge(young, work("07:00", "11:30"))) == [
        ("day.long", "2027-06-07 would have 4.5 h; 4 h are the most.", False)
    ]
    assert said(judge(young, work("21:00", "22:30"))) == [
        ("age.night", "Under 18 nobody is posted between 22:00 and 6:00.", False)
    ]
    assert codes(judge(young, work("05:30", "07:00"))) == ["age.night"]
    assert codes(judge(young, work(post="traffic"), "")) == ["age.least"]
    assert codes(judge(volunteer(born_on=date(2010, 6, 8)), work())) == ["age.guardian"]
    assert judge(volunteer(born_on=date(2009, 6, 7)), work("21:00", "22:30")) == ()


@pytest.mark.parametrize(
    ("celsius", "starts", "ends", "expected"),
    [
        (34.9, "07:00", "12:30", []),
        (35.0, "07:00", "11:30", ["heat.stretch"]),
        (36.9, "12:00", "15:00", []),
        (37.0, "12:00", "15:00", ["heat.hottest"]),
        (37.0, "15:00", "18:00", []),
        (40.0, "07:00", "08:00", ["heat.stop"]),
    ],
)
def test_heat_shortens_and_stops_the_posts_outdoors(
    celsius: float, starts: str, ends: str, expected: list[str]
) -> None:
    heat = {("A", DAY): celsius, ("B", DAY): 45.0}
    found = judge(volunteer(), work(starts, ends, post="queue"), heat=heat)
    assert codes(found) == expected
    assert not any(one.may_override for one in found)
    assert judge(volunteer(), work(starts, ends, post="supplies"), heat=heat) == ()


def test_heat_counts_the_hours_of_a_day_and_spares_the_young() -> None:
    heat = {("A", DAY): 38.0}
    early, late = work("06:00", "09:00", post="queue"), work("15:30", "19:00", post="guidance")
    assert codes(judge(volunteer(), late, held=(early,), heat=heat)) == ["heat.day"]
    assert judge(volunteer(), late, held=(work("06:00", "09:00"),), heat=heat) == ()
    young = volunteer(born_on=date(2010, 6, 8), has_guardian_consent=True)
    assert codes(judge(young, early, heat=heat)) == ["heat.minor"]
    assert codes(judge(young, early, heat={("A", DAY): 35.0})) == ["heat.minor"]
    assert judge(young, early, heat={("A", DAY): 34.9}) == ()


def test_nobody_works_overtime_on_a_day_with_a_warm_post_outdoors() -> None:
    held, indoors = (work("06:00", "10:00", post="queue"),), work("10:30", "15:00")
    for celsius, expected in ((34.9, ("day.long", True)), (35.0, ("heat.overtime", False))):
        (only,) = judge(volunteer(), indoors, held=held, heat={("A", DAY): celsius})
        assert (only.code, only.may_override) == expected


def test_other_duty_is_an_obstacle_but_not_to_the_post_that_consists_in_it() -> None:
    driving = Busy(at("06:00"), at("19:00"), Text("driver of 演A·00001"), "driver")
    driver = volunteer(skills={"driver": None}, busy=(driving,))
    assert said(judge(driver, work())) == [
        ("busy", "On other duty 06-07 06:00-19:00: driver of 演A·00001.", False)
    ]  # fmt: skip
    assert judge(driver, work(post="roving_driver"), "driver") == ()
    assert judge(driver, work("19:00", "20:00")) == ()


def test_who_has_not_said_when_free_may_still_sign_up() -> None:
    silent = volunteer(available=None)
    assert said(judge(silent, work())) == [("free.unsaid", "Has not said yet when free.", True)]
    assert judge(silent, work(), asks_self=True) == ()
    mornings = volunteer(available=frozenset({(DAY, "morning")}))
    assert judge(mornings, work("09:00", "12:30")) == ()
    assert said(judge(mornings, work("09:00", "12:31"), asks_self=True)) == [
        ("free.not", "Not free on 2027-06-07: Afternoon.", True)
    ]


def test_wishes_companions_and_the_way_from_home_may_be_overridden() -> None:
    far = volunteer(lat=39.9 + 15 * KM, dislikes=frozenset({"supplies", 1}), apart=frozenset({9}))
    found = judge(far, work(), beside={8, 9})
    assert said(found) == [
        ("refused.post", "Has asked not to be posted there: Supplies.", True),
        ("refused.station", "Has asked not to be posted there: North Gate.", True),
        ("home.far", "North Gate is about 74 min from home; 60 min is the most.", True),
        ("apart", "Somebody with whom not to be posted is on this shift.", True),
    ]
    assert judge(volunteer(apart=frozenset({9}), lat=None, lon=None), work(), beside={8}) == ()


def test_a_full_seat_is_full_for_everybody() -> None:
    seat = Seat(1, work(), "english", 2, 2)
    found = objections_to_seat(volunteer(), seat, (), LIMITS, {}, zone=ZONE)
    assert said(found)[0] == ("seat.full", "All 2 places are taken.", False)
    assert codes(found) == ["seat.full", "skill.missing"]
    assert codes(objections_to_seat(volunteer(), Seat(1, work(), "", 2, 1), (), LIMITS, {}, zone=ZONE)) == []


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_the_order_in_which_shifts_are_taken_does_not_matter(seed: int) -> None:
    """Whether three shifts go together is one answer, whichever is asked for last, wherever the clock stands."""
    rng = np.random.default_rng(seed)
    (who,) = random_volunteers(rng, 1)
    heat = {("A", DAY): float(rng.uniform(30, 41)), ("B", DAY): 38.0}
    works = [seat.work for seat in random_seats(rng, 3, days=2)[:3]]
    shifted = [
        Work(w.shift_id, w.station_id, w.district, w.post, w.lat, w.lon, w.starts_at.astimezone(), w.ends_at)
        for w in works
    ]
    answers = set()
    for order in permutations(range(len(works))):
        taken: list[Work] = []
        is_good = True
        for index in order:
            is_good = is_good and not judge(who, works[index], held=tuple(taken), heat=heat)
            assert codes(judge(who, shifted[index], held=tuple(taken), heat=heat)) == codes(
                judge(who, works[index], held=tuple(taken), heat=heat)
            )
            taken.append(works[index])
        answers.add(is_good)
    assert len(answers) == 1


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_holding_more_never_helps(seed: int) -> None:
    rng = np.random.default_rng(seed)
    (who,) = random_volunteers(rng, 1)
    first, *rest = [seat.work for seat in random_seats(rng, 4)]
    fewer = {one.code for one in judge(who, first, held=tuple(rest[:1]))}
    assert fewer <= {one.code for one in judge(who, first, held=tuple(rest))}
