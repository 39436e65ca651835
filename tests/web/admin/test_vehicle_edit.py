"""Adding a vehicle, changing its file, voiding its links, taking it off the list."""

from collections.abc import Callable
from typing import Any

import pytest
from cast import Cast
from conftest import on_both

from stations.fleet.queries.vehicles import find_vehicle, get_vehicle
from stations.kernel.db import db

Send = Callable[..., Any]
Look = Callable[[], tuple[Any, ...]]
Fields = Callable[..., dict[str, Any]]

NEW = {
    "code": "HD-V1", "plate": "京A12345", "kind": "sedan", "seats": "４", "wheelchair": "no",
    "organization": "YS-BJ-110108", "station": "GH-HD-01", "sticker_no": "900", "duty": "",
    "licence_until": "2028-01-01", "registration_until": "2028-01-01", "insurance_until": "2028-01-01",
    "driver_checked_on": "2027-06-07",
}  # fmt: skip


@on_both
def test_a_vehicle_is_added_and_changed_as_its_page_shows_it(cast: Cast, send: Send, fields_of: Fields) -> None:
    client = cast.haidian
    answer = send(client, "/admin/vehicles/new", NEW)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/vehicles/HD-V1")
    db.session.rollback()
    before = get_vehicle("HD-V1")
    assert (before.plate, before.seats, before.duty_from_minute, before.state) == ("京A·12345", 4, 360, "off")
    fields = fields_of(client.get("/admin/vehicles/HD-V1").text, "/admin/vehicles/HD-V1")
    assert send(client, "/admin/vehicles/HD-V1", fields | {"seats": "5", "kind": "wheelchair_van"}).status_code == 303
    db.session.rollback()
    after = get_vehicle("HD-V1")
    assert (after.seats, after.kind, after.version) == (5, "wheelchair_van", before.version + 1)
    for name in ("plate", "base", "organization", "sticker_no", "crew_phone", "file", "state", "link_no"):
        assert getattr(after, name) == getattr(before, name), name


@on_both
def test_two_who_change_one_file_are_told(cast: Cast, send: Send, fields_of: Fields) -> None:
    client = cast.haidian
    fields = fields_of(client.get("/admin/vehicles/V001").text, "/admin/vehicles/V001")
    del fields["csrf_token"]  # the other one's browser has its own
    assert send(client, "/admin/vehicles/V001", fields | {"seats": "5"}).status_code == 303
    late = send(cast.city, "/admin/vehicles/V001?lang=en", fields | {"seats": "6", "request_id": "late-000001"})
    assert late.status_code == 409
    assert "Seats is now: 5" in late.text
    assert 'value="6"' in late.text
    again = fields_of(late.text, "/admin/vehicles/V001?lang=en")
    del again["csrf_token"]
    assert send(cast.city, "/admin/vehicles/V001", again).status_code == 303
    db.session.rollback()
    assert get_vehicle("V001").seats == 6


WRONG: tuple[dict[str, Any], ...] = (
    {"seats": "1000000000"},
    {"seats": "亿"},
    {"plate": "京" * 400},
    {"plate": "<script>alert(1)</script>"},
    {"kind": "palace"},
    {"station": "NOWHERE"},
    {"organization": "NOBODY"},
    {"organization": ["YS-BJ-110108", "YS-QY"]},
    {"code": "V001"},
    {"code": "no code"},
    {"duty": "25:00-26:00"},
    {"licence_until": "2027-02-31"},
    {"driver_checked_on": "2027-06-08"},
    {"crew_phone": "1" * 400},
    {"sticker_no": "a\0b"},
    {"request_id": "x"},
)


@pytest.mark.parametrize("fields", WRONG, ids=str)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    fields: dict[str, Any], cast: Cast, send: Send, written: Look
) -> None:
    client, before = cast.haidian, written()
    answer = send(client, "/admin/vehicles/new", NEW | fields)
    assert answer.status_code in {400, 409}
    assert written() == before
    assert "<script>alert" not in answer.text
    assert 'aria-invalid="true"' in answer.text or 'role="alert"' in answer.text
    assert 'value="900"' in answer.text or "sticker_no" in fields


def test_a_plate_that_another_vehicle_has_is_said_at_its_field(cast: Cast, send: Send) -> None:
    answer = send(cast.haidian, "/admin/vehicles/new?lang=en", NEW | {"plate": "演A00004"})
    assert answer.status_code == 409
    assert "Another vehicle has this plate." in answer.text
    assert find_vehicle("HD-V1") is None


@on_both
def test_links_are_voided_and_the_vehicle_leaves_the_list(cast: Cast, send: Send, written: Look) -> None:
    client = cast.haidian
    send(client, "/admin/vehicles/V001/link", {})
    db.session.rollback()
    assert get_vehicle("V001").link_no == 2
    gone = {"request_id": "archive-0001"}
    assert send(client, "/admin/vehicles/V001/archive", gone).headers["Location"] == "/admin/vehicles/"
    before = written()
    assert send(client, "/admin/vehicles/V001/archive", gone).status_code == 303
    assert written() == before
    assert client.get("/admin/vehicles/V001").status_code == 404
    assert client.get("/admin/vehicles/%00").status_code == 404
