"""What parents read of supplies: there for certain, and only where it is open."""

import re
from datetime import timedelta

from cast import Cast
from conftest import on_both
from factories.stock import HERE, THERE, an_item, issue, limits, new_id, on_shelf
from flask import Flask
from flask.testing import FlaskClient

from stations.accounts.rules import PROGRAM
from stations.kernel import clock
from stations.kernel.db import transaction
from stations.places.actions.stations import set_state
from stations.places.rules import StationState
from stations.seasons.queries import get_calendar
from stations.stock.actions.alerts import acknowledge
from stations.stock.actions.loans import lend
from stations.stock.queries.alerts import list_alerts
from stations.stock.rules.loans import LoanOrder
from stations.web.guard import PUBLIC_BLUEPRINTS

SITE = "KD0108-12"


def codes(client: FlaskClient, **asked: str) -> list[str]:
    answer = client.get("/api/v1/nearest", query_string={"site": SITE, "limit": "50", **asked})
    assert answer.status_code == 200, answer.text
    return [row["code"] for row in answer.json["stations"]]


def raincoats() -> None:
    an_item("raincoat", name="雨衣", name_en="Raincoat", unit="件", case_unit="", units_per_case=1)


@on_both
def test_a_need_that_can_run_out_is_answered_by_open_stations_that_have_it(app: Flask, client: FlaskClient) -> None:
    raincoats()
    an_item("hidden", is_public=False)
    on_shelf(5, "raincoat")
    on_shelf(5, "raincoat", station=THERE)
    assert set(codes(client, need="raincoat")) == {HERE, THERE}
    issue(5, "raincoat")
    assert codes(client, need="raincoat") == [THERE]
    with transaction():
        set_state(THERE, StationState.CLOSED, "停电", PROGRAM, get_calendar().zone)
    assert codes(client, need="raincoat") == []
    on_shelf(1, "raincoat")
    assert codes(client, need="raincoat") == [HERE]
    assert [row["code"] for row in client.get("/api/v1/stations?need=raincoat").json["stations"]] == [HERE]
    clock.show(clock.now() + timedelta(minutes=121), clock.real_now())
    assert codes(client, need="raincoat") == []
    for unknown in ("hidden", "gold"):
        assert client.get(f"/api/v1/nearest?site={SITE}&need={unknown}").status_code == 400


def test_a_service_is_not_offered_where_its_item_is_gone(app: Flask, client: FlaskClient) -> None:
    everywhere = codes(client, need="umbrella", open="1")[:20]
    assert HERE in everywhere
    an_item("umbrellas", service="umbrella", is_lent=True)
    assert codes(client, need="umbrella", open="1")[:20] == everywhere  # nobody keeps books on them yet
    on_shelf(1, "umbrellas")
    assert codes(client, need="umbrella")[:20] == everywhere
    issue(1, "umbrellas")
    assert codes(client, need="umbrella")[:19] == [code for code in everywhere if code != HERE]


def test_an_expired_lot_is_not_there(app: Flask, client: FlaskClient) -> None:
    raincoats()
    today = clock.now().astimezone(get_calendar().zone).date()
    on_shelf(5, "raincoat", lot="last-day", expires=today)
    assert codes(client, need="raincoat") == [HERE]
    clock.show(clock.now() + timedelta(hours=20), clock.real_now())
    on_shelf(1, "raincoat", station=THERE)  # a movement elsewhere, so that nothing is unknown for lack of looking
    assert HERE not in codes(client, need="raincoat")


@on_both
def test_the_pages_say_how_much_there_is_and_as_of_when(app: Flask, client: FlaskClient) -> None:
    raincoats()
    an_item("tonic", name="藿香正气水", name_en="Tonic", contains_alcohol=True, exam_room="forbidden")
    on_shelf(50, "raincoat")
    on_shelf(5, "tonic")
    limits(1, 8, 10, "tonic")
    page = client.get(f"/s/{HERE}").text
    assert "雨衣" in page
    assert "充足" in page
    assert "紧张" in page
    assert "含酒精" in page
    assert "07:45" in page
    issue(5, "tonic")
    assert "没了" in client.get(f"/s/{HERE}").text
    card = client.get(f"/?site={SITE}&need=raincoat").text
    assert "雨衣" in card
    assert "充足" in card
    assert 'href="/?need=raincoat' not in client.get("/").text
    clock.show(clock.now() + timedelta(minutes=121), clock.real_now())
    late = client.get(f"/s/{HERE}?lang=en").text
    assert "Unknown" in late
    assert "last known at" in late
    supplies = {row["item"]: row for row in client.get(f"/api/v1/stations/{HERE}").json["supplies"]}
    assert supplies["tonic"]["state"] == "unknown"
    assert supplies["tonic"]["contains_alcohol"] is True
    assert supplies["raincoat"]["last_true_at"].startswith("2027-06-07T07:45")


