"""Minutes left to act, their colours, and what helps when there are too few."""

from datetime import datetime, timedelta, timezone

import numpy as np
import pytest

from stations.fleet.rules import slack as rules
from stations.fleet.rules.slack import Advice, Alternative, Band, slack

CUTOFF = datetime(2027, 6, 7, 9, 15, tzinfo=timezone(timedelta(hours=8)))
# About 10 km due north.
WAY = rules.points_on_way(39.90, 116.40, 39.99, 116.40)
EVENLY = np.linspace(0, 1, len(WAY))


@pytest.mark.parametrize(
    ("minutes_left", "seconds", "colour", "advice"),
    [
        (60, 60 * 60 - 1500, Band.GREEN, Advice.NORMAL),
        (51, 51 * 60 - 1500, Band.GREEN, Advice.NORMAL),
        (50, 25 * 60, Band.AMBER, Advice.NORMAL),
        (35, 10 * 60, Band.AMBER, Advice.NORMAL),
        (34, 9 * 60, Band.RED, Advice.NORMAL),
        (25, 0, Band.RED, Advice.NEAREST),
        (10, -15 * 60, Band.RED, Advice.NEAREST),
        (9, -16 * 60, Band.RED, Advice.AT_GATE),
    ],
)
def test_slack_is_what_may_still_be_waited(minutes_left: int, seconds: int, colour: Band, advice: Advice) -> None:
    """Eight minutes to the caller, fifteen with boarding to the gate, two through it: twenty-five in all."""
    now = CUTOFF - timedelta(minutes=minutes_left)
    assert slack(CUTOFF, now, 480, 900, 120) == rules.Slack(seconds, colour, advice)


def test_whoever_has_less_than_ten_minutes_is_red_however_near_a_vehicle_is() -> None:
    at_once = slack(CUTOFF, CUTOFF - timedelta(minutes=9, seconds=59), 0, 0, 0)
    assert (at_once.band, at_once.advice) == (Band.RED, Advice.AT_GATE)


def test_a_ride_home_has_no_cutoff_and_no_colour() -> None:
    assert slack(None, CUTOFF, 480, 900, 0) == rules.Slack(None, Band.NONE, Advice.NORMAL)


def test_seconds_are_rounded_against_the_caller() -> None:
    assert slack(CUTOFF, CUTOFF - timedelta(minutes=30), 100.2, 0, 0).seconds == 1699
    assert slack(CUTOFF, CUTOFF - timedelta(seconds=100), 100.2, 0, 0).seconds == -1


def test_near_the_gate_walking_is_told_with_its_margin_and_far_from_it_not() -> None:
    near = rules.points_on_way(39.90, 116.40, 39.906, 116.40)
    found = rules.walk(near, 900)
    assert found is not None
    assert found.arrives_seconds == pytest.approx(666.3 * 1.3 / 1.25, abs=2)
    assert found == Alternative(Advice.WALK, found.arrives_seconds, 900 - found.arrives_seconds)
    assert rules.walk(WAY, 9000) is None


def test_one_gets_out_where_the_jam_begins() -> None:
    """Half an hour lost on the last 800 m, which take 14 minutes on foot."""
    found = rules.walk_last_stretch(WAY, EVENLY * 1200, 1800, 120, 2400)
    assert found is not None
    assert found.arrives_seconds < 1200 * 9 / 10 + 1.3 * 1100 / 1.25
    assert found.margin_seconds == 2400 - found.arrives_seconds
    assert found.lat is not None
    assert 39.980 < found.lat < 39.985


def test_without_a_jam_one_stays_in_the_vehicle() -> None:
    assert rules.walk_last_stretch(WAY, EVENLY * 1200, 0, 120, 2400) is None


def test_two_who_come_towards_each_other_meet_where_both_are_soonest() -> None:
    """On a bicycle 30 minutes to the gate; a vehicle from the gate is there in 20 and needs as long back."""
    found = rules.meet(WAY, EVENLY * 1800, (1 - EVENLY) * 1200, (1 - EVENLY) * 1200 + 60, 1600)
    # They meet after 0.4 of the way: 720 seconds, 720 back and 60 for boarding.
    assert found == Alternative(Advice.MEET_HALF_WAY, 1500, 100, pytest.approx(39.936), pytest.approx(116.40))
    waiting = 1200 + 1200 + 60
    assert found.arrives_seconds < waiting


def test_whoever_is_as_fast_as_the_vehicle_goes_on_to_the_gate() -> None:
    found = rules.meet(WAY, EVENLY * 1200, (1 - EVENLY) * 1200, (1 - EVENLY) * 1200, 1600)
    assert (found.arrives_seconds, found.lat) == (1200, pytest.approx(39.99))


def test_papers_change_hands_before_the_first_vehicle_has_to_be_free() -> None:
    """The first has them after five minutes and could bring them in twenty more, but is booked in fifteen."""
    first = 300 + EVENLY * 1200
    found = rules.relay(WAY, first, 900, (1 - EVENLY) * 1200, (1 - EVENLY) * 1200 + 30, 2000)
    # Half-way after 900 seconds is the last that it can do; the second one has waited there since 600.
    assert found == Alternative(Advice.RELAY, 900 + 600 + 30, 470, pytest.approx(39.945), pytest.approx(116.40))
    assert rules.relay(WAY, first, 299, EVENLY, EVENLY, 2000) is None


def test_what_is_soonest_comes_first_and_too_late_tells_the_gate() -> None:
    late, later = (Alternative(Advice.MEET_HALF_WAY, s, 1000 - s, 1.0, 2.0) for s in (1200, 1500))
    in_time = Alternative(Advice.WALK, 900, 100)
    assert rules.ranked([later, None, in_time, late]) == (in_time, late, later)
    assert rules.ranked([later, late]) == (Alternative(Advice.TELL_GATE, 1200, -200), late, later)
    assert rules.ranked([None]) == ()


def test_every_colour_and_advice_has_its_words() -> None:
    assert set(rules.WORDS) == {*Band, *Advice}
