"""The demonstration as a visitor finds it later in its morning."""

from collections import Counter
from datetime import datetime, timedelta

from conftest import on_both
from flask import Flask

from stations.kernel import audit, clock
from stations.places.queries.atlas import get_atlas
from stations.places.queries.sheets import station_values
from stations.places.rules import Status
from stations.seasons.queries import get_calendar
from stations.workflows.preparing import DEMO_START, keep_demonstration_verified


def count_shown(kind: str, now: datetime) -> Counter[Status]:
    rows = get_atlas(get_calendar().zone).list_standings(now)
    return Counter(how.status for row, how in rows if row.kind == kind)


@on_both
def test_an_open_demonstration_stays_a_mixture_hour_after_hour(app: Flask) -> None:
    before, events = station_values(), audit.list_events("station:MD-001")
    assert keep_demonstration_verified() == 0
    assert station_values() == before
    for minutes in range(0, 150, 5):
        clock.show(DEMO_START + timedelta(minutes=minutes), clock.real_now())
        keep_demonstration_verified()
    shown = count_shown("shopfront", clock.now())
    assert shown[Status.OPEN] > 100
    assert shown[Status.UNVERIFIED] > 5
    assert count_shown("union_point", clock.now())[Status.OPEN] == 0
    assert audit.list_events("station:MD-001") == events
    assert all(values["verified_at"] <= clock.now().isoformat() for values in station_values().values())


def test_a_clock_set_back_leaves_no_verification_ahead_of_it(app: Flask) -> None:
    clock.show(DEMO_START + timedelta(hours=4), clock.real_now())
    assert keep_demonstration_verified() > 100
    clock.show(DEMO_START, clock.real_now())
    assert keep_demonstration_verified() > 100
    assert all(values["verified_at"] <= clock.now().isoformat() for values in station_values().values())
    clock.show_real()
    assert keep_demonstration_verified() == 0
