"""Hours of service on a page and as a sheet; a certificate on paper; a public answer of match or no match."""

import io
import re
from uuid import uuid4

import pytest
from cast import Cast, token
from conftest import on_both
from factories.shifts import ORGANIZER, a_shift, a_team, a_volunteer, at, get_person, sign_up
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from werkzeug.test import TestResponse

from stations.kernel import audit, clock
from stations.kernel.db import db, transaction
from stations.shifts.actions.attendance import check_in, check_out
from stations.shifts.queries.service import get_certificate
from stations.web.volunteer.picture import make_hours

ASKED = "since=2027-06-07&until=2027-06-10"


def post(client: FlaskClient, address: str, **fields: str) -> TestResponse:
    hidden = {"csrf_token": token(client, "/account/"), "request_id": uuid4().hex}
    return client.post(address, data=hidden | fields)


@pytest.fixture
def served(app: Flask) -> None:
    """Two of one club for two hours each, one of them for only half an hour."""
    a_team("C1", kind="club")
    shift = a_shift("08:00", needs={"": 2})
    for number, left in (("S1", "10:00"), ("S2", "08:30")):
        a_volunteer(number, team="C1", phone="13800001234")
        mine = sign_up(number, shift)
        clock.show(at("08:00"), clock.real_now())
        with transaction():
            check_in(mine, ORGANIZER, at("08:00"))
        clock.show(at(left), clock.real_now())
        with transaction():
            check_out(mine, ORGANIZER, at(left))
        clock.show(at("07:00"), clock.real_now())
    clock.show(at("12:00"), clock.real_now())


@pytest.mark.usefixtures("served")
def test_persons_attendances_and_hours_stand_apart_and_are_rounded_as_asked(cast: Cast) -> None:
    def figures(rounding: str) -> list[str]:
        assert post(cast.city, "/admin/hours/rounding", rounding=rounding).status_code == 303
        page = cast.haidian.get(f"/admin/hours/?{ASKED}&lang=en")
        assert page.status_code == 200
        return re.findall(r"<dd>([\d.]+)</dd>", page.text)

    assert figures("exact") == ["2", "2", "2.5"]
    assert figures("half_hours") == ["2", "2", "2.5"]
    assert figures("most_of_it") == ["2", "2", "2"]
    page = cast.haidian.get(f"/admin/hours/?{ASKED}&lang=en").text
    for said in ("Clubs and teams", "队C1", "10 working days", "Not in a sheet yet", "海淀区</td>", "All together"):
        assert said in page
    assert "<caption>City</caption>" in cast.city.get(f"/admin/hours/?{ASKED}&lang=en").text
    wrong = cast.haidian.get("/admin/hours/?since=yesterday&lang=en")
    assert (wrong.status_code, "Write the day as" in wrong.text) == (400, True)
    assert cast.haidian.get("/admin/hours/?since=2027-06-09&until=2027-06-07").status_code == 400


@pytest.mark.usefixtures("served")
def test_the_sheet_has_the_fields_of_the_national_record(cast: Cast) -> None:
    def sheet_of(ending: str, **fields: str) -> TestResponse:
        days = {"since": "2027-06-07", "until": "2027-06-10"}
        return post(cast.haidian, f"/admin/hours/export.{ending}?lang=zh", **(days | fields))

    assert sheet_of("csv", in_charge="").status_code == 400
    csv = sheet_of("csv", in_charge="王队长")
    assert csv.data.startswith(b"\xef\xbb\xbf")
    assert len(csv.data.decode("utf-8-sig").strip().splitlines()) == 3
    sheet = load_workbook(io.BytesIO(sheet_of("xlsx", in_charge="王队长").data)).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert len(rows[0]) == 12
    assert rows[1][1:3] == ["2027-06-08", rows[1][2]]
    assert (rows[1][4], rows[1][6], rows[1][7], rows[1][10:]) == (2, "王队长", "S1", ["08:00", "10:00"])
    assert "13800001234" not in csv.text
    db.session.rollback()
    assert [event.action for event in audit.list_events("hours")] == ["hours.export"] * 2
    assert "Not in a sheet yet" not in cast.haidian.get(f"/admin/hours/?{ASKED}&lang=en").text
    assert "Not in a sheet yet" in cast.city.get(f"/admin/hours/?{ASKED}&lang=en").text
    assert sheet_of("pdf", in_charge="x").status_code == 404


@pytest.mark.usefixtures("app")
def test_no_cell_of_the_sheets_is_a_formula_and_numbers_are_numbers(cast: Cast) -> None:
    a_team("C1", kind="club")
    a_volunteer("S1", team="C1", name="=HYPERLINK(1)")
    mine = sign_up("S1", a_shift("08:00"))
    for press, when in ((check_in, "08:00"), (check_out, "09:30")):
        clock.show(at(when), clock.real_now())
        with transaction():
            press(mine, ORGANIZER, at(when))

    def sheet_of(ending: str) -> TestResponse:
        days = {"since": "2027-06-07", "until": "2027-06-10"}
        return post(cast.haidian, f"/admin/hours/export.{ending}", in_charge="@SUM(1)", **days)

    line = sheet_of("csv").data.decode("utf-8-sig").splitlines()[1].split(",")
    assert (line[4], line[6], line[8]) == ("1.5", "'@SUM(1)", "'=HYPERLINK(1)")
    sheet = load_workbook(io.BytesIO(sheet_of("xlsx").data)).active
    assert sheet is not None
    hours, in_charge, name = (sheet.cell(2, column) for column in (5, 7, 9))
    assert (hours.data_type, hours.value) == ("n", 1.5)
    assert (in_charge.data_type, in_charge.value) == ("s", "@SUM(1)")
    assert (name.data_type, name.value) == ("s", "=HYPERLINK(1)")


