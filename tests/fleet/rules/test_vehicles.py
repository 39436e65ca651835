"""What a vehicle's file must hold, and when the vehicle is on duty."""

from datetime import date, timedelta

import pytest
from factories.places import BEIJING, beijing

from stations.fleet.rules.vehicles import (
    DUTY,
    PAPERS,
    VehicleFile,
    check_standby,
    is_on_duty,
    missing_in_file,
    today_in,
    write_duty,
)
from stations.kernel.errors import Refused

TODAY = date(2027, 6, 7)
DAY = timedelta(days=1)


def test_a_paper_is_good_to_the_end_of_its_last_day() -> None:
    assert missing_in_file(VehicleFile(TODAY, TODAY, TODAY, TODAY), TODAY) == ()
    past = TODAY - DAY
    assert missing_in_file(VehicleFile(past, past, past, past), TODAY) == tuple(PAPERS)
    assert missing_in_file(VehicleFile(), TODAY) == tuple(PAPERS)
    assert missing_in_file(VehicleFile(TODAY, past, TODAY, TODAY), TODAY) == ("registration",)


def test_a_check_before_duty_is_good_for_its_own_day_only() -> None:
    good = TODAY + 300 * DAY
    for checked in (TODAY - DAY, TODAY + DAY, None):
        assert missing_in_file(VehicleFile(good, good, good, checked), TODAY) == ("driver_check",)
    assert missing_in_file(VehicleFile(good, good, good, TODAY), TODAY) == ()


def test_whoever_is_refused_is_told_which_papers() -> None:
    check_standby(VehicleFile(TODAY, TODAY, TODAY, TODAY), TODAY)
    with pytest.raises(Refused, match=r"vehicle\.file") as refused:
        check_standby(VehicleFile(TODAY, None, TODAY, None), TODAY)
    assert str(refused.value.message).endswith("Registration、Driver's check of the day.")


def test_duty_is_in_the_season_s_zone_and_ends_before_its_end() -> None:
    for clock, is_on in (("05:59:59", False), ("06:00", True), ("18:59:59", True), ("19:00", False)):
        assert is_on_duty(*DUTY, beijing(clock), BEIJING) is is_on, clock
    assert is_on_duty(0, 1440, beijing("23:59:59"), BEIJING)
    assert write_duty(DUTY) == "06:00-19:00"
    assert write_duty((0, 1440)) == "00:00-24:00"


def test_the_day_turns_at_midnight_in_the_season_s_zone() -> None:
    assert today_in(BEIJING, beijing("00:00")) == TODAY
    assert today_in(BEIJING, beijing("00:00") - timedelta(seconds=1)) == TODAY - DAY
