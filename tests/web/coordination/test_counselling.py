"""Counted talks on the coordinators' page: within one's scope, and hidden alike on the page and in the sheets."""

import re
from datetime import timedelta
from html import unescape
from io import BytesIO

import pytest
from cast import Cast
from conftest import on_both
from factories.shifts import HERE, THERE, count_reads
from html5lib import HTMLParser
from openpyxl import load_workbook

from stations.feedback.actions import count_talk
from stations.feedback.rules import TalkOrder
from stations.kernel import clock
from stations.kernel.db import db, transaction

pytestmark = pytest.mark.usefixtures("app")
PAGE = "/coordination/counselling/"
SHOP = "MD-001"  # of another company


def talks(number: int, who: str = "parent", topic: str = "sleep", station: str = HERE, days_ago: int = 0) -> None:
    """Count that many."""
    with transaction():
        for _time in range(number):
            count_talk(TalkOrder(station, who, topic, clock.now() - timedelta(days=days_ago)), "volunteer:1")
    db.session.rollback()


def cells(page: str) -> dict[str, list[str]]:
    """The figures of every row by its heading, as on the page."""
    rows = re.findall(r'<tr[^>]*><th scope="row">([^<]*)</th>(.*?)</tr>', page, re.DOTALL)
    return {name: [unescape(one) for one in re.findall(r"<td[^>]*>([^<]*)</td>", row)] for name, row in rows}


@on_both
def test_totals_hide_what_is_few_and_what_would_tell_it(cast: Cast) -> None:
    assert "No talk was counted yet." in cast.haidian.get(f"{PAGE}?lang=en").text
    talks(8)
    talks(3, topic="family")
    talks(6, topic="exam_anxiety")
    talks(7, "examinee", "exam_anxiety")
    talks(4, station=THERE)
    answer = cast.haidian.get(f"{PAGE}?lang=en&day=2027-06-07")
    HTMLParser(strict=True).parse(answer.text)
    assert answer.headers["Cache-Control"] == "no-store"
    found = cells(answer.text)
    hidden = "<5*"
    assert found["演示工会伴考点·海淀01"] == [
        "24", hidden, hidden, "8", hidden, hidden, hidden, "17", "7", "0", "0", "0", "0", "0", "7",
    ]  # fmt: skip
    assert set(found["演示工会伴考点·海淀02"]) == {"<5"}
    assert found["All topics"] == ["17+", "7+", "24+"]
    assert found["Exam anxiety"] == ["…", "7+", "7+"]


def test_season_adds_what_its_days_show(cast: Cast) -> None:
    talks(6)
    talks(3, days_ago=1)
    season = cells(cast.haidian.get(f"{PAGE}?lang=en").text)
    assert season["演示工会伴考点·海淀01"][0] == "6+"
    assert cells(cast.haidian.get(f"{PAGE}?lang=en&day=2027-06-07").text)["演示工会伴考点·海淀01"][0] == "6"
    other = cells(cast.haidian.get(f"{PAGE}?lang=en&day=2027-06-06").text)
    assert other["演示工会伴考点·海淀01"][0] == "<5"
    wrong = cast.haidian.get(f"{PAGE}?lang=en&day=someday")
    assert (wrong.status_code, "is not a date" in wrong.text) == (400, True)


def test_one_sees_the_stations_of_ones_scope(cast: Cast) -> None:
    talks(5)
    talks(9, station=SHOP)
    for who, codes in (("haidian", {HERE}), ("company", {SHOP}), ("city", {HERE, SHOP}), ("observer", {HERE, SHOP})):
        sheet = getattr(cast, who).get(f"{PAGE}counselling.csv?lang=en").text
        assert {line.split(",")[0] for line in sheet.splitlines()[1:] if line} == codes, who
    assert cast.dispatcher.get(PAGE).status_code == 403


def test_sheets_hide_what_the_page_hides(cast: Cast) -> None:
    talks(9)
    talks(2, "examinee", "family")
    talks(3, station=THERE)
    page = cast.haidian.get(f"{PAGE}counselling.csv?lang=en&day=2027-06-07").text
    rows = [line.split(",") for line in page.splitlines()[1:] if line]
    assert {row[5] for row in rows if row[0] == THERE} == {"<5"}
    assert {row[5] for row in rows if row[0] == HERE} == {"11", "<5*"}
    sent = cast.haidian.get(f"{PAGE}counselling.xlsx?lang=en&day=2027-06-07")
    sheet = load_workbook(BytesIO(sent.data)).active
    assert sheet
    assert {str(row[5]) for row in sheet.iter_rows(min_row=2, values_only=True)} == {"11", "<5", "<5*"}
    assert cast.haidian.get(f"{PAGE}counselling.pdf").status_code == 400


def test_list_takes_as_many_reads_for_three_stations_as_for_one(cast: Cast) -> None:
    client = cast.city

    def reads() -> int:
        with count_reads() as asked:
            assert client.get(PAGE).status_code == 200
        return sum("FROM revision" not in one for one in asked)

    talks(5)
    reads()
    first = reads()
    talks(5, station=THERE)
    talks(5, station=SHOP)
    assert reads() == first