@pytest.mark.usefixtures("served")
@on_both
def test_the_rounding_is_said_once_for_certificates_sheets_and_volunteers_and_kept_on_record(cast: Cast) -> None:
    assert post(cast.haidian, "/admin/hours/rounding", rounding="most_of_it").status_code == 403
    assert post(cast.city, "/admin/hours/rounding", rounding="up").status_code == 400
    assert post(cast.city, "/admin/hours/rounding", rounding="most_of_it").status_code == 303
    db.session.rollback()
    ((_at, by, after),) = audit.list_acts("hours.rounding", at("00:00"))
    assert (by, after) == ("city", {"rounding": "most_of_it"})
    half = post(cast.haidian, f"/admin/certificates/?{ASKED}&lang=en", staff_no="S2", content="x")
    assert (half.status_code, "There are no hours to certify" in half.text) == (409, True)
    csv = post(cast.haidian, "/admin/hours/export.csv", since="2027-06-07", until="2027-06-10", in_charge="x").text
    assert [line.split(",")[4] for line in csv.strip().splitlines()[1:]] == ["2.0", "0.0"]
    assert make_hours(get_person("S2")).minutes == 0
    assert "Only from 60 percent" in cast.haidian.get(f"/admin/hours/?{ASKED}&lang=en").text


@pytest.mark.usefixtures("served")
@on_both
def test_the_page_reminds_from_the_eighth_working_day_and_says_that_dates_are_a_guess(cast: Cast) -> None:
    address = f"/admin/hours/?{ASKED}&lang=en"
    page = cast.haidian.get(address).text
    assert "Two working days" not in page
    assert "The days off of 2027 are not announced yet" in page
    clock.show(at("09:00", "2027-06-18"), clock.real_now())
    assert "Two working days" not in cast.haidian.get(address).text
    clock.show(at("09:00", "2027-06-21"), clock.real_now())  # the eighth after the 8th: the 9th is a holiday
    assert "Two working days or less are left" in cast.haidian.get(address).text
    clock.show(at("09:00", "2027-06-24"), clock.real_now())
    assert "Some of it is late" in cast.haidian.get(address).text


@pytest.mark.usefixtures("served")
def test_a_record_without_a_unit_is_no_certificate_and_the_public_learns_only_whether_it_matches(
    cast: Cast, client: FlaskClient
) -> None:
    issue = f"/admin/certificates/?{ASKED}"
    made = post(cast.haidian, issue, staff_no="S1", content="物资")
    assert made.status_code == 303
    number = made.headers["Location"].split("/")[-1].split("?")[0]
    sheet = cast.haidian.get(f"/admin/certificates/{number}?lang=en").text
    assert "Platform record" in sheet
    assert f"<dd>{at('12:00').date()}</dd>" in sheet, "a record says on which day it was issued"
    assert "Certificate of voluntary service" not in sheet
    recorded = post(cast.haidian, issue, staff_no="S1", content="物资", unit="YS-BJ-110108").headers["Location"]
    assert "Certificate of voluntary service" in cast.haidian.get(f"{recorded.split('?')[0]}?lang=en").text
    row = get_certificate(number)
    for key, typed, said in [
        (row.key, number, "A valid record"), (row.key, "2027-999999", "No match"), ("nokey", number, "No match"),
        ("x" * 300, number, "No match"),
    ]:  # fmt: skip
        answer = client.get(f"/verify/{key}?number={typed}&lang=en")
        assert (answer.status_code, said in answer.text) == (200, True)
        assert "志愿者S1" not in answer.text
        assert "Set-Cookie" not in answer.headers
    address = f"/admin/certificates/{number}/revoke"
    assert post(cast.haidian, address).status_code == 400
    assert post(cast.haidian, address, reason="wrong").status_code == 303
    assert "No match" in client.get(f"/verify/{row.key}?number={number}&lang=en").text


@pytest.mark.usefixtures("served")
def test_what_is_refused_is_kept_and_others_see_nothing(cast: Cast) -> None:
    refused = post(cast.haidian, f"/admin/certificates/?{ASKED}&lang=en", staff_no="S9", content="supplies all day")
    assert (refused.status_code, 'value="supplies all day"' in refused.text) == (400, True)
    made = post(cast.haidian, f"/admin/certificates/?{ASKED}", staff_no="S1", content="x").headers["Location"]
    assert cast.lead.get("/admin/hours/").status_code == 403
    assert cast.company.get(made).status_code == 404
    assert "队C1" not in cast.company.get(f"/admin/hours/?{ASKED}").text
