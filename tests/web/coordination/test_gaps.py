"""The gaps board: the next two hours first, and who may not turn up."""

import pytest
from cast import Cast
from conftest import on_both
from factories.shifts import HERE, THERE, a_shift, a_volunteer, count_reads, put, sign_up
from html5lib import HTMLParser

pytestmark = pytest.mark.usefixtures("app")
TODAY = "2027-06-07"
BOARD = "/coordination/gaps/?lang=en"


def test_board_without_gaps_says_so(cast: Cast) -> None:
    page = cast.city.get(BOARD)
    assert page.status_code == 200
    assert "no-store" in page.headers["Cache-Control"]
    for sentence in ("Nobody is missing in the next two hours.", "Every place is taken.", "Everybody on the shifts"):
        assert sentence in page.text


def test_next_two_hours_come_first_and_each_gap_leads_to_who_could_fill_it(cast: Cast) -> None:
    soon = a_shift("08:30", needs={"": 2, "first_aid": 1}, day=TODAY)
    a_shift("14:00", day=TODAY, station=THERE)
    a_shift("14:00", day="2027-06-09")
    page = cast.city.get(BOARD).text
    HTMLParser(strict=True).parse(page)
    near, far = page.split("Later, up to this time tomorrow")
    assert f"/coordination/shifts/{soon}?" in near
    assert "演示工会伴考点·海淀02" in far
    assert "9 Jun" not in page
    assert '<th scope="row">First aider</th><td>1</td>' in page
    assert "Fill" not in cast.observer.get(BOARD).text.split("Now and in")[1]


@on_both
def test_who_may_not_turn_up_is_listed_with_a_masked_phone(cast: Cast) -> None:
    a_volunteer("S1", phone="13800001234")
    a_volunteer("S2", phone="13800009999")
    shift = a_shift("09:00", day=TODAY, needs={"": 2})
    put("S1", shift)
    sign_up("S2", shift)
    page = cast.city.get(BOARD).text.split("May not turn up")[1]
    assert ("138****1234" in page, "13800001234" in page) == (True, False)
    assert ("Not heard of" in page, "Has not confirmed" in page) == (True, True)
    assert "志愿者S2" not in page, "who signed up just now is sure"
    assert "志愿者S1" not in cast.company.get(BOARD).text
    assert "Show the number" not in cast.observer.get(BOARD).text


def test_parts_are_the_same_without_the_frame_and_take_as_many_reads(cast: Cast) -> None:
    client = cast.city
    a_shift("08:30", day=TODAY)
    client.get("/coordination/gaps/parts")
    with count_reads() as few:
        client.get("/coordination/gaps/parts")
    for hour in ("09:00", "10:00"):
        a_shift(hour, day=TODAY, station=HERE)
    with count_reads() as more:
        part = client.get("/coordination/gaps/parts?lang=en").text
    assert len(few) == len(more)
    assert "<html" not in part
    assert "People missing" in part
