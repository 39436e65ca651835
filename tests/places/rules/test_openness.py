"""Whether a station is open, told as a table of moments."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from factories.places import BEIJING, MONDAY, SAID_NOTHING, beijing, every_day

from stations.kernel.errors import Refused
from stations.places.rules import (
    Hours,
    Said,
    StationState,
    Status,
    change_state,
    current_state,
    is_fresh,
    next_change,
    standing,
)
from stations.places.rules.openness import NEXT_STATES, at_minute

TODAY = date.fromisoformat(MONDAY)
YESTERDAY = beijing("09:00") - timedelta(days=1)
WITH_LUNCH = every_day((7 * 60, 11 * 60 + 30), (13 * 60, 18 * 60 + 30))
ROUND_THE_CLOCK = every_day((0, 1440))
LATE = every_day((20 * 60, 1440))
WEEKDAYS_ONLY = Hours((((7 * 60, 18 * 60),),) * 5 + ((), ()))
SHORT_TODAY = Hours(WITH_LUNCH.weekly, {TODAY: ((480, 540),)})
SHUT_TODAY = Hours(WITH_LUNCH.weekly, {TODAY: ()})


def said(state: StationState, at: datetime) -> Said:
    return Said(state, at, "因故", None)


def opened(clock: str) -> Said:
    return said(StationState.OPEN, beijing(clock))


PAUSED, CLOSED = (said(state, beijing("06:00")) for state in (StationState.PAUSED, StationState.CLOSED))
TUESDAY = "2027-06-08"

CASES = {
    # what: (hours, said, clock, status, closes at, opens at)
    "before hours": (WITH_LUNCH, SAID_NOTHING, "06:59:59", Status.CLOSED, None, beijing("07:00")),
    "first second": (WITH_LUNCH, SAID_NOTHING, "07:00", Status.UNVERIFIED, beijing("11:30"), None),
    "last second before lunch": (WITH_LUNCH, SAID_NOTHING, "11:29:59", Status.UNVERIFIED, beijing("11:30"), None),
    "lunch begins": (WITH_LUNCH, SAID_NOTHING, "11:30", Status.CLOSED, None, beijing("13:00")),
    "after lunch": (WITH_LUNCH, SAID_NOTHING, "13:00", Status.UNVERIFIED, beijing("18:30"), None),
    "after hours": (WITH_LUNCH, SAID_NOTHING, "18:30", Status.CLOSED, None, beijing("07:00", TUESDAY)),
    "till midnight": (LATE, SAID_NOTHING, "23:59:59", Status.UNVERIFIED, beijing("00:00", TUESDAY), None),
    "midnight ends it": (LATE, SAID_NOTHING, "00:00", Status.CLOSED, None, beijing("20:00")),
    "round the clock, at midnight": (
        ROUND_THE_CLOCK, SAID_NOTHING, "00:00", Status.UNVERIFIED, beijing("00:00", TUESDAY), None,
    ),
    "round the clock, at its end": (
        ROUND_THE_CLOCK, SAID_NOTHING, "23:59", Status.UNVERIFIED, beijing("00:00", TUESDAY), None,
    ),
    "dated hours hold": (SHORT_TODAY, SAID_NOTHING, "08:30", Status.UNVERIFIED, beijing("09:00"), None),
    "dated hours replace the week's": (
        SHORT_TODAY, SAID_NOTHING, "10:00", Status.CLOSED, None, beijing("07:00", TUESDAY),
    ),
    "dated day off": (SHUT_TODAY, SAID_NOTHING, "10:00", Status.CLOSED, None, beijing("07:00", TUESDAY)),
    "opened early": (WITH_LUNCH, opened("06:10"), "06:11", Status.UNVERIFIED, beijing("11:30"), None),
    "opened early, lunch begins": (WITH_LUNCH, opened("06:10"), "11:30", Status.CLOSED, None, beijing("13:00")),
    "opened early, after lunch": (WITH_LUNCH, opened("06:10"), "13:00", Status.UNVERIFIED, beijing("18:30"), None),
    "opened within hours, lunch begins": (WITH_LUNCH, opened("09:00"), "11:30", Status.CLOSED, None, beijing("13:00")),
    "opened for lunch": (WITH_LUNCH, opened("12:00"), "12:30", Status.UNVERIFIED, beijing("18:30"), None),
    "opened, but the day is over": (
        WITH_LUNCH, opened("14:00"), "18:30", Status.CLOSED, None, beijing("07:00", TUESDAY),
    ),
    "opened after hours": (WITH_LUNCH, opened("18:30"), "18:30", Status.UNVERIFIED, beijing("00:00", TUESDAY), None),
    "opened on a day off": (SHUT_TODAY, opened("20:00"), "21:00", Status.UNVERIFIED, beijing("00:00", TUESDAY), None),
    "paused within hours": (WITH_LUNCH, PAUSED, "09:00", Status.PAUSED, None, None),
    "paused before hours": (WITH_LUNCH, PAUSED, "06:30", Status.PAUSED, None, None),
    "paused over lunch": (WITH_LUNCH, PAUSED, "12:00", Status.PAUSED, None, None),
    "still paused after lunch": (WITH_LUNCH, PAUSED, "14:00", Status.PAUSED, None, None),
    "paused, and hours over": (WITH_LUNCH, PAUSED, "20:00", Status.CLOSED, None, beijing("07:00", TUESDAY)),
    "closed early": (WITH_LUNCH, CLOSED, "09:00", Status.CLOSED, None, beijing("07:00", TUESDAY)),
    "yesterday's closing": (
        WITH_LUNCH, said(StationState.CLOSED, YESTERDAY), "09:00", Status.UNVERIFIED, beijing("11:30"), None,
    ),
    "yesterday's opening": (
        WITH_LUNCH, said(StationState.OPEN, YESTERDAY), "12:00", Status.CLOSED, None, beijing("13:00"),
    ),
    "never open": (Hours(), SAID_NOTHING, "09:00", Status.CLOSED, None, None),
}  # fmt: skip


@pytest.mark.parametrize("what", CASES)
def test_standing_follows_hours_then_dates_then_the_lead(what: str) -> None:
    hours, said_now, clock, status, closes_at, opens_at = CASES[what]
    now = beijing(clock)
    how = standing(hours, said_now, now, BEIJING)
    is_open = status in (Status.OPEN, Status.UNVERIFIED)
    assert (how.status, how.is_open, how.closes_at, how.opens_at) == (status, is_open, closes_at, opens_at)
    assert how.reason == ("" if current_state(hours, said_now, now, BEIJING) is StationState.PLANNED else "因故")
    # The same moment said in UTC is the same standing.
    assert standing(hours, said_now, now.astimezone(UTC), BEIJING) == how


@pytest.mark.parametrize(
    ("clock", "day", "opens_at"),
    [
        ("18:00", "2027-06-11", beijing("07:00", "2027-06-14")),  # Friday evening to Monday
        ("09:00", "2027-06-12", beijing("07:00", "2027-06-14")),
        ("06:00", "2027-06-14", beijing("07:00", "2027-06-14")),
    ],
)
def test_next_opening_is_found_over_days(clock: str, day: str, opens_at: datetime) -> None:
    assert standing(WEEKDAYS_ONLY, SAID_NOTHING, beijing(clock, day), BEIJING).opens_at == opens_at


def test_next_opening_is_found_a_whole_week_away() -> None:
    mondays = Hours((((480, 540),), (), (), (), (), (), ()))
    how = standing(mondays, SAID_NOTHING, beijing("09:00"), BEIJING)
    assert how.opens_at == beijing("08:00", "2027-06-14")


def test_dated_opening_ahead_is_the_next_one() -> None:
    only_once = Hours(dated={date(2027, 6, 10): ((600, 660),)})
    assert standing(only_once, SAID_NOTHING, beijing("09:00"), BEIJING).opens_at == beijing("10:00", "2027-06-10")


def test_the_day_is_the_seasons_and_not_utc() -> None:
    """At 03:00 in Beijing it is still yesterday in UTC; the lead's word is for the day in Beijing."""
    now = datetime(2027, 6, 6, 19, 0, tzinfo=UTC)
    early = opened("02:00")
    assert standing(WITH_LUNCH, early, now, BEIJING).is_open
    assert not standing(WITH_LUNCH, replace(early, at=now + timedelta(days=1)), now, BEIJING).is_open
    assert current_state(WITH_LUNCH, said(StationState.CLOSED, beijing("09:00")), now, ZoneInfo("UTC")) == "planned"


