"""What a vehicle's signs say of it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from stations.fleet.rules.signs import Standing, is_crew_silent, is_silent, is_stale, judge_standing

NOW = datetime(2027, 6, 7, 0, 30, tzinfo=UTC)


@dataclass
class Vehicle:
    state: str = "standby"
    ride_state: str | None = None
    alarm_at: datetime | None = None
    seen_at: datetime | None = None
    heard_at: datetime | None = None
    interval_seconds: int | None = None
    last_sign_at: datetime | None = None


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def heard(seconds: float, **more: object) -> Vehicle:
    return Vehicle(seen_at=ago(seconds), heard_at=ago(seconds), interval_seconds=10, **more)  # type: ignore[arg-type]


def test_silence_shows_after_two_intervals() -> None:
    assert not is_silent(ago(20), 10, NOW)
    assert is_silent(ago(21), 10, NOW)
    assert not is_silent(None, None, NOW)


def test_a_position_is_stale_after_two_minutes() -> None:
    assert not is_stale(ago(120), NOW)
    assert is_stale(ago(121), NOW)
    assert not is_stale(None, NOW)


@pytest.mark.parametrize(
    ("vehicle", "standing"),
    [
        (Vehicle(), Standing.POSTED),
        (heard(5), Standing.STANDBY),
        (heard(5, ride_state="accepted"), Standing.RIDING),
        (Vehicle(ride_state="accepted"), Standing.RIDING),
        (heard(21, ride_state="accepted"), Standing.STALE),
        (heard(5, state="off"), Standing.OFF),
        (heard(500, state="off", alarm_at=NOW), Standing.ALARM),
    ],
)
def test_a_vehicle_is_shown_by_what_presses_most(vehicle: Vehicle, standing: Standing) -> None:
    assert judge_standing(vehicle, NOW) is standing


def test_only_a_crew_on_a_ride_is_asked() -> None:
    assert is_crew_silent(Vehicle(ride_state="en_route", last_sign_at=ago(15 * 60 + 1)), NOW)
    assert not is_crew_silent(Vehicle(ride_state="en_route", last_sign_at=ago(15 * 60)), NOW)
    assert not is_crew_silent(Vehicle(last_sign_at=ago(9999)), NOW)
