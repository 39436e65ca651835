"""Asking for help and following it: three taps, no name, one request for two taps, over when it is over."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

from cast import Cast
from conftest import on_both
from factories.fleet import a_request, a_vehicle, an_offer
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from stations.fleet.actions.rides import Crew, Spot, take_step
from stations.fleet.models import HelpRequest
from stations.fleet.queries.requests import HelpRow, get_request, get_request_by_key
from stations.fleet.rules.requests import HelpKind, RequestState
from stations.fleet.rules.rides import RideState
from stations.kernel import clock
from stations.kernel.db import db, transaction

ALIKE, OTHER, PLAIN = "KD0108-12", "演示第十一中学", "KD0108-01"


WRONG: list[dict[str, str]] = [
    {"kind": ""}, {"kind": "nonsense"}, {"request_id": ""}, {"request_id": "x"}, {"phone": "12"}, {"seats": "9"},
    {"seats": "10000000000"}, {"seats": "-1"}, {"wanted_at": "tomorrow"}, {"wanted_at": "2031-01-01T08:00"},
    {"wanted_at": "9999-12-31T23:59"}, {"wanted_at": "0001-01-01T00:00"}, {"site": "\0"}, {"place": "a\0b"},
    {"place": "x" * 121}, {"station": "nowhere"}, {"lat": "NaN", "lon": "inf", "is_located": "1"},
    {"is_site_checked": "perhaps"}, {"typed": "<script>alert(1)</script>"},
]  # fmt: skip


def send(client: FlaskClient, **fields: Any) -> TestResponse:
    """Post the form, at an exam site without a double unless another one is named."""
    known = {"kind": "late", "site": PLAIN, "station": "GH-HD-01", "request_id": uuid4().hex}
    return client.post("/help/ask?lang=en", data=known | fields)


def get_row(answer: TestResponse) -> HelpRow:
    """The request that an answer leads to."""
    assert answer.status_code == 303, answer.text
    db.session.rollback()
    return get_request_by_key(answer.headers["Location"].split("?")[0].split("/")[-1])


def count() -> int:
    """How many requests there are."""
    db.session.rollback()
    return db.session.execute(select(func.count()).select_from(HelpRequest)).scalar_one()


def test_form_is_filled_by_the_link_that_leads_to_it(client: FlaskClient) -> None:
    page = client.get(f"/help/ask?kind=papers&site={ALIKE}&station=GH-HD-01&lang=en&request_id=not-mine-12345678")
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in page.headers
    assert re.search(r'id="kind-papers"[^>]* checked', page.text)
    assert re.search(rf'id="site-{ALIKE}"[^>]* checked', page.text)
    assert re.search(r'id="station"[^>]* checked', page.text)
    assert not re.search(r'id="is_located"[^>]* checked', page.text)
    assert not re.search(r'id="is_site_checked"[^>]* checked', page.text)
    assert 'name="request_id" value="not-mine-12345678"' not in page.text
    assert OTHER in page.text
    assert client.get("/help/ask?kind=nonsense&site=!!&station=%00").status_code == 200


def test_what_is_wrong_is_listed_with_links_and_the_first_has_the_focus(client: FlaskClient) -> None:
    page = send(client, kind="", phone="12", seats="9", lat="NaN", typed="no such school").text
    listed = re.findall(r'<li><a href="#([\w-]+)"><strong>([^<]+)</strong> ([^<]+)</a></li>', page)
    assert [anchor for anchor, _label, _said in listed] == ["kind-late", "place", "phone"]
    assert all(said for _anchor, _label, said in listed)
    for anchor, _label, _said in listed:
        assert f'id="{anchor}"' in page
    assert re.findall(r'id="([\w-]+)"[^>]* autofocus', page) == ["kind-late"]
    page = send(client, typed="十一").text
    choices = re.findall(r'id="(site-KD[\w-]+)"', page)
    assert len(choices) > 1
    assert re.findall(r'id="([\w-]+)"[^>]* autofocus', page) == choices[:1]
    assert "autofocus" not in client.get("/help/ask").text


def test_no_field_for_a_person_exists(client: FlaskClient) -> None:
    names = set(re.findall(r'name="([\w-]+)"', client.get("/help/ask").text)) - {
        "viewport", "description", "theme-color", "color-scheme", "format-detection", "robots",
    }  # fmt: skip
    assert names == {
        "request_id", "kind", "is_site_checked", "typed", "is_located", "lat", "lon", "place", "phone", "seats",
        "needs_wheelchair", "wanted_at",
    }  # fmt: skip


@on_both
def test_double_tap_makes_one_request(app: Flask, client: FlaskClient) -> None:
    again = uuid4().hex
    first, second = send(client, request_id=again), send(client, request_id=again)
    assert (first.status_code, first.headers["Location"]) == (303, second.headers["Location"])
    assert count() == 1
    assert get_row(first).station == "GH-HD-01"
    assert "Set-Cookie" not in first.headers


def test_alike_site_must_be_compared_with_the_ticket(client: FlaskClient) -> None:
    refused = send(client, site=ALIKE, phone="13800001234", place="东门")
    assert refused.status_code == 400
    for shown in (OTHER, "东城区", "主校区", "Easily confused", 'value="13800001234"', 'value="东门"'):
        assert shown in refused.text, shown
    assert count() == 0
    typed = send(client, site="", typed="shiyi", is_site_checked="1")
    assert typed.status_code == 400
    assert f'id="site-{ALIKE}"' in typed.text
    assert not re.search(r'id="is_site_checked"[^>]* checked', typed.text)
    assert get_row(send(client, site=ALIKE, is_site_checked="1")).site == ALIKE


def test_typed_name_is_understood_or_asked_about(client: FlaskClient) -> None:
    assert get_row(send(client, site="", typed="演示考点·海淀01（知春里站附近）")).site == PLAIN
    unknown = send(client, site="", typed="zzzzqqq")
    assert (unknown.status_code, "No exam site is called" in unknown.text) == (400, True)
    assert 'value="zzzzqqq"' in unknown.text
    assert "Please choose the exam site." in send(client, site="").text
    assert count() == 1


def test_position_is_sent_only_with_the_tick(client: FlaskClient) -> None:
    with_it = get_row(send(client, is_located="1", lat="39.98500", lon="116.31400"))
    assert with_it.point == (39.985, 116.314)
    without = get_row(send(client, station="", place="路口", lat="39.98500", lon="116.31400"))
    assert without.point is None
    lost = send(client, is_located="1", lat="", lon="")
    assert (lost.status_code, "The position did not come with it" in lost.text) == (400, True)
    assert send(client, is_located="1", lat="1", lon="1").status_code == 400
    assert "Please say where you are." in send(client, station="").text


def test_papers_are_where_they_are_said_to_be(client: FlaskClient) -> None:
    assert "Please say where the papers are." in send(client, kind="papers").text
    row = get_row(send(client, kind="papers", place="五号楼三单元"))
    assert (row.point, row.station, row.place) == (None, "GH-HD-01", "五号楼三单元")


def test_what_cannot_be_sent_is_said_and_kept(client: FlaskClient) -> None:
    for fields in WRONG:
        answer = send(client, **{"place": "东门"} | fields)
        assert answer.status_code in (400, 404), fields
        assert "<h1" in answer.text
        assert "<script>alert" not in answer.text
        assert "place" in fields or 'value="东门"' in answer.text
    assert count() == 0


def test_one_address_may_not_ask_for_ever(client: FlaskClient) -> None:
    answers = [send(client, kind="").status_code for _try in range(31)]
    assert answers == [400] * 30 + [429]


def test_names_of_places_are_suggested(client: FlaskClient) -> None:
    found = client.get("/help/places?q=zhichunli").json["places"]
    assert any("知春里" in row["name"] for row in found)
    assert client.get("/help/places").json == {"places": []}
    assert client.get("/help/places?q=%00").status_code == 400


def a_ride(**steps: Any) -> tuple[HelpRow, int]:
    """A request with a vehicle that has been offered it."""
    vehicle = a_vehicle(plate="京A·55555", sticker_no="012", crew_phone="13911112222")
    number = a_request(phone="13800001234", place="南门", **steps)
    return get_request(number), an_offer(number, pickup=Spot("南门", (39.99, 116.31))) and vehicle


def step(row: HelpRow, vehicle: int, *states: RideState) -> None:
    """Let the crew go on."""
    for state in states:
        ride = get_request(row.id).rides[0]
        with transaction():
            take_step(ride.id, state, Crew(vehicle, "T1"))


def test_link_shows_state_vehicle_and_minutes_but_no_driver(client: FlaskClient) -> None:
    row, vehicle = a_ride()
    address = f"/help/r/{row.key}?lang=en"
    asked = client.get(address)
    assert "A vehicle is being asked" in asked.text
    assert "京A·55555" not in asked.text
    step(row, vehicle, RideState.ACCEPTED)
    on_way = client.get(address)
    for shown in ("京A·55555", "Sedan", "sticker 012", "in about 5 min", "last entry at 09:15"):
        assert shown in on_way.text, shown
    clock.show(Cast.now + timedelta(minutes=7), clock.real_now())
    assert "any moment" in client.get(address).text
    step(row, vehicle, RideState.PICKED_UP)
    assert "On the way to the gate" in client.get(address).text
    assert "/cancel" not in client.get(address).text
    step(row, vehicle, RideState.DROPPED_OFF)  # the ride is no longer live
    assert "You have arrived" in client.get(address).text
    for page in (asked, on_way):
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["X-Robots-Tag"] == "noindex"
        assert 'name="referrer" content="no-referrer"' in page.text
        assert 'http-equiv="refresh"' in page.text
        for hidden in ("13911112222", "13800001234", "T1<", "39.99", "dispatcher2"):
            assert hidden not in page.text, hidden


def test_link_ends_with_the_ride(client: FlaskClient) -> None:
    row, vehicle = a_ride()
    step(row, vehicle, RideState.ACCEPTED)
    address = f"/help/r/{row.key}"
    called_off = client.post(f"{address}/cancel?lang=en", data={"request_id": "cancel-0001"})
    assert called_off.status_code == 303
    assert client.post(f"{address}/cancel", data={"request_id": "cancel-0001"}).status_code == 303
    assert client.post(f"{address}/cancel", data={"request_id": "cancel-0002"}).status_code == 409
    db.session.rollback()
    assert get_request(row.id).state is RequestState.CANCELLED
    assert "You called it off" in client.get(f"{address}?lang=en").text
    clock.show(Cast.now + timedelta(minutes=6), clock.real_now())
    for path in (address, f"{address}/now"):
        over = client.get(f"{path}?lang=en")
        assert "This request is over, and its link with it." in over.text
        for gone in ("京A·55555", "南门", row.site_name, "refresh"):
            assert gone not in over.text, gone


def test_relay_says_which_vehicle_does_what(client: FlaskClient) -> None:
    row, vehicle = a_ride(kind=HelpKind.PAPERS)
    a_vehicle("T2", plate="京A·66666")
    second = an_offer(row.id, "T2", leg=2, pickup=Spot("桥下", (39.98, 116.3)))
    with transaction():
        take_step(second, RideState.ACCEPTED, Crew(get_request(row.id).rides[1].vehicle_id, "T2"))
    step(row, vehicle, RideState.ACCEPTED, RideState.PICKED_UP)
    page = client.get(f"/help/r/{row.key}?lang=en").text
    for shown in ("京A·55555", "京A·66666", "On the way to the hand-over", "it is at the hand-over"):
        assert shown in page, shown


def test_link_that_nobody_has_is_not_found(client: FlaskClient) -> None:
    for key in ("x", "A" * 22, "A" * 400, "%00", "' OR 1=1 --", "..%2f..", "é" * 22):
        for path in (f"/help/r/{key}", f"/help/r/{key}/now"):
            assert client.get(path).status_code == 404, key
        assert client.post(f"/help/r/{key}/cancel", data={"request_id": "cancel-0001"}).status_code == 404, key


def test_every_emergency_card_and_page_leads_here(client: FlaskClient) -> None:
    cards = client.get(f"/help?site={PLAIN}").text
    for kind in ("papers", "wrong_site", "late", "unwell"):
        assert f"/help/ask?kind={kind}&amp;site={PLAIN}" in cards
    assert cards.index("tel:120") < cards.index("kind=unwell")
    assert "/help/ask?kind=late" in client.get("/help?site=%22%3E").text
    assert f"/help/ask?site={ALIKE}" in client.get(f"/e/{ALIKE}").text
    assert "/help/ask?station=GH-HD-01" in client.get("/s/GH-HD-01").text
    home = client.get(f"/?site={ALIKE}").text
    assert f"/help/ask?site={ALIKE}" in home
    assert f"/help?site={ALIKE}#late" in home
