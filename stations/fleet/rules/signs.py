"""What is known of a vehicle by the signs that it gave: heard of lately, silent, its crew to be asked."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from stations.fleet.rules import rides
from stations.fleet.rules.vehicles import VehicleState

STALE = timedelta(seconds=120)  # a fix older than this does not say any more where a vehicle is
MISSED_INTERVALS = 2


class Standing(StrEnum):
    """What a vehicle is at the moment, the most pressing first."""

    ALARM = "alarm"
    OFF = "off"
    STALE = "stale"
    RIDING = "riding"
    POSTED = "posted"
    STANDBY = "standby"


class Signs(Protocol):
    """What a vehicle last said. `seen_at` is None while no position was ever heard, `last_sign_at` without a ride."""

    @property
    def state(self) -> str: ...
    @property
    def ride_state(self) -> str | None: ...
    @property
    def alarm_at(self) -> datetime | None: ...
    @property
    def seen_at(self) -> datetime | None: ...
    @property
    def heard_at(self) -> datetime | None: ...
    @property
    def interval_seconds(self) -> int | None: ...
    @property
    def last_sign_at(self) -> datetime | None: ...


def is_stale(seen_at: datetime | None, now: datetime) -> bool:
    """Whether a position was heard, but not lately."""
    return seen_at is not None and now - seen_at > STALE


def is_silent(heard_at: datetime | None, interval_seconds: int | None, now: datetime) -> bool:
    """Whether a device that was heard has missed two of its intervals."""
    if heard_at is None or interval_seconds is None:
        return False
    return now - heard_at > MISSED_INTERVALS * timedelta(seconds=interval_seconds)


def is_crew_silent(vehicle: Signs, now: datetime) -> bool:
    """Whether a crew on a ride should be asked if all is well."""
    at, state = vehicle.last_sign_at, vehicle.ride_state
    return at is not None and state is not None and rides.is_silent(rides.RideState(state), at, now)


def judge_standing(vehicle: Signs, now: datetime) -> Standing:
    """What a vehicle is to be shown as."""
    if vehicle.alarm_at is not None:
        return Standing.ALARM
    if vehicle.state != VehicleState.STANDBY:
        return Standing.OFF
    if vehicle.seen_at is not None and (
        is_stale(vehicle.seen_at, now) or is_silent(vehicle.heard_at, vehicle.interval_seconds, now)
    ):
        return Standing.STALE
    if vehicle.ride_state is not None:
        return Standing.RIDING
    return Standing.POSTED if vehicle.seen_at is None else Standing.STANDBY
