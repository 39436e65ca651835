"""The signs that somebody may not turn up."""

from dataclasses import replace
from datetime import timedelta

import pytest
from factories.rosters import KM, at, work

from stations.shifts.rules.risks import Risk, Signs, find_risks
from stations.shifts.rules.rows import Limits

LIMITS = Limits()
SHIFT = work("09:00", "11:00")
WELL = Signs(SHIFT, at("06:00"), at("06:00"), None, None)
FAR_AWAY = work("07:00", "08:50", station_id=2, lat=SHIFT.lat + 10 * KM)
BESIDE = work("07:00", "08:50", station_id=1)


@pytest.mark.parametrize(
    ("signs", "clock", "risks"),
    [
        (WELL, "08:00", ()),
        (WELL, "09:01", (Risk.LATE,)),
        (replace(WELL, in_at=at("09:30")), "09:31", ()),
        (replace(WELL, seen_at=None), "08:00", (Risk.SILENT,)),
        (replace(WELL, seen_at=at("09:00") - timedelta(hours=25)), "08:00", (Risk.SILENT,)),
        (replace(WELL, seen_at=at("09:00") - timedelta(hours=24)), "08:00", ()),
        (replace(WELL, acknowledged_at=None), "08:00", (Risk.UNCONFIRMED,)),
        (replace(WELL, before=FAR_AWAY), "08:00", (Risk.FAR,)),
        (replace(WELL, before=FAR_AWAY), "09:10", (Risk.LATE,)),
        (replace(WELL, before=BESIDE), "08:00", ()),
        (replace(WELL, seen_at=None, acknowledged_at=None, before=FAR_AWAY), "08:00",
         (Risk.FAR, Risk.SILENT, Risk.UNCONFIRMED)),
    ],
)  # fmt: skip
def test_signs_are_named_the_gravest_first(signs: Signs, clock: str, risks: tuple[Risk, ...]) -> None:
    assert find_risks(signs, LIMITS, at(clock)) == risks
