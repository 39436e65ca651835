"""A volunteer's pages: who has the link acts for that volunteer alone, once, and only as the guard allows."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from conftest import on_both
from factories.shifts import (
    HERE,
    ORGANIZER,
    THERE,
    a_shift,
    a_team,
    a_volunteer,
    count_reads,
    get_need,
    get_person,
    people_on,
    put,
    sign_up,
    themselves,
)
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from stations.kernel import clock
from stations.kernel.db import db, transaction
from stations.places.models import Station
from stations.shifts.actions.dropping import drop
from stations.shifts.actions.swapping import ask_swap
from stations.shifts.actions.volunteers import new_link, withdraw_volunteer
from stations.shifts.actions.waiting import join_waiting
from stations.shifts.models.planning import Shift
from stations.shifts.queries.assignments import get_assignment
from stations.shifts.queries.known import get_availability, list_companions_of, list_wishes_of
from stations.shifts.queries.shifts import get_shift
from stations.shifts.queries.swaps import list_swaps_of
from stations.shifts.queries.volunteers import get_volunteer
from stations.shifts.queries.waiting import list_waits_of
from stations.web.volunteer_links import make_token

Link = Callable[[str], str]
PHONE = "13800001234"


@pytest.fixture
def link(app: Flask) -> Link:
    """The address of a volunteer's pages."""

    def make(staff_no: str) -> str:
        row = get_person(staff_no)
        with app.test_request_context():
            return f"/v/{make_token(row.id, row.link_no)}"

    return make


def press(client: FlaskClient, link: str, kind: str, number: int | str = "", **fields: Any) -> TestResponse:
    """A button, as a plain form."""
    sent = {"kind": kind, "number": str(number), "id": uuid4().hex} | fields
    answer = client.post(f"{link}/press?lang=en", data=sent)
    db.session.rollback()
    return answer


def test_home_says_where_when_and_whom_to_call(client: FlaskClient, link: Link) -> None:
    a_team()
    a_volunteer("L1", team="T1", standing="leader", phone=PHONE)
    a_volunteer("S1", team="T1")
    a_volunteer("S2", team="T1", phone="13911112222")
    shift = a_shift("07:00", 2.5, post="guidance", needs={"": 2})
    mine = put("S1", shift)
    put("S2", shift)
    answer = client.get(f"{link('S1')}?lang=en")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    for shown in ("Report at 07:00", "Guidance", "演示工会伴考点·海淀01", f'href="tel:{PHONE}"', "uri.amap.com"):
        assert shown in answer.text
    assert "Please confirm" in answer.text
    assert "13911112222" not in answer.text
    said = press(client, link("S1"), "come", mine)
    assert said.status_code == 303
    assert get_assignment(mine).acknowledged_at
    assert get_person("S1").seen_at
    assert "You will come" in client.get(said.location).text


def test_nobody_else_acts_for_a_volunteer(client: FlaskClient, link: Link) -> None:
    for number in ("S1", "S2"):
        a_volunteer(number)
    shift = a_shift()
    mine = sign_up("S1", shift)
    other = link("S2")
    for kind in ("come", "drop", "ask"):
        assert press(client, other, kind, mine, to="anybody").status_code in (403, 404), kind
    assert client.get(f"{other}/shift/{mine}").status_code == 404
    assert people_on(shift) == ["S1"]
    assert client.get(f"{link('S1')}/shift/{mine}").status_code == 200


def test_link_dies_when_renewed_and_when_they_withdraw(client: FlaskClient, link: Link) -> None:
    a_volunteer("S1")
    old = link("S1")
    with transaction():
        new_link("S1", ORGANIZER)
    renewed = link("S1")
    assert client.get(renewed).status_code == 200
    for address in (old, f"{old}/open", f"{old}/about", f"{old}/hours", f"{old}/now", f"{renewed}x", "/v/nonsense"):
        assert client.get(address).status_code == 404, address
    assert press(client, old, "free").status_code == 404
    with transaction():
        withdraw_volunteer("S1", ORGANIZER)
    assert client.get(renewed).status_code == 404


