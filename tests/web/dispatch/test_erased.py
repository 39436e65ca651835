"""Seven days later nobody can tell who was where, and the report says so (story 20)."""

from datetime import timedelta

import pytest
from cast import Cast
from conftest import on_both
from factories.fleet import DISPATCHER, a_request, a_track, an_offer
from flask import Flask
from html5lib import HTMLParser
from sqlalchemy import func, select

from stations.fleet.actions.rides import close_request
from stations.fleet.models import HelpRequest, PositionReport, Ride
from stations.fleet.queries.requests import get_request
from stations.fleet.queries.rides import list_rides_of
from stations.fleet.rules.requests import Outcome
from stations.kernel import clock
from stations.kernel.db import db, transaction
from stations.seasons.actions import set_clock


def _a_day() -> tuple[int, int]:
    """A request that is over, with its phone, place and track; and one that is still open."""
    over, still = a_request(phone="13800001234", place="四通桥"), a_request(phone="13900005678")
    an_offer(over, "V010")
    with transaction():
        close_request(over, Outcome.HELPED, DISPATCHER)
    now = clock.now()
    a_track("V010", [(now - timedelta(seconds=n), 39.99, 116.31) for n in range(30)])
    return over, still


@on_both
def test_phones_places_and_tracks_go_and_counts_stay(app: Flask, cast: Cast) -> None:
    over, still = _a_day()
    client = cast.dispatcher
    before = client.get("/dispatch/erased?lang=en").text
    assert "Nothing was erased yet." in before
    assert "14 Jun 07:45" in before, "when it will be erased"
    run = app.test_cli_runner()
    assert "erased: 0 phones, 0 places, 0 fixes" in run.invoke(args=["fleet", "erase"]).output
    with transaction():  # the command tells the time as the demonstration's server does
        set_clock(clock.now() + timedelta(days=7, minutes=1), clock.real_now())
    said = run.invoke(args=["fleet", "erase"])
    assert said.output.startswith("erased: 1 phones, 1 places, 30 fixes"), said.output
    row = get_request(over)
    assert (row.phone, row.place, row.point) == ("", "", None)
    assert list_rides_of(over)[0].pickup_lat is None
    assert get_request(still).phone == "13900005678", "an open request keeps what it needs"
    counted = select(func.count()).select_from
    assert db.session.execute(counted(PositionReport)).scalar() == 0
    assert (db.session.execute(counted(HelpRequest)).scalar(), db.session.execute(counted(Ride)).scalar()) == (2, 1)
    db.session.rollback()
    page = client.get("/dispatch/erased?lang=en").text
    assert '<th scope="row">14 Jun</th><td>1</td><td>1</td><td>30</td>' in page
    assert "Open requests keep what they need: 1." in page
    assert "nothing is kept that says who or where" in page
    HTMLParser(strict=True).parse(page)
    told = run.invoke(args=["fleet", "report"]).output
    assert "kept for 7 days" in told
    assert "erased 2027-06-14: 1 phones, 1 places, 30 fixes" in told
    assert "open requests: 1" in told


@pytest.mark.usefixtures("app")
def test_district_is_told_of_its_own_requests_only(cast: Cast) -> None:
    for station in ("GH-HD-01", "MD-001", "MD-001"):
        number = a_request(station=station)
        with transaction():
            close_request(number, Outcome.HELPED, DISPATCHER)
    kept = '<th scope="row">7 Jun</th><td>{}</td>'
    assert kept.format(1) in cast.haidian.get("/dispatch/erased?lang=en").text
    assert kept.format(3) in cast.dispatcher.get("/dispatch/erased?lang=en").text


@pytest.mark.usefixtures("app")
def test_whoever_may_not_read_the_fleet_stays_outside(cast: Cast) -> None:
    assert cast.lead.get("/dispatch/erased").status_code == 403