def test_a_page_that_shows_supplies_changes_with_them(app: Flask, client: FlaskClient, cast: Cast) -> None:
    raincoats()
    on_shelf(5, "raincoat")
    for address in (f"/s/{HERE}", f"/?site={SITE}&need=raincoat", f"/api/v1/nearest?site={SITE}&need=raincoat"):
        tag = client.get(address).headers["ETag"]
        assert client.get(address, headers={"If-None-Match": tag}).status_code == 304, address
        issue(1, "raincoat")
        assert client.get(address, headers={"If-None-Match": tag}).status_code == 200, address


def test_nothing_public_shows_lots_people_or_the_words_of_staff(app: Flask, client: FlaskClient, cast: Cast) -> None:
    raincoats()
    an_item("powerbank", name="充电宝", name_en="Power bank", is_lent=True)
    an_item("staff-thing", name="内部物资", name_en="Staff only", is_public=False)
    on_shelf(50, "raincoat", lot="LOT-SECRET", expires=clock.now().date() + timedelta(days=100))
    on_shelf(5, "powerbank")
    on_shelf(5, "staff-thing")
    limits(5, 45, 60, "raincoat")
    issue(10, "raincoat", lot="LOT-SECRET", reason="REASON-SECRET", request_id="ORDER-SECRET")
    with transaction():
        lend(LoanOrder(new_id(), HERE, "powerbank", "0412"), PROGRAM, get_calendar().zone)
        acknowledge(list_alerts([""])[0].id, PROGRAM)
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.partition(".")[0] in PUBLIC_BLUEPRINTS]
    plain = [rule.rule for rule in rules if not rule.arguments and "GET" in (rule.methods or ())]
    about = [f"/s/{HERE}", f"/e/{SITE}", f"/api/v1/stations/{HERE}", f"/api/v1/exam-sites/{SITE}"]
    asked = [f"{address}?site={SITE}&need=raincoat" for address in ("/", "/api/v1/nearest", "/api/v1/stations")]
    seen = 0
    for address in [*plain, *about, *asked]:
        answer = client.get(address)
        seen += "雨衣" in answer.text or "raincoat" in answer.text
        for secret in (
            "SECRET",
            PROGRAM.display_name + " takes",
            "内部物资",
            "staff-thing",
            "due_at",
            "acknowledged",
        ):
            assert secret not in answer.text, (address, secret)
        assert not re.search(r"(?<![\d.])0412(?!\d)", answer.text), address  # the tag; figures may hold its digits
        assert "Set-Cookie" not in answer.headers
    assert seen >= 3
    for address in (
        f"/desk/{HERE}",
        f"/desk/{HERE}/now",
        "/admin/stock/",
        "/admin/stock/ledger/",
        "/admin/stock/loans/",
    ):
        kept = cast.lead.get(address).headers.get("Cache-Control", "")
        assert "no-store" in kept or "private" in kept or "no-cache" in kept, (address, kept)


def test_an_item_is_asked_for_by_its_code_not_by_a_word_for_a_feature(app: Flask, client: FlaskClient) -> None:
    step_free = codes(client, need="wheelchair")
    an_item("wheelchair", name="轮椅", unit="辆", case_unit="", units_per_case=1, is_lent=True)
    assert len(step_free) > 1
    assert codes(client, need="wheelchair") == []
    on_shelf(1, "wheelchair", station=THERE)
    assert codes(client, need="wheelchair") == [THERE]


def test_what_was_chosen_comes_first_among_the_filters(app: Flask, client: FlaskClient) -> None:
    raincoats()
    on_shelf(5, "raincoat")
    page = client.get(f"/?site={SITE}&need=raincoat").text
    filters = page.split('class="chips__list"')[1]
    assert filters.index("chips__chip--on") < filters.index("雨衣") < filters.index("休息")