@on_both
def test_one_takes_an_open_place_once(client: FlaskClient, link: Link) -> None:
    for number in ("S1", "S2"):
        a_volunteer(number)
    shift = a_shift("07:00", 2)
    need = get_need(shift).id
    page = link("S1")
    assert "You may take" in client.get(f"{page}/open?day=2027-06-08&lang=en").text
    sent = {"kind": "sign_up", "number": str(need), "id": uuid4().hex}
    for _time in range(2):
        assert client.post(f"{page}/press", data=sent).status_code == 303
    assert people_on(shift) == ["S1"]
    assert get_need(shift).taken == 1
    late = press(client, link("S2"), "sign_up", need, back="open", day="2027-06-08")
    assert late.status_code == 409
    assert "All 1 places are taken." in late.text
    assert "Full: wait for a place" in late.text
    assert press(client, link("S2"), "wait", need).status_code == 303
    assert [one.need_id for one in list_waits_of(get_person("S2").id)] == [need]


def test_open_shifts_say_why_not(client: FlaskClient, link: Link) -> None:
    a_volunteer("S1")
    a_shift("07:00", 2, needs={"first_aid": 1}, post="first_aid")
    a_shift("09:00", 2)
    sign_up("S1", a_shift("09:30", 2, station=THERE))
    page = client.get(f"{link('S1')}/open?day=2027-06-08&lang=en").text
    assert "Nothing on this day that you may take" in page
    assert "no proof is recorded" in page
    assert "at the same time" in page
    assert "sign_up" not in page
    assert client.get(f"{link('S1')}/open?day=nonsense").status_code == 200


def test_lists_take_as_many_reads_for_three_as_for_one(client: FlaskClient, link: Link) -> None:
    a_volunteer("S1")
    page = link("S1")
    pages = (page, f"{page}/open?day=2027-06-08", f"{page}/open?day=2027-06-09", f"{page}/hours", f"{page}/about")

    def reads() -> list[int]:
        counts = []
        for address in pages:
            with count_reads() as asked:
                assert client.get(address).status_code == 200
            counts.append(sum("FROM revision" not in one for one in asked))
        return counts

    def more(start: str) -> None:
        sign_up("S1", a_shift(start, 1))
        a_shift(start, 1, day="2027-06-09")

    more("07:00")
    reads()
    first = reads()
    more("09:00")
    more("11:00")
    assert reads() == first


@on_both
def test_giving_back_offers_the_place_to_the_next(client: FlaskClient, link: Link) -> None:
    for number in ("S1", "S2"):
        a_volunteer(number)
    shift = a_shift()
    mine, need = sign_up("S1", shift), get_need(shift).id
    with transaction():
        join_waiting(need, get_person("S2").id, themselves("S2"))
    assert press(client, link("S1"), "drop", mine, reason="ill").status_code == 303
    assert people_on(shift) == []
    page = client.get(f"{link('S2')}?lang=en").text
    assert "A place is kept for you until" in page
    assert "minutes left" in page
    (entry,) = list_waits_of(get_person("S2").id)
    assert press(client, link("S1"), "accept", entry.id).status_code in (403, 404, 409)
    assert press(client, link("S2"), "accept", entry.id).status_code == 303
    assert people_on(shift) == ["S2"]


def test_declined_offer_goes_on(client: FlaskClient, link: Link) -> None:
    for number in ("S1", "S2", "S3"):
        a_volunteer(number)
    shift = a_shift()
    mine, need = sign_up("S1", shift), get_need(shift).id
    for number in ("S2", "S3"):
        with transaction():
            join_waiting(need, get_person(number).id, themselves(number))
    with transaction():
        drop(mine, themselves("S1"))
    (entry,) = list_waits_of(get_person("S2").id)
    assert press(client, link("S2"), "decline", entry.id).status_code == 303
    assert list_waits_of(get_person("S2").id) == []
    assert "A place is kept for you" in client.get(f"{link('S3')}?lang=en").text


@on_both
def test_swap_changes_hands_by_consent_only(client: FlaskClient, link: Link) -> None:
    a_team()
    for number in ("S1", "S2"):
        a_volunteer(number, team="T1")
    one, two = a_shift("07:00", 2), a_shift("14:00", 2)
    mine, theirs = sign_up("S1", one), sign_up("S2", two)
    page = client.get(f"{link('S1')}/shift/{mine}?lang=en").text
    assert f'value="S2/{theirs}"' in page
    asked = press(client, link("S1"), "ask", mine, to=f"S2/{theirs}", back="shift", held=mine)
    assert asked.status_code == 303
    assert "You have asked somebody" in client.get(asked.location).text
    assert (people_on(one), people_on(two)) == (["S1"], ["S2"])
    assert "asks you to exchange shifts" in client.get(f"{link('S2')}?lang=en").text
    (swap,) = list_swaps_of(get_person("S2").id)
    assert press(client, link("S1"), "agree", swap.id).status_code == 403
    assert press(client, link("S2"), "agree", swap.id).status_code == 303
    assert (people_on(one), people_on(two)) == (["S2"], ["S1"])


