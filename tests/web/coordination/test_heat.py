"""How hot it will be: said, changed, taken back; and what makes no sense is refused."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from cast import Cast

from stations.kernel.db import db
from stations.shifts.queries.known import list_heat

pytestmark = pytest.mark.usefixtures("app")
PAGE, DAY = "/coordination/heat/", date(2027, 6, 7)
Send = Callable[..., Any]


def said() -> dict[tuple[str, date], float]:
    db.session.rollback()
    return list_heat(DAY, DAY)


def test_heat_is_said_and_taken_back(cast: Cast, send: Send) -> None:
    assert "Nobody has said yet" in cast.city.get(f"{PAGE}?lang=en").text
    told = {"district": "110108", "day": "2027-06-07"}
    assert send(cast.city, PAGE, told | {"celsius": "３７.5"}).status_code == 303
    assert said() == {("110108", DAY): 37.5}
    assert "37.5 °C" in cast.observer.get(f"{PAGE}?lang=en").text
    assert send(cast.city, PAGE, told).status_code == 303
    assert said() == {}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"district": "999999", "day": "2027-06-07", "celsius": "37"}, "There is no such district."),
        ({"district": "110108", "day": "someday", "celsius": "37"}, "someday"),
        ({"district": "110108", "day": "2027-06-07", "celsius": "99"}, "A temperature lies between"),
        ({"district": "110108", "day": "2027-06-07", "celsius": "hot"}, "hot"),
        ({}, "District"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(cast: Cast, send: Send, fields: dict[str, str], says: str) -> None:
    answer = send(cast.city, f"{PAGE}?lang=en", fields)
    assert (answer.status_code, says in answer.text, said()) == (400, True, {})


def test_who_only_looks_says_nothing(cast: Cast, send: Send) -> None:
    told = {"district": "110108", "day": "2027-06-07", "celsius": "37"}
    assert send(cast.observer, PAGE, told).status_code == 403
    assert '<form class="filters' not in cast.observer.get(PAGE).text