@pytest.mark.parametrize(
    ("said_now", "clock", "state"),
    [
        (SAID_NOTHING, "09:00", StationState.PLANNED),
        (opened("06:10"), "11:29:59", StationState.OPEN),
        (opened("06:10"), "11:30", StationState.PLANNED),  # so that the lead may open it again for lunch
        (PAUSED, "23:59", StationState.PAUSED),
        (CLOSED, "23:59", StationState.CLOSED),
        (said(StationState.CLOSED, YESTERDAY), "09:00", StationState.PLANNED),
    ],
)
def test_the_leads_word_holds_to_the_next_planned_close_or_to_the_end_of_the_day(
    said_now: Said, clock: str, state: StationState
) -> None:
    assert current_state(WITH_LUNCH, said_now, beijing(clock), BEIJING) is state


@pytest.mark.parametrize(
    ("age", "status"),
    [
        (timedelta(0), Status.OPEN),
        (timedelta(minutes=60), Status.OPEN),
        (timedelta(minutes=60, microseconds=1), Status.UNVERIFIED),
    ],
)
def test_an_open_station_is_green_for_an_hour_after_it_was_verified(age: timedelta, status: Status) -> None:
    now = beijing("09:00")
    seen = Said(StationState.PLANNED, None, "", now - age)
    how = standing(WITH_LUNCH, seen, now, BEIJING)
    assert (how.status, how.is_open, how.verified_at) == (status, True, now - age)
    assert is_fresh(now - age, now) is (status is Status.OPEN)


