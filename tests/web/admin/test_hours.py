"""Hours of service on a page and as a sheet; a certificate on paper; a public answer of match or no match."""

import io
import re
from uuid import uuid4

import pytest
from cast import Cast, token
from factories.shifts import ORGANIZER, a_shift, a_team, a_volunteer, at, sign_up
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from werkzeug.test import TestResponse

from stations.kernel import audit, clock
from stations.kernel.db import db, transaction
from stations.shifts.actions.attendance import check_in, check_out
from stations.shifts.queries.service import get_certificate

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
        page = cast.haidian.get(f"/admin/hours/?{ASKED}&rounding={rounding}&lang=en")
        assert page.status_code == 200
        return re.findall(r"<dd>([\d.]+)</dd>", page.text)

    assert figures("exact") == ["2", "2", "2.5"]
    assert figures("half_hours") == ["2", "2", "2.5"]
    assert figures("most_of_it") == ["2", "2", "2"]
    page = cast.haidian.get(f"/admin/hours/?{ASKED}&lang=en").text
    for said in ("Clubs and teams", "队C1", "10 working days", "You have not downloaded the sheet yet."):
        assert said in page
    wrong = cast.haidian.get("/admin/hours/?since=yesterday&lang=en")
    assert (wrong.status_code, "Write the day as" in wrong.text) == (400, True)
    assert cast.haidian.get("/admin/hours/?since=2027-06-09&until=2027-06-07").status_code == 400


@pytest.mark.usefixtures("served")
def test_the_sheet_has_the_fields_of_the_national_record(cast: Cast) -> None:
    address = f"/admin/hours/export.{{}}?{ASKED}&in_charge=王队长&lang=zh"
    csv = cast.haidian.get(address.format("csv"))
    assert csv.data.startswith(b"\xef\xbb\xbf")
    assert len(csv.data.decode("utf-8-sig").strip().splitlines()) == 3
    sheet = load_workbook(io.BytesIO(cast.haidian.get(address.format("xlsx")).data)).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert len(rows[0]) == 12
    assert rows[1][1:3] == ["2027-06-08", rows[1][2]]
    assert (rows[1][4], rows[1][6], rows[1][7], rows[1][10:]) == (2, "王队长", "S1", ["08:00", "10:00"])
    assert "13800001234" not in csv.text
    db.session.rollback()
    assert [event.action for event in audit.list_events("hours")] == ["hours.export"] * 2
    assert "You downloaded the sheet last at" in cast.haidian.get(f"/admin/hours/?{ASKED}&lang=en").text
    assert cast.haidian.get("/admin/hours/export.pdf").status_code == 404


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
