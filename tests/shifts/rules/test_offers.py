"""How long a place is kept: long enough to answer, never over night, never past the last call."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from factories.places import beijing
from hypothesis import given
from hypothesis import strategies as st

from stations.shifts.rules.offers import (
    LEAST,
    NOTICE,
    QUESTION,
    QUIET_FROM,
    QUIET_UNTIL,
    awake_after,
    next_waking,
    offer_until,
    question_until,
)

ZONE = ZoneInfo("Asia/Shanghai")
NEXT = "2027-06-08"
moments = st.integers(0, 11 * 24 * 60).map(lambda minutes: beijing("00:00", "2027-06-01") + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("now", "starts", "until"),
    [
        (beijing("09:00"), beijing("12:00", "2027-06-09"), beijing("11:00")),  # far ahead: two hours
        (beijing("09:00"), beijing("12:00"), beijing("09:20")),  # today: twenty minutes
        (beijing("21:50"), beijing("12:00", NEXT), beijing("07:10", NEXT)),  # ten tonight, ten tomorrow
        (beijing("23:30"), beijing("12:00", NEXT), beijing("07:20", NEXT)),  # nobody is woken
        (beijing("03:00", NEXT), beijing("12:00", NEXT), beijing("07:20", NEXT)),
        (beijing("23:30"), beijing("08:00", NEXT), beijing("07:15", NEXT)),  # the last call is three quarters before
        (beijing("09:00"), beijing("09:55"), beijing("09:10")),
        (beijing("09:00"), beijing("09:54"), None),  # no time left to answer
        (beijing("23:30"), beijing("07:50", NEXT), None),
    ],
)
def test_a_place_is_kept_for(now: datetime, starts: datetime, until: datetime | None) -> None:
    assert offer_until(now, starts, ZONE) == until


@given(moments, st.integers(0, 120).map(lambda hours: timedelta(hours=hours)))
def test_an_offer_ends_while_people_are_awake_and_before_the_last_call(now: datetime, ahead: timedelta) -> None:
    until = offer_until(now, now + ahead, ZONE)
    if until is None:
        assert awake_after(now, LEAST, ZONE) > now + ahead - NOTICE
        return
    assert now + LEAST <= until <= now + ahead - NOTICE
    waking = next_waking(now, ZONE)
    assert until - waking <= timedelta(hours=2) or until.date() > waking.date()


@given(moments, st.integers(1, 180).map(lambda minutes: timedelta(minutes=minutes)))
def test_waking_time_counts_no_night(now: datetime, length: timedelta) -> None:
    until = awake_after(now, length, ZONE)
    awake = sum(
        1
        for minute in range(int((until - now).total_seconds() // 60))
        if QUIET_UNTIL <= (now + timedelta(minutes=minute)).time() < QUIET_FROM
    )
    assert abs(awake - length.total_seconds() / 60) <= 1


def test_a_question_stands_half_a_day_or_until_the_last_call() -> None:
    assert question_until(beijing("09:00"), beijing("09:00", "2027-06-10")) == beijing("09:00") + QUESTION
    assert question_until(beijing("09:00"), beijing("12:00")) == beijing("11:15")
    assert question_until(beijing("09:00"), beijing("09:50")) is None