def test_anybody_of_the_team_who_can_is_asked_and_may_refuse(client: FlaskClient, link: Link) -> None:
    a_team()
    for number in ("S1", "S2", "S3"):
        a_volunteer(number, team="T1")
    a_volunteer("X1")
    a_volunteer("X2")
    sign_up("X1", a_shift("16:00"))
    shift = a_shift()
    mine = sign_up("S1", shift)
    sign_up("S2", a_shift(station=THERE))
    assert press(client, link("S1"), "ask", mine, to="anybody").status_code == 303
    (swap,) = list_swaps_of(get_person("S3").id)
    assert press(client, link("S3"), "refuse", swap.id).status_code == 303
    assert people_on(shift) == ["S1"]
    sign_up("S3", a_shift("08:30", 1))
    nobody = press(client, link("S1"), "ask", mine, to="anybody", back="shift", held=mine)
    assert nobody.status_code == 409
    assert "Nobody of your team could take it over now" in nobody.text
    with transaction():
        asked = ask_swap(mine, "X1", themselves("S1"))
    assert press(client, link("S1"), "unask", asked["id"]).status_code == 303
    assert list_swaps_of(get_person("X1").id) == []
    answers = [press(client, link("S1"), "ask", mine, staff_no=number) for number in ("X2", "NOBODY")]
    assert [one.status_code for one in answers] == [404, 404]
    assert all("Nobody with this number is in your team" in one.text for one in answers)


def test_what_one_says_of_oneself_is_kept(client: FlaskClient, link: Link) -> None:
    for number in ("S1", "S2", "S3"):
        a_volunteer(number, is_free=False)
    me, page = get_person("S1").id, link("S1")
    said = {"free.2027-06-08.morning": "yes", "free.2027-06-08.evening": "no", "free.2027-06-09.morning": ""}
    assert press(client, page, "free", **said).status_code == 303
    day = date(2027, 6, 8)
    assert list(get_availability(me).items()) == [((day, "morning"), True), ((day, "evening"), False)]
    wishes = {"post.supplies": "yes", "post.traffic": "no", "add": HERE, "add_how": "no"}
    assert press(client, page, "wishes", **wishes).status_code == 303
    assert {(one.code, one.is_liked) for one in list_wishes_of(me)} == {
        ("supplies", True), ("traffic", False), (HERE, False),
    }  # fmt: skip
    assert press(client, page, "companion", staff_no="S2", together="together").status_code == 303
    assert press(client, page, "companion", staff_no="S3", together="apart").status_code == 303
    assert {(one.staff_no, one.is_together) for one in list_companions_of(me)} == {("S2", True), ("S3", False)}
    shown = client.get(f"{page}/about").text
    assert "志愿者S2" in shown
    assert "志愿者S3" in shown
    assert "志愿者S1" not in client.get(f"{link('S3')}/about").text


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("free", {"free.someday.morning": "yes"}), ("free", {"free.2027-06-08.midnight": "yes"}),
        ("wishes", {"post.king": "yes"}), ("wishes", {"add": "nowhere"}), ("companion", {"staff_no": "nobody"}),
        ("companion", {}), ("ask", {"number": ""}), ("come", {"number": "99999999999"}), ("drop", {"number": "x"}),
        ("nonsense", {}), ("withdraw", {}), ("come", {"id": "?"}), ("accept", {"number": "4711"}),
        ("ask", {"number": "4711", "to": "a/b/c"}),
    ],
)  # fmt: skip
def test_bad_presses_are_refused_in_words(client: FlaskClient, link: Link, kind: str, fields: dict[str, str]) -> None:
    a_volunteer("S1", is_free=False)
    answer = press(client, link("S1"), kind, **{"back": "about"} | fields)
    assert 400 <= answer.status_code < 500
    assert "notice--error" in answer.text
    assert get_availability(get_person("S1").id) == {}


