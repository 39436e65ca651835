"""Tracks and rides as files: within one's scope, on record, without phones."""

import csv
import io
from datetime import datetime, timedelta

import pytest
from cast import Cast
from conftest import on_both
from defusedxml import ElementTree
from factories.fleet import DISPATCHER, a_request, a_track, a_vehicle, an_offer
from openpyxl import load_workbook

from stations.accounts.rules import PROGRAM
from stations.fleet.actions.rides import take_step
from stations.fleet.actions.withdrawing import withdraw
from stations.fleet.queries.requests import get_request
from stations.fleet.rules.requests import FORGOTTEN
from stations.fleet.rules.rides import NO_ANSWER, RideState
from stations.kernel.audit import list_acts, list_events
from stations.kernel.db import db, transaction

pytestmark = pytest.mark.usefixtures("app")
START = datetime.fromisoformat("2027-06-07T07:00:00+08:00")
GPX = "{http://www.topografix.com/GPX/1/1}"


@on_both
def test_track_as_gpx_and_csv_is_on_record(cast: Cast) -> None:
    a_track("V010", [(START + timedelta(seconds=10 * n), 39.99, 116.31) for n in range(3)])
    a_track("V010", [(START + timedelta(minutes=9), 50.0, 116.31)], verdict="implausible")
    a_track("V010", [(START + timedelta(days=1), 39.0, 116.0)])
    client = cast.dispatcher
    got = client.get("/dispatch/export/track?vehicle=V010&day=2027-06-07&ending=gpx")
    assert (got.status_code, got.mimetype) == (200, "application/gpx+xml")
    assert 'filename="V010-2027-06-07.gpx"' in got.headers["Content-Disposition"]
    points = ElementTree.fromstring(got.text).findall(f".//{GPX}trkpt")
    assert points[0][0].text == "2027-06-06T23:00:00Z"
    assert [(point.get("lat"), point.get("lon")) for point in points] == [("39.990000", "116.310000")] * 3
    got = client.get("/dispatch/export/track?vehicle=V010&day=2027-06-07&ending=csv&lang=en")
    assert got.data.startswith(b"\xef\xbb\xbf")
    listed = list(csv.reader(io.StringIO(got.data.decode("utf-8-sig"))))
    assert [row[-1] for row in listed] == ["Verdict", "good", "good", "good", "implausible"]
    assert listed[1][0] == "2027-06-07 07:00:00"
    db.session.rollback()
    assert [action for _at, _who, action, _reason in list_events("vehicle:V010", 2)] == ["fleet.export"] * 2
    assert [act.after["ending"] for act in list_acts("fleet.export", START)] == ["csv", "gpx"]


def test_rides_have_no_phone_and_no_formula(cast: Cast) -> None:
    number = a_request(phone="13800001234", place="=HYPERLINK(1)")
    a_request()
    an_offer(number, "V010")
    client = cast.dispatcher
    got = client.get("/dispatch/export/rides.csv?day=2027-06-07&lang=en")
    assert got.data.startswith(b"\xef\xbb\xbf")
    listed = list(csv.DictReader(io.StringIO(got.data.decode("utf-8-sig"))))
    assert [(row["Vehicle"], row["State"]) for row in listed] == [("V010", "Offered"), ("", "")]
    assert listed[0]["Where"] == "'=HYPERLINK(1)"
    assert "1380000" not in got.text
    got = client.get("/dispatch/export/rides.xlsx?day=2027-06-07&lang=en")
    lines = list(load_workbook(io.BytesIO(got.data)).active.values)
    assert len(lines) == 3
    assert "1380000" not in str(lines)
    assert {len(line) for line in lines} == {21}


def test_what_cannot_be_exported_is_refused(cast: Cast) -> None:
    a_vehicle("T1")
    client = cast.dispatcher
    for asked in ("track?vehicle=NONE&ending=gpx", "track?ending=gpx", "track?vehicle=%00&ending=gpx"):
        assert client.get(f"/dispatch/export/{asked}").status_code == 404
    for asked in ("track?vehicle=T1&ending=exe", "track?vehicle=T1&ending=gpx&day=x", "rides.exe", "rides.csv?day=x"):
        assert client.get(f"/dispatch/export/{asked}").status_code == 400
    assert cast.haidian.get("/dispatch/export/track?vehicle=T1&ending=gpx").status_code == 404, "not theirs"
    for asked in ("track?vehicle=T1&ending=gpx", "rides.csv"):
        assert cast.lead.get(f"/dispatch/export/{asked}").status_code == 403
    db.session.rollback()
    assert list_acts("fleet.export", START) == []


def test_why_a_ride_ended_and_who_offered_it_are_said_in_words(cast: Cast) -> None:
    number = a_request()
    ends = (
        ("V010", RideState.REFUSED, DISPATCHER, "stuck"), ("V011", RideState.REFUSED, PROGRAM, NO_ANSWER),
        ("V012", RideState.CANCELLED, PROGRAM, FORGOTTEN), ("V013", RideState.REFUSED, DISPATCHER, "engine smokes"),
    )  # fmt: skip
    for vehicle, state, who, reason in ends:
        ride = an_offer(number, vehicle)
        with transaction():
            take_step(ride, state, who, reason=reason)
    an_offer(number, "V014")
    with transaction():
        withdraw(get_request(number).key)
    got = cast.dispatcher.get("/dispatch/export/rides.csv?day=2027-06-07&lang=en")
    listed = list(csv.DictReader(io.StringIO(got.data.decode("utf-8-sig"))))
    assert {row["Vehicle"]: row["Reason"] for row in listed} == {
        "V010": "Stuck in traffic", "V011": "no answer", "V012": "forgotten: nobody closed it",
        "V013": "engine smokes", "V014": "called off by the asker",
    }  # fmt: skip
    assert {row["Offered by"] for row in listed} == {"演示调度员"}
    page = cast.dispatcher.get("/dispatch/replay?day=2027-06-07&lang=en").text
    assert "called off by the asker" in page
    assert ">asker<" not in page
