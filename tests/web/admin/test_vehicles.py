"""The list of vehicles: what is found, what each file lacks, standing by from it, one sheet of all files."""

import csv
import io
from collections.abc import Callable
from typing import Any

from cast import Cast
from conftest import on_both
from listening import listen
from openpyxl import load_workbook

from stations.fleet.queries.vehicles import get_vehicle, list_posts, list_vehicles
from stations.fleet.rules.vehicles import VehicleState
from stations.kernel.audit import list_events
from stations.kernel.db import db

Send = Callable[..., Any]
Look = Callable[[], tuple[Any, ...]]


def test_the_list_finds_by_code_plate_sticker_base_and_host(cast: Cast) -> None:
    client = cast.dispatcher
    for asked, count in (("V251", 1), ("演A·00251", 1), ("海淀01（", 1), ("演示门店企业", None), ("nothing", 0)):
        page = client.get("/admin/vehicles/", query_string={"q": asked}).text
        shown = page.count('class="desk-list__row"')
        assert shown == (25 if count is None else count), asked
    assert "V001" in client.get("/admin/vehicles/").text
    assert "V026" not in client.get("/admin/vehicles/").text


def test_the_list_shows_who_stands_by_and_whose_file_lacks_what(cast: Cast) -> None:
    client = cast.dispatcher
    page = client.get("/admin/vehicles/?state=missing&lang=en").text
    assert page.count('class="desk-list__row"') == 6
    assert page.count("Driver&#39;s check of the day") == 4
    off = client.get("/admin/vehicles/?state=off").text
    assert off.count('class="desk-list__row"') == 6
    assert client.get("/admin/vehicles/?state=standby&page=10").text.count('class="desk-list__row"') == 20


def test_an_organizer_sees_their_own_vehicles_alone(cast: Cast) -> None:
    page = cast.haidian.get("/admin/vehicles/?q=V0").text
    assert "V001" in page
    assert "V004" not in page
    assert cast.haidian.get("/admin/vehicles/V004").status_code == 404
    assert cast.lead.get("/admin/vehicles/").status_code == 403


def test_a_search_that_makes_no_sense_is_answered(cast: Cast) -> None:
    client = cast.dispatcher
    for asked in ({"state": "flying"}, {"q": "字" * 81}, {"q": "a\0b"}, {"page": "-1"}, {"page": "9" * 400}):
        assert client.get("/admin/vehicles/", query_string=asked).status_code in {200, 400}, asked
    page = client.get("/admin/vehicles/", query_string={"q": "<script>alert(1)</script>"})
    assert (page.status_code, "<script>alert" in page.text) == (200, False)


def test_a_longer_list_asks_the_database_no_more_often(cast: Cast) -> None:
    client = cast.dispatcher
    client.get("/admin/vehicles/")
    counts = []
    for query in ("V251", "V25", ""):
        with listen() as asked:
            client.get("/admin/vehicles/", query_string={"q": query})
        counts.append(len(asked))
    assert len(set(counts)) == 1


@on_both
def test_a_button_pressed_twice_acts_once_and_goes_back_to_the_search(cast: Cast, send: Send, written: Look) -> None:
    client, fields = cast.dispatcher, {"state": "off", "request_id": "press-off-0001"}
    answer = send(client, "/admin/vehicles/V001/state?from=list&q=V00&page=1", fields)
    assert answer.headers["Location"] == "/admin/vehicles/?q=V00&page=1#vehicle-V001"
    db.session.rollback()
    assert get_vehicle("V001").state is VehicleState.OFF
    before = written()
    assert send(client, "/admin/vehicles/V001/state", fields).status_code == 303
    assert written() == before
    assert send(client, "/admin/vehicles/V001/state", fields | {"state": "standby"}).status_code == 409
    assert written() == before, "a request id is good for one press"


@on_both
def test_a_vehicle_is_told_to_stand_by_at_a_gate(cast: Cast, send: Send) -> None:
    client, key = cast.dispatcher, next(iter(list_posts()))
    assert send(client, "/admin/vehicles/V001/state", {"state": "standby", "gate": key}).status_code == 303
    db.session.rollback()
    assert get_vehicle("V001").gate_id == list_posts()[key].gate_id
    page = client.get("/admin/vehicles/V001").text
    assert f'value="{key}" selected' in page
    for fields in (
        {"state": "standby", "gate": "KD/none"},
        {"state": "flying"},
        {},
        {"state": "off", "reason": "长" * 201},
    ):
        assert send(client, "/admin/vehicles/V001/state", fields).status_code == 400


@on_both
def test_an_incomplete_file_is_named_and_a_check_completes_it(cast: Cast, send: Send) -> None:
    client = cast.dispatcher
    lacking = {row.code: row.list_missing(cast.now.date()) for row in list_vehicles(("",))}
    unchecked = next(code for code, missing in lacking.items() if missing == ("driver_check",))
    refused = send(client, f"/admin/vehicles/{unchecked}/state?lang=en", {"state": "standby"})
    assert refused.status_code == 409
    assert "missing or out of date are Driver&#39;s check of the day." in refused.text
    assert send(client, f"/admin/vehicles/{unchecked}/check", {}).status_code == 303
    assert send(client, "/admin/vehicles/stand-by", {}).headers["Location"] == "/admin/vehicles/"
    db.session.rollback()
    assert get_vehicle(unchecked).state is VehicleState.STANDBY
    assert sum(row.state is VehicleState.OFF for row in list_vehicles(("",))) == 5


def test_all_files_come_as_one_sheet(cast: Cast) -> None:
    client = cast.haidian
    rows = list(csv.reader(io.StringIO(client.get("/admin/vehicles/files.csv?lang=en").data.decode("utf-8-sig"))))
    mine = [row.code for row in list_vehicles(("YS-BJ/YS-BJ-110108/",))]
    assert [row[0] for row in rows] == ["Vehicle code", *mine]
    assert rows[1][1:4] == ["演A·00001", "Sedan", "4"]
    book = load_workbook(io.BytesIO(client.get("/admin/vehicles/files.xlsx").data), read_only=True)
    assert sum(1 for _row in book.active.iter_rows()) == len(mine) + 1
    assert client.get("/admin/vehicles/files.exe").status_code == 400


def test_links_of_the_drivers_are_taken_out_by_who_may_change_vehicles_and_that_is_on_record(
    cast: Cast, send: Send
) -> None:
    sheet = send(cast.company, "/admin/vehicles/links.csv")
    assert sheet.status_code == 200
    lines = sheet.data.decode("utf-8-sig").splitlines()
    assert len(lines) > 100
    link = lines[1].split(",")[-1]
    db.session.rollback()
    assert list_events("fleet")[0][1:3] == ("company", "vehicle.links")
    page = cast.company.get(link.partition("localhost")[2])
    assert page.status_code == 200
    own = lines[1].split(",")[0]
    assert own in page.text
    assert send(cast.observer, "/admin/vehicles/links.csv").status_code == 403
