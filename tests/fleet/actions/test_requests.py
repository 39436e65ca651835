"""Asking for help: no name, no double, the gate's clock, and a phone that is shown only with a reason."""

from datetime import timedelta

import pytest
from factories.fleet import DISPATCHER, HAIDIAN, HERE, a_request, a_vehicle, an_offer, help_order
from factories.stock import refuses
from flask import Flask
from sqlalchemy import inspect, select

from stations.fleet.actions.requests import ask, call_off, locate, reveal_phone
from stations.fleet.models import HelpRequest
from stations.fleet.queries.requests import get_request, get_request_by_key, list_open_requests
from stations.fleet.rules.requests import HelpKind, RequestState
from stations.kernel import clock
from stations.kernel.audit import AuditEvent, list_events
from stations.kernel.db import db, transaction
from stations.places.queries.atlas import get_atlas
from stations.seasons.queries import get_calendar

pytestmark = pytest.mark.usefixtures("app")


def an_alike_site() -> str:
    return next(code for code, site in sorted(get_atlas(get_calendar().zone).sites.items()) if site.alike)


def test_request_names_its_gate_cutoff_and_who_answers_for_it() -> None:
    row = get_request(a_request())
    assert (row.kind, row.state, row.point) == (HelpKind.LATE, RequestState.WAITING, HERE)
    assert row.cutoff_at is not None
    assert timedelta(0) < row.cutoff_at - clock.now() < timedelta(hours=12)
    assert row.path.startswith("YS-BJ/")
    assert row.gate_id is not None or row.gate == ""
    assert get_request_by_key(row.key).id == row.id
    assert [r.id for r in list_open_requests(["YS-BJ/"])] == [row.id]
    assert list_open_requests([]) == []


def test_request_has_no_field_for_a_person() -> None:
    columns = {c["name"] for c in inspect(db.engine).get_columns("help_request")}
    assert not {c for c in columns if "name" in c or "card" in c or "ticket" in c or "person" in c}


def test_ride_home_runs_against_no_clock() -> None:
    assert get_request(a_request(kind=HelpKind.RIDE_HOME)).cutoff_at is None


def test_site_that_people_confuse_must_be_compared_with_the_ticket() -> None:
    site = an_alike_site()
    with refuses("People mix this site up"), transaction():
        ask(help_order(site=site, is_site_checked=False), "public")
    assert get_request(a_request(site=site)).site == site


def test_typed_place_is_found_when_it_is_certain_and_asked_for_when_not() -> None:
    station = get_atlas(get_calendar().zone).find_station("GH-HD-01")
    assert station is not None
    known = get_request(a_request(point=None, station="GH-HD-01"))
    assert (known.point, known.path) == ((station.lat, station.lon), station.path)
    words = get_request(a_request(point=None, place="路口那个红绿灯旁边"))
    assert words.point is None
    with transaction():
        locate(words.id, HERE, "", DISPATCHER)
    assert get_request(words.id).point == HERE
    with refuses("Please say where you are."), transaction():
        ask(help_order(point=None), "public")


def test_another_district_does_not_see_it() -> None:
    number = a_request(station="GH-HD-01")
    row = get_request(number)
    assert row.path.startswith("YS-BJ/YS-BJ-110108/")
    assert [r.id for r in list_open_requests(HAIDIAN.paths("fleet.read"))] == [number]
    assert list_open_requests(["YS-BJ/YS-BJ-110105/"]) == []


def test_phone_is_shown_with_a_reason_which_is_kept() -> None:
    number = a_request(phone="13800001234")
    with refuses("Please say why you need the number."), transaction():
        reveal_phone(number, " ", DISPATCHER)
    with transaction():
        assert reveal_phone(number, "No answer at the gate", DISPATCHER) == "13800001234"
    _at, who, action, reason = list_events(f"help:{number}")[0]
    assert (who, action, reason) == ("dispatcher", "help.reveal_phone", "No answer at the gate")
    assert "13800001234" not in str(db.session.execute(select(AuditEvent.before, AuditEvent.after)).all())


def test_calling_off_happens_once_and_not_over_a_change() -> None:
    number = a_request()
    seen = get_request(number)
    a_vehicle()
    an_offer(number)
    with refuses("This request has changed meanwhile."), transaction():
        call_off(seen, "public")
    free = get_request(a_request())
    with transaction():
        call_off(free, "public")
    assert get_request(free.id).state is RequestState.CANCELLED
    with refuses("This request has changed meanwhile."), transaction():
        call_off(get_request(free.id), "public")
    assert db.session.get_one(HelpRequest, free.id).outcome == "not_needed"


def test_seats_and_site_are_checked(app: Flask) -> None:
    for changes, sentence in (
        (({"seats": 0}), "A ride has 1 to"),
        ({"site": "nowhere"}, "Please choose the exam site."),
    ):
        with refuses(sentence), transaction():
            ask(help_order(**changes), "public")
