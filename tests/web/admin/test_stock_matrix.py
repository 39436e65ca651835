"""The matrix: what is where, how long it lasts, and what rings."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from cast import Cast
from conftest import on_both
from factories.shelves import FAR, a_loan, a_morning, a_transfer
from factories.stock import HERE, THERE, an_item, issue, limits, on_shelf
from flask import Flask
from listening import listen

from stations.kernel import clock
from stations.kernel.db import db
from stations.stock.queries.alerts import list_alerts

Send = Callable[..., Any]
Look = Callable[[], tuple[Any, ...]]
pytestmark = pytest.mark.usefixtures("app")


def cells(page: str, station: str) -> list[tuple[str, str, str]]:
    """(look, units, word) of a station's line."""
    line = re.search(rf"stations/{station}[^>]*>[^<]*</a></th>(.*?)</tr>", page, re.S)
    assert line, station
    found = re.findall(r'<td class="shelf--(\w+)">(\d*)<small>([^<]*)</small>', line[1])
    return [(look, units, word) for look, units, word in found]


def totals(page: str) -> dict[str, list[str]]:
    body = page.split('<tfoot class="matrix__totals">')[1].split("</tfoot>")[0]
    lines = re.findall(r'<tr><th scope="row">([^<]+)</th>(.*?)</tr>', body, re.S)
    return {name: re.findall(r"<td>(\d+)</td>", units) for name, units in lines}


@on_both
def test_matrix_shows_units_states_and_totals(app: Flask, cast: Cast) -> None:
    a_morning()
    a_transfer("picked", water=30)
    a_transfer("picked", "sent", water=20)
    a_loan("0412")
    page = cast.haidian.get("/admin/stock/?lang=en").text
    assert re.findall(r'<th scope="col">(\w+)<small>', page) == ["Water", "Umbrella", "Fan"]
    water, umbrella, fan = cells(page, HERE)
    assert water[:2] == ("urgent", "15")
    assert water[2] == "15 min"
    assert umbrella == ("fine", "2", "none issued")
    assert fan == ("none", "", "")
    assert totals(page) == {
        "On the shelves": ["165", "2", "9"], "Held": ["30", "0", "0"], "In transit": ["20", "0", "0"],
        "Lent": ["0", "1", "0"],
    }  # fmt: skip
    assert FAR not in page


@on_both
def test_matrix_is_three_selects_for_one_item_as_for_three(app: Flask, cast: Cast) -> None:
    client = cast.haidian
    counts = []
    for codes in (["one"], ["two", "three"]):
        for code in codes:
            an_item(code)
            on_shelf(30, code)
            limits(5, 20, 60, code)
            issue(20, code)
        client.get("/admin/stock/")
        with listen() as said:
            client.get("/admin/stock/")
        of_stock = [statement for statement in said if re.search(r"stock_|movement", statement)]
        counts.append(len(of_stock))
        assert len(said) <= 8, said
    assert counts == [3, 3]


def test_matrix_is_filtered(cast: Cast) -> None:
    a_morning()
    on_shelf(2000, "water", THERE)
    on_shelf(2000, "water", FAR)
    client = cast.city

    def shown(query: str) -> tuple[int, list[str]]:
        page = client.get(f"/admin/stock/?lang=en&{query}").text
        if "matrix__table" not in page:
            return 0, []
        body = page.split("<tbody>")[1].split("</tbody>")[0]
        return body.count("<tr>"), re.findall(r'<th scope="col">(\w+)<small>', page)

    assert shown("organization=YS-BJ-110108") == (8, ["Water", "Umbrella", "Fan"])
    assert shown("organization=YS-QY&district=110108&category=weather")[1] == ["Fan"]
    assert shown("category=drink")[1] == ["Water"]
    assert shown("short=1") == (1, ["Water"])
    assert shown("short=1&organization=YS-QY") == (0, [])
    page = client.get("/admin/stock/?short=1&organization=YS-QY&lang=en").text
    assert "Nothing runs short here." in page
    assert 'href="/admin/stock/?lang=en"' in page


