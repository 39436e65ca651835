"""An organizer's sheet, from the preview over every wrong row to the undo, on both databases."""

import io
from collections.abc import Callable
from datetime import date

import pytest
from conftest import on_both
from factories.shifts import a_team, a_volunteer
from flask import Flask
from openpyxl import Workbook
from sqlalchemy import select

from stations.accounts.models import Person
from stations.accounts.queries import get_actor
from stations.accounts.rules import PROGRAM, Actor
from stations.config import ROOT
from stations.kernel import audit
from stations.kernel.db import db, transaction
from stations.kernel.errors import Invalid, NotFound, Refused
from stations.kernel.geo.datum import Datum, Point, convert
from stations.kernel.geo.distance import geodesic_metres
from stations.kernel.sheets import write_csv, write_xlsx
from stations.places.actions.stations import set_state, verify
from stations.places.queries.sheets import station_values
from stations.places.queries.stations import get_station
from stations.places.rules import StationState
from stations.seasons.queries import get_calendar
from stations.workflows import importing
from stations.workflows.preparing import DEMO_SHEETS
from stations.workflows.sheet_kinds import KINDS

KIND = KINDS["stations"]
HEADINGS = "编号,名称,类型,单位编号,区县,纬度,经度,坐标系,电话,开放时间"
TIMETABLE = "编号,科目,日期,开始,结束,停止入场,来源"
GOOD = "HD-NEW-1,新站,伴考点,YS-BJ-110108,海淀区,39.98,116.33,wgs84,010-12345678,07:00-18:30"


def actor(username: str) -> Actor:
    return get_actor(db.session.execute(select(Person.id).where(Person.username == username)).scalar_one())


def sheet(*lines: str, headings: str = HEADINGS) -> bytes:
    return "\n".join([headings, *lines]).encode()


def plan(content: bytes, me: Actor = PROGRAM, name: str = "a.csv", kind: str = "stations") -> importing.Plan:
    return importing.plan(KINDS[kind], importing.read_file(KINDS[kind], name, content), me)


def keep(content: bytes, me: Actor = PROGRAM, name: str = "a.csv", kind: str = "stations") -> int:
    with transaction():
        return importing.keep_rows(KINDS[kind], importing.read_file(KINDS[kind], name, content), name, me)


def apply(content: bytes, me: Actor = PROGRAM, name: str = "a.csv", kind: str = "stations") -> int:
    run_id = keep(content, me, name, kind)
    with transaction():
        importing.apply_run(importing.get_run(run_id, me), me)
    return run_id


def undo(run_id: int, me: Actor = PROGRAM) -> None:
    with transaction():
        importing.undo_run(importing.get_run(run_id, me), me)


@on_both
def test_the_same_sheets_again_change_nothing(app: Flask) -> None:
    set_aside = {"MD-004", "MD-031", "MD-052"}  # the demonstration closes these
    for kind, name in DEMO_SHEETS:
        path = ROOT / "data" / name
        again = plan(path.read_bytes(), name=path.name, kind=kind)
        assert [row.number for row in again.rows if row.verdict != "same" and row.key not in set_aside] == [], name
        assert again.count("same") == len(again.rows)


