"""A tag's code leads to the one thing that can be done about what hangs on it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from cast import Cast
from conftest import on_both
from factories.stock import HERE, THERE, an_item, balances, on_shelf
from flask import Flask

from stations.kernel.db import db

Send = Callable[..., Any]


@pytest.fixture
def umbrella(app: Flask) -> str:
    an_item("bottles")
    on_shelf(2, an_item("umbrella", name="雨伞", unit="把", case_unit="", units_per_case=1, is_lent=True))
    return "umbrella"


@on_both
def test_a_scanned_tag_is_lent_and_taken_back(umbrella: str, cast: Cast, send: Send) -> None:
    lead = cast.lead
    scanned = lead.get("/desk/tag/umbrella/0412")
    assert scanned.status_code == 302
    address = scanned.headers["Location"]
    assert address == f"/desk/{HERE}/tag/umbrella/0412"
    page = lead.get(address).text
    assert "借出" in page
    assert send(lead, f"/desk/{HERE}/entry", kind="loan", item="umbrella", tag="0412").status_code == 303
    assert balances("lent") == {(HERE, "umbrella", ""): 1}
    db.session.rollback()
    again = lead.get(address).text
    assert 'value="return"' in again
    assert send(lead, f"/desk/{HERE}/entry", kind="return", item="umbrella", tag="0412").status_code == 303
    assert balances("lent") == {}


def test_whoever_has_several_stations_says_where(umbrella: str, cast: Cast) -> None:
    page = cast.haidian.get("/desk/tag/umbrella/0412").text
    assert f"/desk/{HERE}/tag/umbrella/0412" in page
    assert f"/desk/{THERE}/tag/umbrella/0412" in page


@pytest.mark.parametrize(
    "address",
    ["tag/umbrella/12", "tag/bottles/0001", "tag/gold/0001", "tag/umbrella/%00%01", f"{THERE}/tag/umbrella/0001"],
)
def test_what_is_no_tag_of_ones_own_is_not_found(umbrella: str, cast: Cast, address: str) -> None:
    assert cast.lead.get(f"/desk/{address}").status_code == 404


def test_tags_are_printed_with_their_codes(umbrella: str, cast: Cast) -> None:
    city = cast.city
    page = city.get("/admin/stock/tags/umbrella?first=98&count=3").text
    assert re.findall(r'tags__digits">(\d{4})', page) == ["0098", "0099", "0100"]
    assert page.count("<svg") >= 3
    assert "style=" not in page
    assert 'aria-invalid="true"' in city.get("/admin/stock/tags/umbrella?first=-1&count=x").text
    assert len(re.findall("tags__digits", city.get("/admin/stock/tags/umbrella?first=9999&count=96").text)) == 1
    assert city.get("/admin/stock/tags/bottles").status_code == 404
    assert '/admin/stock/tags/umbrella"' in city.get("/admin/stock/items/umbrella").text
