"""A sheet on its way in: upload or paste, preview, apply, undo; and out again."""

import io
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from cast import Cast, token
from conftest import on_both
from openpyxl import load_workbook

from stations.kernel.db import db
from stations.places.queries.sheets import station_values
from stations.places.queries.stations import find_station, get_station
from stations.web.admin import imports

Send = Callable[..., Any]
Look = Callable[[], tuple[Any, ...]]

HEADINGS = "编号,名称,类型,单位编号,区县,纬度,经度,坐标系,电话,开放时间"
GOOD = "HD-NEW-1,新站,伴考点,YS-BJ-110108,海淀区,39.98,116.33,wgs84,010-12345678,07:00-18:30"
BAD = "HD-NEW-2,坏站,伴考点,YS-BJ-110108,海淀区,116.33,39.98,wgs84,,"
FOREIGN = "MD-001,改名,门店,YS-QY,海淀区,39.98,116.33,wgs84,,"
SHEET = f"{HEADINGS}\n{GOOD}\n{BAD}\n{FOREIGN}\n"


def upload(client: Any, content: bytes, name: str = "我的表.csv", kind: str = "stations", **more: str) -> Any:
    """As a browser would; the test client's own encoder leaves large files open."""
    fields = {"kind": kind, "csrf_token": token(client, "/account/"), "request_id": uuid4().hex, **more}
    parts = [f'Content-Disposition: form-data; name="{n}"\r\n\r\n{value}'.encode() for n, value in fields.items()]
    parts.append(f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode() + content)
    body = b"".join(b"--edge\r\n" + part + b"\r\n" for part in parts) + b"--edge--\r\n"
    return client.post("/admin/imports/new", data=body, content_type="multipart/form-data; boundary=edge")


@on_both
def test_a_sheet_is_looked_at_applied_and_undone(cast: Cast, send: Send, written: Look) -> None:
    client, before = cast.haidian, station_values()
    answer = upload(client, SHEET.encode("gb18030"))
    assert answer.status_code == 303
    address = answer.headers["Location"]
    page = client.get(address).text
    assert station_values() == before
    assert re.findall(r"<dd>(\d+)</dd>", page) == ["1", "0", "0", "2"]
    assert "我的表.csv" in page
    assert "HD-NEW-1" in page
    assert find_station("MD-001") is not None
    assert get_station("MD-001").phone not in page
    wrong = page.split('id="errors-title"')[1].split('id="changes-title"')[0]
    assert re.findall(r'<th scope="row" class="digits">(\d+)</th>', wrong) == ["3", "4"]

    applied = send(client, f"{address}/apply", {"request_id": "apply-0001"})
    assert applied.status_code == 303
    db.session.rollback()
    assert get_station("HD-NEW-1").name == "新站"
    after = written()
    assert send(client, f"{address}/apply", {"request_id": "apply-0001"}).status_code == 303
    again = send(client, f"{address}/apply")
    assert again.status_code == 409
    assert 'class="field__error"' in again.text
    assert written() == after

    history = client.get("/admin/imports/").text
    assert f"{address}/undo" in history
    assert send(client, f"{address}/undo", {"request_id": "undo-00001"}).status_code == 303
    db.session.rollback()
    assert station_values() == before
    once = written()
    assert send(client, f"{address}/undo", {"request_id": "undo-00001"}).status_code == 303
    assert send(client, f"{address}/undo").status_code == 409
    assert written() == once


def test_pasted_cells_are_taken(cast: Cast, send: Send) -> None:
    client = cast.haidian
    answer = send(client, "/admin/imports/new", {"kind": "stations", "pasted": SHEET.replace(",", "\t")})
    assert answer.status_code == 303
    assert "HD-NEW-1" in client.get(answer.headers["Location"]).text


UNREADABLE = (
    (b"", "a.csv"),
    (b"\x89PNG\r\n\x1a\n\0\0", "a.csv"),
    (b"PK\x03\x04nonsense", "a.xlsx"),
    (b"\xd0\xcf\x11\xe0old", "a.xls"),
    (SHEET.encode(), "a.exe"),
    ("名称\n新站".encode(), "a.csv"),
    (f'{HEADINGS}\n"open'.encode(), "a.csv"),
    (f"{HEADINGS}\n".encode() + f"{GOOD}\n".encode() * 5001, "a.csv"),
    (b"a,b\n" + b"x" * 8_400_000, "a.csv"),
)