WRONG = (
    ("swapped", "W-1,站,伴考点,YS-BJ-110108,海淀区,116.33,39.98,wgs84,,", "lat"),
    ("outside China", "W-2,站,伴考点,YS-BJ-110108,海淀区,51.5,0.1,wgs84,,", "lon"),
    ("not a number", "W-3,站,伴考点,YS-BJ-110108,海淀区,北纬,116.33,wgs84,,", "lat"),
    ("unknown organization", "W-4,站,伴考点,NOBODY,海淀区,39.98,116.33,wgs84,,", "organization"),
    ("unknown district", "W-5,站,伴考点,YS-BJ-110108,天上区,39.98,116.33,wgs84,,", "district"),
    ("bad hours", "W-6,站,伴考点,YS-BJ-110108,海淀区,39.98,116.33,wgs84,,18:00-07:00", "hours"),
    ("bad phone", "W-7,站,伴考点,YS-BJ-110108,海淀区,39.98,116.33,wgs84,12,", "phone"),
    ("unknown datum", "W-8,站,伴考点,YS-BJ-110108,海淀区,39.98,116.33,moon,,", "datum"),
    ("formula", "W-9,=1+1,伴考点,YS-BJ-110108,海淀区,39.98,116.33,wgs84,,", "name"),
    ("no name", "W-10,,伴考点,YS-BJ-110108,海淀区,39.98,116.33,wgs84,,", "name"),
    ("no code", ",站,伴考点,YS-BJ-110108,海淀区,39.98,116.33,wgs84,,", "code"),
    ("repeated", GOOD, "code"),
    ("repeated in wide letters", GOOD.replace("HD-NEW-1", "ＨＤ－ＮＥＷ－１"), "code"),
)


@on_both
def test_every_wrong_row_is_named_by_its_number_and_field_and_left_out(app: Flask) -> None:
    content = sheet("", GOOD, "", *(line for _why, line, _field in WRONG))
    wrong = [row for row in plan(content).rows if row.errors]
    named = [(row.number, row.errors[0][0]) for row in wrong]
    assert named == [(number, field) for number, (_why, _line, field) in enumerate(WRONG, 5)]
    assert all(str(message) for row in wrong for _field, message in row.errors)
    before = set(station_values())
    apply(content)
    assert set(station_values()) - before == {"HD-NEW-1"}
    assert get_station("HD-NEW-1").name == "新站"


@on_both
def test_sheets_come_in_every_form(app: Flask) -> None:
    text = "\n".join([HEADINGS, GOOD])
    assert plan(text.encode("gb18030")).rows[0].after["name"] == "新站"
    assert plan(text.replace(",", "\t").encode("utf-16")).count("new") == 1
    english = GOOD.replace("伴考点", "union_point").replace("海淀区", "Haidian")
    headings = "code,name,kind,organization,district,Latitude,LNG,crs,phone,hours"
    assert plan(sheet(english, headings=headings)).rows[0].after == plan(sheet(GOOD)).rows[0].after
    book = Workbook()
    book.active.append(["海淀区 2027 年伴考点"])
    book.active.append(HEADINGS.split(","))
    book.active.append([*GOOD.split(",")[:5], 39.98, 116.33, "wgs84", 1012345678, "07:00-18:30"])
    out = io.BytesIO()
    book.save(out)
    row = plan(out.getvalue(), name="a.xlsx").rows[0]
    assert (row.number, row.key) == (3, "HD-NEW-1")


def test_pasted_cells_are_a_sheet(app: Flask) -> None:
    rows = importing.read_cells(KIND, f"{HEADINGS}\n{GOOD}".replace(",", "\t"))
    assert importing.plan(KIND, rows, PROGRAM).count("new") == 1


@on_both
@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_positions_in_other_datums_land_where_they_belong(datum: str, app: Flask) -> None:
    truth = Point(39.98, 116.33)
    there = convert(truth, Datum.WGS84, Datum(datum))
    assert geodesic_metres(truth.lat, truth.lon, there.lat, there.lon) > 300
    apply(sheet(GOOD.replace("39.98,116.33,wgs84", f"{there.lat!r},{there.lon!r},{datum}")))
    landed = get_station("HD-NEW-1")
    assert geodesic_metres(truth.lat, truth.lon, landed.lat, landed.lon) < 1


@on_both
def test_a_column_that_the_sheet_lacks_keeps_what_is_there(app: Flask) -> None:
    before = get_station("GH-HD-01")
    apply(sheet("GH-HD-01,010-87654321", headings="编号,电话"))
    after = get_station("GH-HD-01")
    assert after.phone == "01087654321"
    assert (after.name, after.hours, after.services, after.lat, after.said) == (
        before.name, before.hours, before.services, before.lat, before.said,
    )  # fmt: skip


