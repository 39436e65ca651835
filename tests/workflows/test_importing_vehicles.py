"""A company's list of vehicles, from the preview over every wrong row to the undo."""

from collections import Counter
from datetime import date

import pytest
from conftest import on_both
from flask import Flask

from stations.accounts.rules import PROGRAM, Actor, Scope
from stations.config import ROOT
from stations.fleet.actions.vehicles import set_state
from stations.fleet.queries.vehicles import get_vehicle, list_vehicles, vehicle_values
from stations.fleet.rules.vehicles import VehicleState
from stations.kernel.db import db, transaction
from stations.kernel.errors import Refused
from stations.kernel.sheets import write_csv, write_xlsx
from stations.workflows import importing
from stations.workflows.sheet_kinds import KINDS

KIND = KINDS["vehicles"]
HEADINGS = (
    "车辆编号,车牌,车型,座位,所属单位,基地站点,贴纸号,司机电话,"
    "驾驶证有效期,行驶证有效期,保险有效期,驾驶员检查日期,无障碍,值班时间"
)
NEW = "X1,京A12345,轿车,四,YS-QY,MD-001,252,13800138000,2029-05-01,2030年1月2日,2027/12/31,2027-06-07,无,06:00-19:00"
HAIDIAN = Actor("haidian", "", (Scope("organizer", "YS-BJ/YS-BJ-110108/"),))
FILE = ROOT / "data/demo/vehicles.csv"


def keep(content: bytes, me: Actor = PROGRAM, name: str = "a.csv") -> int:
    with transaction():
        return importing.keep_rows(KIND, importing.read_file(KIND, name, content), name, me)


def apply(run_id: int, me: Actor = PROGRAM) -> dict[str, int]:
    with transaction():
        return importing.apply_run(importing.get_run(run_id, me), me)


def plan(content: bytes, me: Actor = PROGRAM) -> importing.Plan:
    return importing.plan(KIND, importing.read_file(KIND, "a.csv", content), me)


def sheet(*lines: str) -> bytes:
    return "\n".join([HEADINGS, *lines]).encode()


@on_both
def test_a_list_is_applied_once_and_undone_in_one_step(app: Flask) -> None:
    before = vehicle_values()
    changed = "V004,演A00004,SUV,6,YS-QY,MD-004,004,010-00010004,2031-03-22,2030-09-09,2027-08-10,2027-06-07,否,全天"
    run = keep(sheet(NEW, changed))
    assert apply(run) == {"new": 1, "changed": 1, "same": 0, "wrong": 0}
    added, vehicle = get_vehicle("X1"), get_vehicle("V004")
    assert (added.plate, added.seats, added.state) == ("京A·12345", 4, VehicleState.OFF)
    assert (vehicle.kind, vehicle.seats, vehicle.duty_until_minute, vehicle.state) == ("suv", 6, 1440, "standby")
    assert apply(keep(sheet(NEW, changed))) == {"new": 0, "changed": 0, "same": 2, "wrong": 0}
    last = importing.find_last_applied(PROGRAM)
    assert last is not None
    for run_id in (last.id, run):
        with transaction():
            importing.undo_run(importing.get_run(run_id, PROGRAM), PROGRAM)
    assert vehicle_values() == before


@on_both
def test_a_paper_that_ran_out_takes_the_vehicle_off_duty(app: Flask) -> None:
    with transaction():
        set_state("V001", VehicleState.STANDBY, PROGRAM)
    apply(keep("车辆编号,保险有效期\nV001,2027-06-06\nV002,2027-06-07".encode()))
    assert [get_vehicle(code).state.value for code in ("V001", "V002")] == ["off", "standby"]


def test_every_wrong_row_says_what_is_wrong(app: Flask) -> None:
    wrong = {
        "seats": NEW.replace("四", "1000000000"),
        "plate": NEW.replace("京A12345", "<b>京A</b>"),
        "kind": NEW.replace("轿车", "飞船"),
        "station": NEW.replace("MD-001", "没有的站"),
        "organization": NEW.replace("YS-QY", "NOBODY"),
        "driver_checked_on": NEW.replace("2027-06-07", "2027-06-08"),
        "duty": NEW.replace("06:00-19:00", "19:00-06:00"),
        "code": NEW.replace("X1", "车 1"),
        "insurance_until": NEW.replace("2027/12/31", "=NOW()"),
    }
    rows = plan(sheet(*(line.replace("X1,", f"X{n},") for n, line in enumerate(wrong.values(), 1)))).rows
    assert [(row.verdict, [name for name, _message in row.errors]) for row in rows] == [
        ("wrong", [name]) for name in wrong
    ]
    assert plan(sheet(NEW, NEW)).count("wrong") == 1
    assert plan(sheet(NEW), HAIDIAN).rows[0].errors[0][0] == "organization"
    assert plan(sheet(NEW.replace("X1", "V004")), HAIDIAN).rows[0].errors[0][0] == "code"


@on_both
def test_a_plate_twice_writes_nothing(app: Flask) -> None:
    before = vehicle_values()
    run = keep(sheet(NEW, NEW.replace("X1", "X2")))
    with pytest.raises(Refused, match=r"vehicle\.plate"):
        apply(run)
    db.session.rollback()
    assert vehicle_values() == before


def test_what_was_exported_changes_nothing_when_it_comes_back(app: Flask) -> None:
    records = importing.list_mine(KIND, PROGRAM)
    headings = [names[0] for names in KIND.headings.values()]
    rows = [[record[name] for name in KIND.headings] for record in records]
    for write, name in ((write_csv, "a.csv"), (write_xlsx, "a.xlsx")):
        assert apply(keep(write(headings, rows), name=name)) == {"new": 0, "changed": 0, "same": 251, "wrong": 0}
    assert len(importing.list_mine(KIND, HAIDIAN)) == len(list_vehicles(HAIDIAN.paths("fleet.write")))


def test_the_demonstration_s_vehicles_stand_by_but_for_six(app: Flask) -> None:
    assert plan(FILE.read_bytes()).count("same") == 251
    rows = list_vehicles(("",))
    off = [row for row in rows if row.state is VehicleState.OFF]
    assert (len(rows), len(off)) == (251, 6)
    missing = Counter(paper for row in off for paper in row.list_missing(date(2027, 6, 7)))
    assert missing == {"driver_check": 4, "insurance": 1, "registration": 1}
    assert sum(row.has_wheelchair for row in rows) == 8
    assert {row.sticker_no for row in rows} == {f"{n:03}" for n in range(1, 252)}
    assert all(row.crew_phone.startswith("0100001") for row in rows)