def test_verified_never_is_not_fresh() -> None:
    assert not is_fresh(None, beijing("09:00"))


def test_minute_1440_is_the_next_midnight() -> None:
    assert at_minute(beijing("09:00"), 1440) == beijing("00:00", TUESDAY)


@pytest.mark.parametrize("current", list(StationState))
@pytest.mark.parametrize("wanted", list(StationState))
def test_state_changes_only_along_the_table(current: StationState, wanted: StationState) -> None:
    if wanted in NEXT_STATES[current]:
        change_state(current, wanted, "排队过长")
    else:
        with pytest.raises(Refused) as refused:
            change_state(current, wanted, "排队过长")
        assert (refused.value.code, refused.value.field) == ("station.state", "state")


@pytest.mark.parametrize("wanted", [StationState.PAUSED, StationState.CLOSED])
def test_pausing_and_closing_need_a_reason(wanted: StationState) -> None:
    with pytest.raises(Refused) as refused:
        change_state(StationState.OPEN, wanted, " \n ")
    assert (refused.value.code, refused.value.field, refused.value.status) == ("station.reason", "reason", 400)


@pytest.mark.parametrize("what", CASES)
def test_standing_stays_until_the_next_change(what: str) -> None:
    hours, lead, *_rest = CASES[what]
    for verified_at in (None, beijing("08:20")):
        said_now = replace(lead, verified_at=verified_at)
        now, until = beijing("00:00"), beijing("00:00")
        how = standing(hours, said_now, now, BEIJING)
        while now < beijing("00:30", TUESDAY):
            if now >= until:
                how, until = standing(hours, said_now, now, BEIJING), next_change(hours, said_now, now, BEIJING)
            assert standing(hours, said_now, now, BEIJING) == how, now
            now += timedelta(minutes=1)


def test_next_change_is_seldom() -> None:
    moments = [beijing("06:00")]
    while moments[-1] < beijing("00:00", TUESDAY):
        moments.append(next_change(WITH_LUNCH, SAID_NOTHING, moments[-1], BEIJING))
    assert moments[1:] == [
        beijing("07:00"), beijing("11:30"), beijing("13:00"), beijing("18:30"), beijing("00:00", TUESDAY)
    ]  # fmt: skip