@on_both
def test_undo_restores_exactly(app: Flask) -> None:
    haidian, before = actor("haidian"), station_values()
    exported = write_xlsx(*_export(haidian, lambda row: row | {"name": row["name"] + "改", "hours": "09:00-17:00"}))
    run_id = apply(exported, haidian, "all.xlsx")
    added = apply(sheet(GOOD), haidian)
    assert sum(before.get(code) != values for code, values in station_values().items()) == 9
    undo(added, haidian)
    undo(run_id, haidian)
    assert station_values() == before
    assert audit.find_break() is None
    with pytest.raises(Refused, match="not_last"):
        undo(run_id, haidian)


def _export(me: Actor, change: Callable[[dict[str, str]], dict[str, str]]) -> tuple[list[str], list[list[str]]]:
    rows = [change(values) for values in importing.list_mine(KIND, me)]
    return [names[0] for names in KIND.headings.values()], [[row[name] for name in KIND.headings] for row in rows]


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_an_export_read_back_changes_nothing(write: Callable[..., bytes], app: Flask) -> None:
    a_team()
    a_volunteer(team="T1", skills={"english": None, "first_aid": date(2028, 1, 31)})
    for name, kind in KINDS.items():
        headings = [names[0] for names in kind.headings.values()]
        if name in {"items", "stock", "limits"}:
            continue  # shown with the demonstration's stock in test_stock_sheets
        records = importing.list_mine(kind, PROGRAM)[:300]
        content = write(headings, [[record[field] for field in kind.headings] for record in records])
        again = plan(content, name=f"a.{write.__name__.removeprefix('write_')}", kind=name)
        assert again.count("same") == len(again.rows) == len(records) > 0, name


@on_both
def test_undo_is_refused_where_a_row_was_changed_since(app: Flask) -> None:
    run_id = apply(sheet(GOOD, "GH-HD-01,演示,union_point,YS-BJ-110108,海淀区,39.9,116.3,wgs84,,"))
    with transaction():
        verify("GH-HD-01", PROGRAM)
    before = station_values()
    with pytest.raises(Refused, match="moved") as refused:
        undo(run_id)
    assert "GH-HD-01" in str(refused.value.message)
    assert "HD-NEW-1" not in str(refused.value.message)
    assert station_values() == before
    db.session.rollback()
    assert importing.get_run(run_id, PROGRAM).state == "applied"


@on_both
def test_what_happens_between_preview_and_applying_is_not_overwritten(app: Flask) -> None:
    run_id = keep(sheet("GH-HD-01,010-87654321", headings="编号,电话"))
    with transaction():
        set_state("GH-HD-01", StationState.OPEN, "", PROGRAM, get_calendar().zone)
    opened = get_station("GH-HD-01").said
    with transaction():
        importing.apply_run(importing.get_run(run_id, PROGRAM), PROGRAM)
    assert get_station("GH-HD-01").said == opened
    assert get_station("GH-HD-01").phone == "01087654321"


@on_both
def test_an_import_is_applied_once(app: Flask) -> None:
    run_id = apply(sheet(GOOD))
    version = get_station("HD-NEW-1").version
    with pytest.raises(Refused, match="applied"), transaction():
        importing.apply_run(importing.get_run(run_id, PROGRAM), PROGRAM)
    assert get_station("HD-NEW-1").version == version


