"""The calendar: the day as a table of hours, adding and cancelling."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from cast import Cast
from conftest import on_both
from factories.places import beijing

from stations.fleet.queries.bookings import BookingRow, list_bookings
from stations.fleet.rules.bookings import BookingKind
from stations.kernel.db import db
from stations.web.admin.fleet_calendar import Cell, lay_out

Send = Callable[..., Any]
Look = Callable[[], tuple[Any, ...]]

DAY = "/admin/vehicles/calendar/?day=2027-06-07"
NEW = {
    "vehicle": "V001", "kind": "booked", "day": "2027-06-07", "starts": "09:00", "ends": "10点半",
    "place": "<b>十一学校</b>",
}  # fmt: skip
MIDNIGHT = beijing("00:00")


def a_row(number: int, starts_at: datetime, ends_at: datetime, vehicle: str = "V1", lane: int = 0) -> BookingRow:
    kind = BookingKind.ROVING if lane else BookingKind.BOOKED
    return BookingRow(number, vehicle, "京A·1", "YS-QY/", kind, lane, starts_at, ends_at, "", None, False)


def stored() -> list[BookingRow]:
    db.session.rollback()
    return list_bookings(("",), MIDNIGHT, MIDNIGHT + timedelta(days=1))


def test_hours_are_laid_out_in_columns_of_five_minutes() -> None:
    rows = [
        a_row(1, beijing("07:00"), beijing("07:30")),
        a_row(2, beijing("07:30"), beijing("07:32")),  # a column at least
        a_row(3, beijing("07:32"), beijing("08:00")),
        a_row(4, beijing("07:00"), beijing("19:00"), lane=1),
    ]
    sheet = lay_out(rows, MIDNIGHT)
    assert sheet.hours == range(6, 19)
    first, second = sheet.lines
    assert first.cells == (Cell(12), Cell(6, rows[0]), Cell(1, rows[1]), Cell(5, rows[2]), Cell(132, beside=rows[2]))
    assert second.cells == (Cell(12), Cell(144, rows[3]))
    assert {sum(cell.columns for cell in line.cells) for line in sheet.lines} == {13 * 12}


def test_words_stand_beside_a_booking_that_is_too_short_for_them() -> None:
    rows = [
        a_row(1, beijing("07:00"), beijing("07:20")),
        a_row(2, beijing("07:30"), beijing("08:30")),
        a_row(3, beijing("12:00"), beijing("12:20")),
    ]
    cells = lay_out(rows, MIDNIGHT).lines[0].cells
    assert [cell.beside for cell in cells] == [None, None, None, None, None, None, rows[2]], "ten minutes are too few"
    assert [cell.columns for cell in cells] == [12, 4, 2, 12, 42, 4, 80]


def test_every_booking_is_named_in_full_by_the_table(cast: Cast, send: Send) -> None:
    send(cast.dispatcher, "/admin/vehicles/calendar/", NEW | {"ends": "09:20", "place": "东门"})
    send(cast.dispatcher, "/admin/vehicles/calendar/", NEW | {"starts": "12:00", "ends": "14:00", "place": "西门"})
    page = cast.dispatcher.get(DAY + "&lang=en").text
    assert re.findall(r'<td class="kept[^"]*"[^>]* title="([^"]*)"', page) == [
        "Booked ride 09:00–09:20 东门", "Booked ride 12:00–14:00 西门",
    ]  # fmt: skip
    table = page[page.index('class="fleet-day__table"') : page.index("</table>")]
    beside = re.findall(r'<td class="fleet-day__beside"[^>]*aria-hidden="true">(.*?)</td>', table, re.DOTALL)
    assert [re.sub("<[^>]+>", "", words) for words in beside] == ["Booked ride 09:00–09:20 东门"]


def test_a_night_is_cut_at_midnight_and_widens_the_table() -> None:
    sheet = lay_out([a_row(1, beijing("22:00", "2027-06-06"), beijing("01:00"))], MIDNIGHT)
    assert sheet.hours == range(19)
    assert sheet.lines[0].cells[0].columns == 12
    late = lay_out([a_row(1, beijing("23:58"), beijing("02:00", "2027-06-08"))], MIDNIGHT)
    assert late.hours == range(6, 24)
    assert [cell.columns for cell in late.lines[0].cells] == [17 * 12 + 11, 1]
    assert lay_out([], MIDNIGHT).lines == ()


@on_both
def test_a_booking_is_shown_said_no_to_and_cancelled(cast: Cast, send: Send) -> None:
    client = cast.dispatcher
    answer = send(client, "/admin/vehicles/calendar/", NEW)
    assert (answer.status_code, answer.headers["Location"]) == (303, DAY)
    (row,) = stored()
    assert (row.starts_at, row.ends_at) == (beijing("09:00"), beijing("10:30"))
    page = client.get(DAY).text
    assert "&lt;b&gt;十一学校" in page
    assert "<b>十一学校" not in page
    assert re.search(r'<td class="kept kept--booked" colspan="18"', page)
    clash = send(client, "/admin/vehicles/calendar/?lang=en", NEW | {"starts": "10:29", "ends": "11:00"})
    assert clash.status_code == 409
    assert "V001 is booked from 06-07 09:00 to 06-07 10:30: Booked ride." in clash.text
    assert 'value="10:29"' in clash.text
    assert send(client, "/admin/vehicles/calendar/", NEW | {"kind": "roving"}).status_code == 303
    gone = {"request_id": "cancel-0001"}
    for _press in range(2):
        assert send(client, f"/admin/vehicles/calendar/{row.id}/cancel", gone).headers["Location"] == DAY
    assert [other.kind for other in stored()] == [BookingKind.ROVING]
    assert send(client, f"/admin/vehicles/calendar/{row.id}/cancel").status_code == 409


@on_both
def test_a_booking_sent_twice_is_one(cast: Cast, send: Send, written: Look) -> None:
    fields = NEW | {"request_id": "book-000001"}
    assert send(cast.dispatcher, "/admin/vehicles/calendar/", fields).status_code == 303
    before = written()
    assert send(cast.dispatcher, "/admin/vehicles/calendar/", fields).status_code == 303
    assert written() == before
    assert len(stored()) == 1


WRONG: tuple[dict[str, Any], ...] = (
    {"vehicle": "NONE"},
    {"vehicle": "V004"},  # another host's
    {"vehicle": ""},
    {"kind": "party"},
    {"day": "2027-06-06"},
    {"day": "someday"},
    {"day": "9" * 4000},
    {"starts": "10:30"},
    {"starts": "noon"},
    {"ends": "08:59"},
    {"place": "长" * 121},
    {"place": "a\0b"},
    {"request_id": ""},
)


@pytest.mark.parametrize("fields", WRONG, ids=str)
def test_what_cannot_be_booked_is_said(fields: dict[str, Any], cast: Cast, send: Send, written: Look) -> None:
    client, before = cast.haidian, written()
    answer = send(client, "/admin/vehicles/calendar/", NEW | fields)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert written() == before
    assert stored() == []


def test_a_day_that_is_none_is_answered(cast: Cast) -> None:
    for day in ("never", "2027-13-01", "0001-01-01", "9" * 400, "２０２７-06-07", "2099-12-31", "2000-01-01"):
        assert cast.dispatcher.get("/admin/vehicles/calendar/", query_string={"day": day}).status_code in {200, 400}


def test_a_district_sees_its_own_bookings_alone(cast: Cast, send: Send) -> None:
    send(cast.dispatcher, "/admin/vehicles/calendar/", NEW | {"vehicle": "V004"})
    (row,) = stored()
    assert "V004" not in cast.haidian.get(DAY).text
    assert send(cast.haidian, f"/admin/vehicles/calendar/{row.id}/cancel").status_code == 404
    assert send(cast.haidian, "/admin/vehicles/calendar/99999999/cancel").status_code == 404
    assert len(stored()) == 1