def test_a_file_that_cannot_be_read_is_refused_and_what_was_pasted_is_kept(cast: Cast, written: Look) -> None:
    client, before = cast.haidian, written()
    for content, name in UNREADABLE:
        answer = upload(client, content, name, pasted="记得这些格子")
        assert answer.status_code == 400, content[:20]
        assert 'class="field__error" role="alert"' in answer.text, content[:20]
        assert "记得这些格子" in answer.text, content[:20]
    assert written() == before


def test_a_file_far_too_large_is_refused_in_words(cast: Cast, written: Look) -> None:
    before = written()
    answer = upload(cast.haidian, b"x" * (10 * 1024 * 1024))
    assert answer.status_code == 413
    assert "<h1>" in answer.text
    assert written() == before


def test_without_anything_to_read_it_says_so(cast: Cast, send: Send) -> None:
    client = cast.haidian
    for fields in ({"kind": "stations"}, {"kind": "nothing", "pasted": "a"}, {"pasted": "a"}):
        answer = send(client, "/admin/imports/new", fields)
        assert answer.status_code == 400
        assert 'class="field__error" role="alert"' in answer.text


def test_only_kinds_that_one_may_save_are_offered(cast: Cast, written: Look) -> None:
    haidian = cast.haidian
    offered = re.findall(r'<option value="([^"]+)"', haidian.get("/admin/imports/new").text)
    assert offered == ["stations", "stock", "limits", "vehicles", "teams", "volunteers", "availability"]
    assert len(re.findall(r'<option value="([^"]+)"', cast.admin.get("/admin/imports/new").text)) == 14
    before = written()
    assert upload(haidian, b"\xe7\xbc\x96\xe5\x8f\xb7,x\nS01,1", kind="sessions").status_code == 403
    assert haidian.get("/admin/imports/template/sessions.csv").status_code == 403
    assert haidian.get("/admin/imports/export/exam-sites.xlsx").status_code == 403
    assert written() == before