def test_outbox_settles_each_press_by_itself(client: FlaskClient, link: Link) -> None:
    a_volunteer("S1")
    shift = a_shift()
    need, page = get_need(shift).id, link("S1")
    entries = [
        {"kind": "sign_up", "number": str(need), "id": "first-000"},
        {"kind": "drop", "number": "4711", "id": "second-00"},
        {"kind": "free", "free.2027-06-09.morning": "no", "id": "third-000"},
    ]
    for statuses in (["done", "refused", "done"], ["replay", "refused", "replay"]):
        answer = client.post(f"{page}/presses", json=entries)
        db.session.rollback()
        assert answer.json
        assert [one["status"] for one in answer.json["results"]] == statuses
        assert answer.json["person"] == str(get_person("S1").id)
    assert people_on(shift) == ["S1"]
    assert client.post(f"{page}/presses", data="nonsense").status_code == 400


def test_withdrawing_frees_what_is_held(client: FlaskClient, link: Link) -> None:
    a_volunteer("S1")
    shift = a_shift()
    sign_up("S1", shift)
    page = link("S1")
    answer = press(client, page, "withdraw", sure="yes")
    assert answer.status_code == 303
    assert "You help no more" in client.get(answer.location).text
    assert people_on(shift) == []
    assert client.get(page).status_code == 404


def test_whoever_asks_is_forgotten_at_once(client: FlaskClient, link: Link) -> None:
    number = a_volunteer("S1", phone=PHONE)
    page = link("S1")
    assert "it is erased 7 days from now" in client.get(f"{page}/about?lang=en").text
    assert press(client, page, "withdraw", forget="yes").status_code == 400
    assert press(client, page, "withdraw", sure="yes", forget="yes").status_code == 303
    row = get_volunteer(number)
    assert (row.name, row.phone, row.is_withdrawn) == ("", "", True)
    assert client.get(page).status_code == 404


def test_past_shifts_stand_among_the_hours(client: FlaskClient, link: Link) -> None:
    a_volunteer("S1")
    page = link("S1")
    assert "Nothing yet" in client.get(f"{page}/hours?lang=en").text
    put("S1", a_shift(day="2027-06-08"))
    clock.show(clock.now() + timedelta(days=2), clock.real_now())
    shown = client.get(f"{page}/hours?lang=en").text
    assert "no check-in yet" in shown
    assert "You have no shift ahead" in client.get(f"{page}?lang=en").text


def test_one_checks_in_at_the_station_and_out_again(client: FlaskClient, link: Link) -> None:
    a_volunteer("S1")
    page, shift = link("S1"), a_shift()
    mine = put("S1", shift)
    begins = get_shift(shift).starts_at
    clock.show(begins - timedelta(minutes=61), clock.real_now())
    assert "Check in: I am here" not in client.get(f"{page}?lang=en").text
    clock.show(begins - timedelta(minutes=20), clock.real_now())
    assert "Check in: I am here" in client.get(f"{page}?lang=en").text
    here = db.session.execute(select(Station.lat, Station.lon).join(Shift, Shift.station_id == Station.id)).one()
    for fields, says in (
        ({}, "scan the code at the station"),
        ({"lat": "nan", "lon": "116.3"}, "nan"),
        ({"lat": str(here.lat + 0.02), "lon": str(here.lon)}, "station"),
    ):
        refused = press(client, page, "in", mine, **fields)
        assert refused.status_code in (400, 409), fields
        assert says in refused.text
    assert press(client, page, "in", mine, lat=str(here.lat), lon=str(here.lon)).status_code == 303
    assert "Checked in at" in client.get(f"{page}?lang=en").text
    clock.show(begins + timedelta(minutes=100), clock.real_now())
    assert press(client, page, "out", mine).status_code == 303
    shown = client.get(f"{page}/hours?lang=en").text
    assert "1 h 40 min" in shown


def test_a_place_given_back_is_gone_and_one_taken_away_is_said_to_be(client: FlaskClient, link: Link) -> None:
    a_volunteer("S1")
    given_back, taken_away = sign_up("S1", a_shift("08:00")), sign_up("S1", a_shift("13:00"))
    with transaction():
        drop(given_back, themselves("S1"))
        drop(taken_away, ORGANIZER, "enough people")
    page = client.get(link("S1") + "?lang=en").text
    assert ("08:00" in page, "13:00" in page, page.count("No longer yours")) == (False, True, 1)
