"""Changes to stations, guarded by scope, version and state in the action itself, on both databases."""

from dataclasses import replace
from itertools import product

import pytest
from conftest import on_both
from flask import Flask

from stations.accounts.rules import PROGRAM, Actor, Scope
from stations.kernel import audit
from stations.kernel.db import transaction
from stations.kernel.errors import Forbidden, Invalid, NotFound, Refused
from stations.places.actions.stations import archive_station, save_station, set_state, verify
from stations.places.queries.sheets import station_order
from stations.places.queries.stations import find_station, get_station
from stations.places.rules import NEXT_STATES, StationState
from stations.seasons.queries import get_calendar

HAIDIAN = Actor("haidian", "海淀", (Scope("organizer", "YS-BJ/YS-BJ-110108/"),))
LEAD = Actor("lead", "站长", (Scope("station_lead", "YS-BJ/YS-BJ-110108/GH-HD-01/"),))
CODE = "GH-HD-01"


def say(state: StationState, reason: str = "说明", actor: Actor = LEAD, code: str = CODE) -> None:
    with transaction():
        set_state(code, state, reason, actor, get_calendar().zone)


@on_both
def test_states_follow_the_table(app: Flask) -> None:
    ways = {state: way for state, way in zip(StationState, ((), ("open",), ("paused",), ("closed",)), strict=True)}
    for number, (start, wanted) in enumerate(product(StationState, list(StationState)[1:])):
        code = f"MD-{number + 100:03}"
        for step in ways[start]:
            say(StationState(step), actor=PROGRAM, code=code)
        if wanted in NEXT_STATES[start]:
            say(wanted, actor=PROGRAM, code=code)
            assert get_station(code).said.state == wanted
        else:
            with pytest.raises(Refused, match=r"station\.state"):
                say(wanted, actor=PROGRAM, code=code)
            assert get_station(code).said.state == start


@on_both
def test_a_reason_is_needed_and_opening_verifies(app: Flask) -> None:
    before = get_station(CODE).said
    for state in (StationState.PAUSED, StationState.CLOSED):
        with pytest.raises(Refused, match="reason"):
            say(state, "  ")
    assert get_station(CODE).said == before
    say(StationState.OPEN, "")
    after = get_station(CODE).said
    assert after.verified_at is not None
    assert before.verified_at is not None
    assert after.verified_at > before.verified_at
    event = audit.list_events(f"station:{CODE}")[0]
    assert (event.actor, event.action) == ("lead", "station.open")


@on_both
def test_nobody_changes_what_lies_outside_ones_scope(app: Flask) -> None:
    mine, foreign = station_order(get_station(CODE)), station_order(get_station("MD-001"))
    rows = get_station(CODE), get_station("MD-001")
    for forbidden in (
        lambda: set_state("GH-HD-02", StationState.CLOSED, "说明", LEAD, get_calendar().zone),
        lambda: verify("MD-001", LEAD),
        lambda: save_station(mine, LEAD),
        lambda: archive_station(CODE, LEAD),
        lambda: save_station(foreign, HAIDIAN),
        lambda: save_station(replace(foreign, organization="YS-BJ-110108"), HAIDIAN),
        lambda: save_station(replace(mine, organization="YS-QY"), HAIDIAN),
        lambda: archive_station("MD-001", HAIDIAN),
    ):
        with pytest.raises(Forbidden), transaction():
            forbidden()
    assert (get_station(CODE), get_station("MD-001")) == rows
    assert audit.find_break() is None


@on_both
def test_a_version_is_overwritten_once(app: Flask) -> None:
    station = get_station(CODE)
    order = replace(station_order(station), version=station.version, phone="01087654321")
    with transaction():
        save_station(order, HAIDIAN)
    with pytest.raises(Refused, match=r"station\.changed"), transaction():
        save_station(replace(order, phone="01000000000"), HAIDIAN)
    with pytest.raises(Refused, match=r"station\.exists"), transaction():
        save_station(replace(order, version=0), HAIDIAN)
    with pytest.raises(Refused, match=r"station\.gone"), transaction():
        save_station(replace(order, code="HD-NEW-1", version=3), HAIDIAN)
    with pytest.raises(Invalid), transaction():
        save_station(replace(order, organization="NOBODY"), HAIDIAN)
    after = get_station(CODE)
    assert (after.phone, after.version, after.said) == ("01087654321", station.version + 1, station.said)


@on_both
def test_an_archived_station_takes_no_more_changes(app: Flask) -> None:
    station = get_station(CODE)
    with transaction():
        archive_station(CODE, HAIDIAN)
    assert find_station(CODE) is None
    for late in (lambda: verify(CODE, LEAD), lambda: archive_station(CODE, HAIDIAN)):
        with pytest.raises(NotFound), transaction():
            late()
    with pytest.raises(Refused, match=r"station\.changed"), transaction():
        save_station(replace(station_order(station), version=station.version), HAIDIAN)
    assert find_station(CODE) is None
