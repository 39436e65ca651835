"""Volunteers and teams: lists, files, skills, who leads, and who may see them."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from cast import Cast
from conftest import on_both
from factories.fleet import a_vehicle
from factories.shifts import (
    HAIDIAN,
    a_shift,
    a_team,
    a_volunteer,
    at,
    count_reads,
    get_person,
    people_on,
    put,
    sign_up,
    themselves,
)
from flask import Flask
from html5lib import HTMLParser

from stations.kernel.db import db, transaction
from stations.shifts.actions.knowing import set_companion
from stations.shifts.actions.placing import Unplaced
from stations.shifts.queries.known import list_companions_of, list_duties_of, list_skills_of
from stations.shifts.queries.volunteers import get_team, get_volunteer

pytestmark = pytest.mark.usefixtures("app")
Send = Callable[..., Any]
LIST = "/coordination/volunteers/"


@on_both
def test_volunteer_is_added_changed_and_kept_from_two_writers(cast: Cast, send: Send) -> None:
    client, new = cast.city, {"code": "S9", "name": "甲", "organization": HAIDIAN, "phone": "138 0000 1234"}
    assert send(client, f"{LIST}new", new).headers["Location"] == f"{LIST}S9"
    row = get_person("S9")
    assert (row.name, row.phone, row.version) == ("甲", "13800001234", 1)
    assert send(client, f"{LIST}S9", new | {"name": "乙", "version": "1"}).status_code == 303
    kept = new | {"name": "乙", "version": "2", "phone": "138****1234"}
    assert send(client, f"{LIST}S9", kept).status_code == 303
    assert get_person("S9").phone == "13800001234", "the mask that the form shows stands for the stored number"
    other = send(client, f"{LIST}S9?lang=en", kept | {"version": "3", "phone": "139****0000"})
    assert (other.status_code, "Please type the whole number" in other.text) == (400, True)
    assert "13800001234" not in client.get(f"{LIST}S9").text
    late = send(client, f"{LIST}S9?lang=en", new | {"name": "丙", "version": "1"})
    assert (late.status_code, "Full name is now: 乙" in late.text, 'value="丙"' in late.text) == (409, True, True)
    nobody = send(client, f"{LIST}new?lang=en", {"code": "S8", "name": "丁"})
    assert (nobody.status_code, "Please give a team or an organization." in nobody.text) == (400, True)


def test_list_searches_masks_and_is_taken_along(cast: Cast) -> None:
    a_team()
    a_volunteer("S1", team="T1", phone="13800001234", skills={"first_aid": None})
    a_volunteer("S2")
    client = cast.city
    page = client.get(f"{LIST}?lang=en").text
    HTMLParser(strict=True).parse(page)
    assert ("138****1234" in page, "13800001234" in page, "First aid" in page) == (True, False, True)
    assert "志愿者S2" not in client.get(f"{LIST}?team=T1").text
    assert "No volunteer fits this search." in client.get(f"{LIST}?q=nobody&lang=en").text
    sheet = client.get(f"{LIST}volunteers.csv")
    assert ("138****1234" in sheet.text, "13800001234" in sheet.text) == (True, False)
    assert client.get(f"{LIST}volunteers.exe").status_code == 400
    assert client.get("/coordination/teams/teams.xlsx").status_code == 200
    assert cast.observer.get(f"{LIST}volunteers.csv").status_code == 403


def test_more_volunteers_take_no_more_reads(cast: Cast) -> None:
    client = cast.city
    a_volunteer("S1")
    client.get(LIST)
    with count_reads() as few:
        client.get(LIST)
    for number in ("S2", "S3"):
        a_volunteer(number)
    with count_reads() as more:
        client.get(LIST)
    assert len(few) == len(more)


def test_skill_needs_its_proof_and_is_taken_off(cast: Cast, send: Send) -> None:
    number, client = a_volunteer("S1"), cast.city
    bare = send(client, f"{LIST}S1/skills?lang=en", {"skill": "first_aid"})
    assert (bare.status_code, "Please fill this in." in bare.text) == (400, True)
    fields = {"skill": "first_aid", "proof": "card 7", "valid_until": "2027-12-31"}
    assert send(client, f"{LIST}S1/skills", fields).status_code == 303
    db.session.rollback()
    (row,) = list_skills_of(number)
    assert (row.skill, row.proof, row.checked_by) == ("first_aid", "card 7", "city")
    assert "card 7" in client.get(f"{LIST}S1").text
    assert send(client, f"{LIST}S1/skills/first_aid/end").status_code == 303
    db.session.rollback()
    assert list_skills_of(number) == []


def test_what_two_asked_for_about_each_other_is_taken_back_one_by_one(cast: Cast, send: Send) -> None:
    number, client = a_volunteer("S1"), cast.city
    a_volunteer("S2")
    for asked_by, other, together in (("S1", "S2", True), ("S2", "S1", False)):
        with transaction():
            set_companion(asked_by, other, together, themselves(asked_by))
    page = client.get(f"{LIST}S1?lang=en").text
    HTMLParser(strict=True).parse(page)
    assert ("together with:" in page, "not with:" in page, "asked for by them" in page) == (True, True, True)
    end = f"{LIST}S1/companions/end"
    assert send(client, end, {"asked_by": "S3", "other": "S2"}).status_code == 400
    assert send(cast.observer, end, {"asked_by": "S1", "other": "S2"}).status_code == 403
    assert send(client, end, {"asked_by": "S2", "other": "S1"}).status_code == 303
    db.session.rollback()
    assert [(one.is_own, one.is_together) for one in list_companions_of(number)] == [(True, True)]


def test_hours_of_driving_keep_shifts_away_until_they_are_taken_back(cast: Cast, send: Send) -> None:
    number, client = a_volunteer("S1"), cast.city
    a_vehicle("V9")
    hours = {"vehicle": "V9", "day": "2027-06-08", "starts": "06:00", "ends": "12:00"}
    for wrong, said in (({"vehicle": "V0"}, "vehicle"), ({"starts": "x"}, "field__error"), ({"ends": "06:00"}, "end")):
        answer = send(client, f"{LIST}S1/duties?lang=en", hours | wrong)
        assert (400 <= answer.status_code < 500, said in answer.text) == (True, True)
    assert send(cast.observer, f"{LIST}S1/duties", hours).status_code == 403
    assert send(client, f"{LIST}S1/duties", hours).status_code == 303
    page = client.get(f"{LIST}S1?lang=en").text
    HTMLParser(strict=True).parse(page)
    assert ("06:00–12:00" in page, "V9" in page) == (True, True)
    shift = a_shift("08:00")
    with pytest.raises(Unplaced, match="busy"):
        put("S1", shift)
    (duty,) = list_duties_of(number, at("00:00"))
    assert send(client, f"{LIST}S1/duties/{duty.id}/end").status_code == 303
    put("S1", shift)
    held = send(client, f"{LIST}S1/duties?lang=en", hours)
    assert (held.status_code, "A shift is held in these hours." in held.text) == (409, True)


def test_team_is_kept_led_and_only_left_when_empty(cast: Cast, send: Send) -> None:
    client, fields = cast.city, {"code": "T7", "name": "七队", "kind": "club", "organization": HAIDIAN}
    assert send(client, "/coordination/teams/new", fields).status_code == 303
    a_volunteer("S1", team="T7")
    assert send(client, f"{LIST}S1/standing", {"standing": "leader"}).status_code == 303
    assert get_person("S1").standing == "leader"
    page = client.get("/coordination/teams/T7?lang=en").text
    HTMLParser(strict=True).parse(page)
    assert "Team leader" in page
    assert send(client, "/coordination/teams/T7/archive").status_code == 409
    assert send(client, "/coordination/teams/T7", fields | {"name": "新七队", "version": "1"}).status_code == 303
    db.session.rollback()
    assert get_team("T7").name == "新七队"


def test_withdrawal_frees_the_places_ahead(cast: Cast, send: Send) -> None:
    a_volunteer("S1")
    shift = a_shift()
    sign_up("S1", shift)
    assert send(cast.city, f"{LIST}S1/archive").status_code == 303
    assert people_on(shift) == []
    assert cast.city.get(f"{LIST}S1").status_code == 404


@on_both
def test_who_they_are_is_erased_when_somebody_is_sure(cast: Cast, send: Send) -> None:
    number = a_volunteer("S1", phone="13800001234")
    unsure = send(cast.city, f"{LIST}S1/forget?lang=en")
    assert (unsure.status_code, "Please tick that you are sure." in unsure.text) == (400, True)
    assert send(cast.observer, f"{LIST}S1/forget", {"sure": "yes"}).status_code == 403
    assert send(cast.company, f"{LIST}S1/forget", {"sure": "yes"}).status_code in (403, 404)
    once = {"sure": "yes", "request_id": "forget-00001"}
    for _time in range(2):
        assert send(cast.city, f"{LIST}S1/forget", once).status_code == 303
    db.session.rollback()
    row = get_volunteer(number)
    assert (row.name, row.phone, row.is_withdrawn) == ("", "", True)
    assert "<td>1</td>" in cast.city.get("/dispatch/erased").text


@on_both
def test_a_form_sent_twice_with_other_content_is_refused(cast: Cast, send: Send) -> None:
    number = a_volunteer("S1")
    fields = {"skill": "first_aid", "proof": "card 7", "request_id": "skill-000001"}
    for _time in range(2):
        assert send(cast.city, f"{LIST}S1/skills", fields).status_code == 303
    other = send(cast.city, f"{LIST}S1/skills?lang=en", fields | {"proof": "card 8"})
    assert (other.status_code, "saved already with other content" in other.text) == (409, True)
    db.session.rollback()
    assert [one.proof for one in list_skills_of(number)] == ["card 7"]


def test_readers_see_and_others_do_not(cast: Cast, send: Send) -> None:
    a_team()
    a_volunteer("S1", team="T1")
    assert cast.observer.get(f"{LIST}S1").status_code == 200
    assert cast.company.get(f"{LIST}S1").status_code == 404
    assert cast.company.get("/coordination/teams/T1").status_code == 404
    for address in ("S1", "S1/skills", "S1/standing", "S1/link", "S1/archive", "new"):
        assert send(cast.observer, f"{LIST}{address}").status_code == 403
        assert send(cast.company, f"{LIST}{address}").status_code in {400, 404}
    assert not get_person("S1").is_withdrawn


def test_code_is_shown_once_and_signs_the_volunteer_in(cast: Cast, send: Send, app: Flask) -> None:
    a_volunteer("S1")
    once = {"request_id": "code-000001"}
    shown = send(cast.city, f"{LIST}S1/code?lang=en", once)
    made = re.search(r'class="digits fs-1">(\d{6})<', shown.text)
    assert (shown.status_code, shown.headers["Cache-Control"], made is not None) == (200, "no-store", True)
    assert send(cast.city, f"{LIST}S1/code", once).status_code == 303, "sent again it shows nothing"
    assert made is not None
    entered = app.test_client().post("/v/", data={"staff_no": "S1", "code": made[1]})
    assert (entered.status_code, "/v/" in entered.headers["Location"]) == (303, True)
    assert send(cast.lead, f"{LIST}S1/code").status_code in (403, 404)


def test_number_of_somebody_elses_volunteer_names_nobody(cast: Cast, send: Send) -> None:
    stranger = a_volunteer("S1")
    for fields in ({}, {"reason": "x"}, {"request_id": "x"}):
        answer = send(cast.company, f"/coordination/phones/{stranger}", fields)
        assert (answer.status_code, "S1" in answer.text) == (404, False)