def test_filter_that_cannot_be_read_is_refused_in_words(cast: Cast) -> None:
    a_morning()
    for query in ("category=gold", "district=" + "x" * 13, "short=maybe", "organization=%00"):
        answer = cast.haidian.get(f"/admin/stock/?{query}")
        assert answer.status_code == 400, query
        assert 'class="field__error"' in answer.text, query


def test_old_balance_is_unknown_and_expired_units_are_marked(cast: Cast) -> None:
    an_item("bread", name_en="Bread")
    on_shelf(10, "bread", HERE, lot="old", expires=date(2027, 6, 7))
    on_shelf(5, "bread", HERE, lot="new", expires=date(2027, 6, 20))
    client = cast.haidian
    assert cells(client.get("/admin/stock/?lang=en").text, HERE)[0][:2] == ("fine", "15")
    clock.show(clock.now() + timedelta(hours=2, minutes=1), clock.real_now())
    assert cells(client.get("/admin/stock/?lang=en").text, HERE)[0] == ("unknown", "15", "unknown")
    clock.show(clock.now() + timedelta(days=1), clock.real_now())
    page = client.get("/admin/stock/?lang=en").text
    assert cells(page, HERE)[0][:2] == ("unknown", "5")
    assert "<em>10 expired</em>" in page


def test_empty_matrix_says_what_to_do_next(cast: Cast) -> None:
    page = cast.city.get("/admin/stock/?lang=en").text
    assert "No item is entered yet." in page
    assert 'href="/admin/stock/items/?lang=en"' in page


@on_both
def test_alert_is_acknowledged_by_name_once(app: Flask, cast: Cast, send: Send, written: Look) -> None:
    a_morning()
    client = cast.lead
    (alert,) = list_alerts([""])
    address = f"/admin/stock/alerts/{alert.id}/acknowledge"
    assert address in client.get("/admin/stock/").text
    assert address not in cast.observer.get("/admin/stock/").text
    answer = send(client, address, {"request_id": "acknowledge-1"})
    assert answer.status_code == 303
    db.session.rollback()
    (seen,) = list_alerts([""])
    assert seen.acknowledged_by == "演示站长"
    page = client.get("/admin/stock/?lang=en").text
    assert "演示站长 sees to it" in page
    assert address not in page
    after = written()
    assert send(client, address, {"request_id": "acknowledge-1"}).status_code == 303
    late = send(cast.haidian, address)
    assert late.status_code == 409
    assert 'class="field__error"' in late.text
    assert send(cast.company, address).status_code == 404
    assert send(client, "/admin/stock/alerts/4711/acknowledge").status_code == 404
    assert written() == after


def test_only_the_worst_alerts_stand_above_until_all_are_asked_for(cast: Cast) -> None:
    for number in range(5):
        an_item(f"item-{number}")
        on_shelf(30, f"item-{number}")
        limits(5, 20, 60, f"item-{number}")
        issue(30 if number == 4 else 15, f"item-{number}")
    client = cast.lead
    page = client.get("/admin/stock/?lang=en").text
    assert page.count('class="alerts__row"') == 3
    assert "item-4" in page.split('class="alerts__row"')[1]
    assert "2 more" in page
    assert client.get("/admin/stock/?alerts=all").text.count('class="alerts__row"') == 5


def test_only_ones_own_alerts_and_stations_are_shown(cast: Cast) -> None:
    a_morning()
    limits(5, 20, 100, "water", THERE)
    issue(190, "water", THERE)
    lead, company = cast.lead.get("/admin/stock/").text, cast.company.get("/admin/stock/").text
    assert lead.count('class="alerts__row"') == 1
    assert THERE not in lead
    assert company.count('class="alerts__row"') == 0
    assert HERE not in company
    assert FAR in company