@on_both
def test_rows_of_others_are_refused_unseen(app: Flask) -> None:
    haidian = actor("haidian")
    secret = get_station("MD-001")
    stolen = f"MD-001,{GOOD.partition(',')[2]}"  # into one's own organization
    planned = plan(sheet("MD-001,,,,,,,,010-87654321,", stolen.replace("MD-001", "MD-002"), GOOD), haidian)
    assert [(row.verdict, row.errors[0][0] if row.errors else "") for row in planned.rows] == [
        ("wrong", "code"), ("wrong", "code"), ("new", ""),
    ]  # fmt: skip
    shown = repr([(row.before, row.after, [str(text) for _name, text in row.errors]) for row in planned.rows])
    for value in (secret.name, secret.address, secret.phone):
        assert value not in shown
    foreign = plan(sheet(GOOD.replace("YS-BJ-110108", "YS-QY")), haidian).rows[0]
    assert foreign.errors[0][0] == "organization"
    apply(sheet(stolen, GOOD), haidian)
    assert get_station("MD-001") == secret
    assert get_station("HD-NEW-1").path.startswith("YS-BJ/YS-BJ-110108/")


@on_both
def test_an_archived_station_of_others_is_not_brought_back(app: Flask) -> None:
    with transaction():
        KIND.remove("MD-001", PROGRAM)
    row = plan(sheet(f"MD-001,{GOOD.partition(',')[2]}"), actor("haidian")).rows[0]
    assert (row.verdict, row.errors[0][0]) == ("wrong", "code")


def test_an_export_holds_only_ones_own(app: Flask) -> None:
    mine = {values["organization"] for values in importing.list_mine(KIND, actor("haidian"))}
    assert mine == {"YS-BJ-110108"}
    assert len(importing.list_mine(KIND, PROGRAM)) > 200


def test_another_persons_import_cannot_be_found(app: Flask) -> None:
    run_id = keep(sheet(GOOD))
    with pytest.raises(NotFound):
        importing.get_run(run_id, actor("haidian"))
    with pytest.raises(NotFound):
        importing.get_run(2**40, PROGRAM)


@pytest.mark.parametrize(
    ("kind", "headings", "line", "field"),
    [
        ("gates", "考点编号,入口编号,入口名称,纬度,经度", "KD-NONE,E,东门,39.9,116.4", "site"),
        ("gates", "考点编号,入口编号,入口名称,纬度,经度", f"KD0108-12,{'E' * 21},东门,39.9,116.4", "code"),
        ("organizations", "编号,名称,类型,上级编号", "YS-NEW,新会,基层工会,NOBODY", "parent"),
        ("organizations", "编号,名称,类型,上级编号", "YS-BJ-110108,海淀,区县工会,YS-QY", "parent"),
        ("sessions", TIMETABLE, "S90,物理,2027-06-09,11:00,08:00,08:15,通知", "end"),
        ("sessions", TIMETABLE, "S90,物理,2027-06-09,08:00,09:30,05:00,通知", "entry_closes"),
        ("sessions", TIMETABLE, "S90,物理,6月9日,08:00,09:30,08:15,通知", "date"),
    ],
)
def test_other_kinds_name_the_wrong_field_too(kind: str, headings: str, line: str, field: str, app: Flask) -> None:
    row = plan(sheet(line, headings=headings), kind=kind).rows[0]
    assert row.verdict == "wrong"
    assert row.errors[0][0] == field


@on_both
def test_what_only_the_database_can_refuse_leaves_nothing_behind(app: Flask) -> None:
    lines = ("119001,新区,39.9,116.4", "119002,新区,39.9,116.4")
    run_id = keep(sheet(*lines, headings="编号,名称,纬度,经度"), kind="districts")
    before = KINDS["districts"].current()
    with pytest.raises(Refused, match="clash"), transaction():
        importing.apply_run(importing.get_run(run_id, PROGRAM), PROGRAM)
    assert KINDS["districts"].current() == before
    db.session.rollback()
    assert importing.get_run(run_id, PROGRAM).state == "previewed"


def test_a_sheet_without_its_key_column_is_refused(app: Flask) -> None:
    with pytest.raises(Refused, match="columns") as refused:
        plan(sheet("站", headings="名称,电话"))
    assert "编号" in str(refused.value.message)


def test_too_many_rows_are_refused(app: Flask) -> None:
    with pytest.raises(Invalid, match="too_many_rows"):
        plan(sheet(*[GOOD] * (importing.LIMITS.max_rows + 1)))
