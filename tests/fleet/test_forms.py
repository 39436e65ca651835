"""What people type about vehicles, read or refused with a sentence."""

from datetime import date
from typing import Any

import pytest
from flask import Flask

from stations.fleet.forms import VehicleForm, read_plate
from stations.fleet.rules.vehicles import DUTY, VehicleFile
from stations.kernel.errors import Invalid
from stations.kernel.forms import form_data

GOOD = {
    "code": "X1", "plate": "京A·12345", "kind": "sedan", "seats": "4", "organization": "YS-QY", "station": "MD-001",
}  # fmt: skip


def problems(**changes: str) -> set[str]:
    form = VehicleForm(form_data(GOOD | changes))
    return set() if form.validate() else set(form.problems)


def test_a_plate_is_kept_in_one_spelling() -> None:
    for typed in ("京A·12345", "京A12345", "京a 12345", "京Ａ１２３４５", "京A-12345", " 京A•12345 "):
        assert read_plate(typed) == "京A·12345"
    assert read_plate("京AD12345") == "京A·D12345"
    assert read_plate("京a1234学") == "京A·1234学"
    for typed in ("", "A12345", "京12345", "京A·123", "京A·1234567", "京A·12345" * 9, "<b>京A12345</b>", "京A·12;45"):
        with pytest.raises(Invalid):
            read_plate(typed)


def test_an_organizer_s_words_are_understood(app: Flask) -> None:
    typed = GOOD | {
        "kind": "新能源车", "seats": "四", "wheelchair": "有", "station": "演示工会伴考点·海淀01",
        "organization": "演示门店企业", "duty": "早上6点-下午7点半", "licence_until": "2028年5月1日",
        "registration_until": "20290131", "insurance_until": "2027/12", "driver_checked_on": "2027-6-7",
        "crew_phone": "+86 138-0013-8000",
    }  # fmt: skip
    form = VehicleForm(form_data(typed))
    assert form.validate(), form.problems
    order = form.order()
    assert (order.kind, order.seats, order.has_wheelchair) == ("ev", 4, True)
    assert (order.organization, order.station, order.crew_phone) == ("YS-QY", "GH-HD-01", "13800138000")
    assert order.duty == (360, 1170)
    assert order.file == VehicleFile(date(2028, 5, 1), date(2029, 1, 31), date(2027, 12, 31), date(2027, 6, 7))


def test_what_is_left_empty_is_a_day_s_duty_and_no_wheelchair(app: Flask) -> None:
    form = VehicleForm(form_data(GOOD))
    assert form.validate(), form.problems
    order = form.order()
    assert (order.duty, order.has_wheelchair, order.file, order.version) == (DUTY, False, VehicleFile(), None)
    again = VehicleForm(form_data(order.values()))
    assert again.validate()
    assert again.order() == order


WRONG: tuple[tuple[str, Any], ...] = (
    ("seats", "0"), ("seats", "61"), ("seats", "1000000000"), ("seats", "1e9"), ("seats", "-4"), ("seats", "4.5"),
    ("seats", "亿"), ("seats", "４００"), ("seats", "四百"), ("seats", "nan"), ("seats", "9" * 5000),
    ("kind", "spaceship"), ("kind", "<script>alert(1)</script>"), ("station", "NOWHERE"), ("station", "x" * 5000),
    ("organization", "NOBODY"), ("code", "not a code"), ("code", "车1"), ("plate", "京A12345" + "6" * 5000),
    ("sticker_no", "9" * 21), ("sticker_no", "a\0b"), ("crew_phone", "12"), ("duty", "19:00-06:00"),
    ("duty", "06:00-09:00;10:00-12:00"), ("duty", "always"), ("licence_until", "2027-02-30"),
    ("insurance_until", "tomorrow"), ("driver_checked_on", "2027-06-08"), ("wheelchair", "perhaps"),
)  # fmt: skip


@pytest.mark.parametrize(("name", "typed"), WRONG)
def test_nonsense_is_refused_at_its_field(name: str, typed: str, app: Flask) -> None:
    assert problems(**{name: typed}) == {name}
