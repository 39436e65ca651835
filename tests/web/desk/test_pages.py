"""Which desk, and what it shows."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from cast import Cast
from factories.stock import HERE, THERE, an_item, issue, limits, on_shelf
from flask import Flask
from flask.testing import FlaskClient
from listening import listen
from werkzeug.test import TestResponse

from stations.kernel import clock
from stations.kernel.db import db
from stations.stock.queries.alerts import list_alerts

Send = Callable[..., TestResponse]


def test_one_station_is_opened_at_once_several_are_listed(cast: Cast) -> None:
    assert cast.lead.get("/desk").headers["Location"] == f"/desk/{HERE}"
    listed = cast.city.get("/desk")
    assert listed.status_code == 200
    assert "211" in listed.text
    found = cast.city.get(f"/desk?q={THERE}").text
    assert f"/desk/{THERE}" in found
    assert f"/desk/{HERE}" not in found
    assert cast.city.get("/desk?q=%00nothing").status_code == 200


@pytest.mark.parametrize("path", ["", f"/{HERE}", f"/{HERE}/now"])
def test_desk_is_for_those_who_may_write_there(cast: Cast, client: FlaskClient, path: str) -> None:
    assert client.get(f"/desk{path}").headers["Location"].startswith("/account/sign-in")
    for username in ("dispatcher", "team", "counsellor", "observer"):
        assert cast.sign_in(username).get(f"/desk{path}").status_code == 403, username
    if path:
        assert cast.company.get(f"/desk{path}").status_code == 404
        assert cast.lead.get(f"/desk{path.replace(HERE, THERE)}").status_code == 404
        assert cast.lead.get(f"/desk{path}").status_code == 200


def test_tile_says_amount_state_warnings_and_run_out(cast: Cast) -> None:
    an_item("water", name="饮用水", name_en="Water")
    an_item("drops", name="藿香正气水", name_en="Drops", contains_alcohol=True, exam_room="forbidden")
    on_shelf(6 * 24 + 6, "water")
    on_shelf(5, "drops", lot="D1", expires=date(2027, 6, 8))
    limits(10, 60, 300, "water")
    issue(72, "water")
    lead = cast.lead
    page = lead.get(f"/desk/{HERE}?lang=en").text
    assert "3 cases + 6 bottles" in page
    assert "3箱6瓶" in lead.get(f"/desk/{HERE}").text
    assert "Empty in about" in page
    assert "Running short" in page
    assert "not for drivers" in page
    assert "Not allowed in the exam room" in page
    clock.show(Cast.now + timedelta(days=2), clock.real_now())
    later = lead.get(f"/desk/{HERE}?lang=en").text
    assert "5 bottles more have expired" in later
    assert "Unknown" in later


def test_alert_is_acknowledged_by_name_once(cast: Cast, send: Send) -> None:
    an_item()
    on_shelf(20)
    limits(5, 10, 50)
    issue(15)
    lead = cast.lead
    (alert,) = list_alerts([""])
    address = f"/desk/{HERE}/alerts/{alert.id}"
    assert address in lead.get(f"/desk/{HERE}").text
    assert send(lead, address).status_code == 303
    assert address not in lead.get(f"/desk/{HERE}").text
    assert send(lead, address).status_code == 409
    assert send(lead, f"/desk/{HERE}/alerts/99").status_code == 404
    assert send(lead, f"/desk/{HERE}/alerts/99999999999999999999").status_code == 404
    db.session.rollback()
    assert [row.acknowledged_by for row in list_alerts([""])] == ["演示站长"]


def test_station_is_paused_and_opened_from_its_desk(cast: Cast, send: Send) -> None:
    lead, operate = cast.lead, f"/desk/{HERE}/operate"
    refused = send(lead, operate, state="paused")
    assert refused.status_code == 400
    assert "operate__more" in refused.text
    assert send(lead, operate, state="paused", reason="补货").headers["Location"] == f"/desk/{HERE}"
    assert "补货" in lead.get(f"/desk/{HERE}").text
    assert send(lead, operate, state="open").status_code == 303
    assert send(lead, f"/desk/{THERE}/operate", state="open").status_code == 404


def test_page_asks_the_database_as_often_for_ten_items_as_for_one(cast: Cast, app: Flask) -> None:
    lead = cast.lead
    an_item("one")
    on_shelf(5, "one")
    few = _count(lead, app)
    for number in range(9):
        an_item(f"more-{number}", is_lent=number % 2 == 0)
        on_shelf(5, f"more-{number}")
        issue(1, f"more-{number}")
    assert _count(lead, app) == few


def _count(client: FlaskClient, app: Flask) -> int:
    client.get(f"/desk/{HERE}")  # what is kept in memory is read
    with listen() as asked:
        assert client.get(f"/desk/{HERE}").status_code == 200
    return len(asked)


def test_a_tile_is_short_where_it_is_gone_before_the_exam_ends_not_before_the_station_closes(cast: Cast) -> None:
    an_item("water", name="饮用水", name_en="Water")
    on_shelf(250, "water")
    issue(40, "water")
    page = cast.lead.get(f"/desk/{HERE}?lang=en").text
    assert "Empty in about" in page
    assert "Plenty" in page
    assert "Running short" not in page
    issue(100, "water")
    assert "Running short" in cast.lead.get(f"/desk/{HERE}?lang=en").text


def test_a_long_desk_has_a_way_to_each_kind_of_thing(cast: Cast) -> None:
    an_item("water")
    on_shelf(10, "water")
    assert "tiles-nav" not in cast.lead.get(f"/desk/{HERE}").text
    an_item("fan", category="weather")
    on_shelf(10, "fan")
    page = cast.lead.get(f"/desk/{HERE}?lang=en").text
    for code, name in (("water", "Drinks"), ("fan", "Rain and heat")):
        assert f'href="#item-{code}">{name}</a>' in page