def test_a_template_is_empty_and_has_chinese_headings(cast: Cast) -> None:
    client = cast.haidian
    answer = client.get("/admin/imports/template/stations.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="stations.csv"'
    assert answer.data.decode("utf-8-sig").startswith("编号,名称,类型,单位编号,区县,地址,纬度,经度,坐标系,电话")
    book = load_workbook(io.BytesIO(client.get("/admin/imports/template/stations.xlsx").data))
    assert [cell.value for cell in book.active[1]][:3] == ["编号", "名称", "类型"]
    assert book.active.max_row == 1
    assert client.get("/admin/imports/template/stations.pdf").status_code == 400
    assert client.get("/admin/imports/template/nothing.csv").status_code == 404


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_an_export_holds_ones_own_and_changes_nothing_when_sent_back(ending: str, cast: Cast) -> None:
    client = cast.haidian
    sheet = client.get(f"/admin/imports/export/stations.{ending}").data
    answer = upload(client, sheet, f"stations.{ending}")
    page = client.get(answer.headers["Location"]).text
    assert re.findall(r"<dd>(\d+)</dd>", page) == ["0", "0", "8", "0"]
    assert "/apply" in page
    assert "<button" not in page.split("/apply")[1].split("</form>")[0]


def test_the_history_is_ones_own_and_paged(cast: Cast, send: Send) -> None:
    client = cast.haidian
    for _number in range(26):
        send(client, "/admin/imports/new", {"kind": "stations", "pasted": SHEET})
    first = client.get("/admin/imports/").text
    assert first.count('class="desk-list__row"') == 25
    assert client.get("/admin/imports/?page=2").text.count('class="desk-list__row"') == 1
    assert 'class="desk-list__row"' not in cast.city.get("/admin/imports/").text


def test_wrong_cells_are_corrected_on_the_preview_once(cast: Cast, send: Send, written: Look) -> None:
    client = cast.haidian
    address = upload(client, SHEET.encode()).headers["Location"]
    page = client.get(address).text
    assert 'name="cell:1:lat" value="116.33"' in page
    before = written()
    fixed = {"cell:1:lat": "39.97", "cell:1:lon": "116.34", "request_id": "fix-cells-1"}
    for _twice in range(2):
        assert send(client, f"{address}/cells", fixed).status_code == 303
    assert written() == before
    page = client.get(address).text
    assert re.findall(r"<dd>(\d+)</dd>", page) == ["2", "0", "0", "1"]
    long = {"cell:1:lat": "1" * 2001}
    for wrong in ({}, {"cell:9:lat": "1"}, {"cell:1:nothing": "1"}, long, fixed | {"request_id": "x"}):
        answer = send(client, f"{address}/cells", wrong)
        assert answer.status_code == 400, wrong
        assert 'class="field__error" role="alert"' in answer.text
    assert send(cast.city, f"{address}/cells", fixed | {"request_id": "fix-cells-2"}).status_code == 404
    applied = send(client, f"{address}/apply")
    assert applied.status_code == 303
    assert get_station("HD-NEW-2").lat == pytest.approx(39.97)
    history = client.get("/admin/imports/").text
    assert re.search(r"共 3 行，已写入 2 行|2 of 3 rows written", history)
    assert send(client, f"{address}/cells", fixed | {"request_id": "fix-cells-3"}).status_code == 409


def test_a_sheet_with_nothing_but_wrong_rows_says_what_must_come_first(cast: Cast) -> None:
    client = cast.haidian
    lines = SHEET.splitlines(keepends=True)
    address = upload(client, (lines[0] + lines[2]).encode()).headers["Location"]
    page = client.get(f"{address}?lang=en").text
    assert re.findall(r"<dd>(\d+)</dd>", page) == ["0", "0", "0", "1"]
    assert "There is nothing to write: 1 row has to be corrected first." in page
    assert "the others can be written now" not in page
    assert "Correct these cells and check again" in page


def test_columns_are_shown_as_guessed_and_may_be_chosen(cast: Cast, send: Send) -> None:
    client = cast.haidian
    sheet = SHEET.replace("编号,名称", "站点号,招牌")
    address = upload(client, sheet.encode()).headers["Location"]
    page = client.get(address).text
    assert 'class="field__error" role="alert"' in page
    assert 'name="column:站点号"' in page
    assert f"{address}/apply" in page
    assert send(client, f"{address}/apply").status_code == 400
    columns = {"column:站点号": "code", "column:招牌": "name", "column:电话": "phone", "column:类型": ""}
    assert send(client, f"{address}/columns", columns | {"column:类型": "name"}).status_code == 400
    assert send(client, f"{address}/columns", {"column:招牌": "name"}).status_code == 400
    everything = columns | {
        f"column:{heading}": name
        for heading, name in zip(
            HEADINGS.split(",")[2:],
            ("kind", "organization", "district", "lat", "lon", "datum", "phone", "hours"),
            strict=True,
        )
    }
    assert send(client, f"{address}/columns", everything).status_code == 303
    assert re.findall(r"<dd>(\d+)</dd>", client.get(address).text) == ["1", "0", "0", "2"]


def test_a_long_sheet_is_watched_on_every_page(
    cast: Cast, send: Send, written: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "LONG_ROWS", 3)
    client, before = cast.haidian, station_values()
    address = upload(client, SHEET.encode()).headers["Location"]
    page = client.get(address).text
    assert "0 / 3" in page
    assert page.index("3 / 3") < page.index('class="counts"')
    assert re.findall(r"<dd>(\d+)</dd>", page) == ["1", "0", "0", "2"]
    fields = {"request_id": "apply-long-1"}
    applied = send(client, f"{address}/apply?lang=en", fields)
    assert applied.status_code == 200
    assert "1 / 1" in applied.text
    assert "1 of 3 rows written in" in applied.text
    db.session.rollback()
    assert get_station("HD-NEW-1").name == "新站"
    after = written()
    assert "1 of 3 rows written in" in send(client, f"{address}/apply?lang=en", fields).text
    again = send(client, f"{address}/apply?lang=en").text
    assert "already applied" in again
    assert 'class="counts"' in again
    assert written() == after
    monkeypatch.setattr(imports, "LONG_ROWS", 1)
    undone = send(client, f"{address}/undo?lang=en")
    assert "everything is as it was before" in undone.text
    db.session.rollback()
    assert station_values() == before
    assert 'role="alert"' in send(client, f"{address}/undo?lang=en").text
    assert send(cast.company, f"{address}/apply").status_code == 404
