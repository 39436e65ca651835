"""The grid: who is where on a day."""

import re

import pytest
from cast import Cast
from factories.shifts import HERE, THERE, a_shift, a_volunteer, count_reads, sign_up
from html5lib import HTMLParser

pytestmark = pytest.mark.usefixtures("app")
TOMORROW = "/coordination/?day=2027-06-08&lang=en"


def test_day_without_shifts_says_how_to_make_some(cast: Cast) -> None:
    page = cast.city.get("/coordination/?lang=en")
    assert page.status_code == 200
    assert "There are no shifts on this day yet." in page.text
    assert "New shift" in page.text
    reader = cast.observer.get("/coordination/?lang=en").text
    assert "An organizer makes them." in reader
    assert "New shift" not in reader


def test_stations_that_miss_most_come_first_with_numbers_in_words(cast: Cast) -> None:
    a_shift("08:00", needs={"": 1}, station=HERE)
    a_shift("08:30", needs={"": 2, "first_aid": 1}, station=THERE, post="queue")
    a_volunteer("S1")
    sign_up("S1", a_shift("13:00", needs={"": 2}, station=THERE))
    page = cast.city.get(TOMORROW).text
    HTMLParser(strict=True).parse(page)
    assert re.findall(r'scope="row">([^<]+)<small[^>]*>(\d+) missing', page) == [
        ("演示工会伴考点·海淀02", "4"), ("演示工会伴考点·海淀01", "1"),
    ]  # fmt: skip
    assert "1 of 6 places taken" in page
    assert "First aider: 1 missing" in page
    assert re.findall(r'<th scope="col">(\d\d:00)', page) == ["08:00", "13:00"]


def test_filters_leave_what_fits(cast: Cast) -> None:
    a_shift("08:00", needs={"": 1, "first_aid": 2})
    a_shift("09:00", post="queue")
    client = cast.city
    assert "Queue" not in client.get(f"{TOMORROW}&post=supplies").text.split("<tbody>")[1]
    assert "0 of 2 places taken" in client.get(f"{TOMORROW}&skill=first_aid").text
    assert "0 of 2 places taken" in client.get(f"{TOMORROW}&skill=anyone").text, "one in each shift"
    assert "No shift fits this filter." in client.get(f"{TOMORROW}&district=110101").text
    assert client.get(f"{TOMORROW}&post=juggling").status_code == 400


def test_a_full_shift_is_no_gap(cast: Cast) -> None:
    a_volunteer("S1")
    sign_up("S1", a_shift())
    assert "complete" in cast.city.get(TOMORROW).text
    assert "No shift fits this filter." in cast.city.get(f"{TOMORROW}&gaps=1").text


def test_what_others_have_is_not_shown(cast: Cast) -> None:
    a_shift()
    assert "There are no shifts on this day yet." in cast.company.get(TOMORROW).text


def test_more_shifts_take_no_more_reads(cast: Cast) -> None:
    client = cast.city
    a_shift("08:00")
    client.get(TOMORROW)
    with count_reads() as few:
        client.get(TOMORROW)
    a_shift("09:00")
    a_shift("10:00", station=THERE)
    with count_reads() as more:
        client.get(TOMORROW)
    assert len(few) == len(more)
