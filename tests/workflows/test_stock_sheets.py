"""An organizer's own stock sheet: names or codes, cases and bottles, lots, cross tables; counted into the ledger."""

import io
from datetime import date

import pytest
from conftest import on_both
from factories.stock import HERE, THERE, an_item, balances, issue, limits, new_id, on_shelf
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from sqlalchemy import func, select

from stations.accounts.models import Person
from stations.accounts.queries import get_actor
from stations.accounts.rules import PROGRAM, Actor
from stations.kernel import clock
from stations.kernel.db import db, transaction
from stations.kernel.errors import Invalid, Refused
from stations.kernel.sheets import read_pasted, write_csv
from stations.seasons.queries import get_calendar
from stations.stock.actions.ledger import receive
from stations.stock.models import Movement, StockCount, StockLimit
from stations.stock.queries.alerts import list_alerts
from stations.stock.queries.items import list_items, list_kits
from stations.stock.queries.ledger import list_differences
from stations.stock.queries.levels import list_levels
from stations.stock.queries.loans import list_loans
from stations.stock.queries.sheets import limit_values
from stations.stock.queries.transfers import list_transfers
from stations.stock.rules.ledger import ReceiveOrder
from stations.workflows import importing, sheet_runs
from stations.workflows.planning import Plan, list_mine
from stations.workflows.preparing import load_stock
from stations.workflows.sheet_kinds import KINDS

STOCK = KINDS["stock"]
HERE_NAME, THERE_NAME = "演示工会伴考点·海淀01", "演示工会伴考点·海淀02"


def plan(text: str, kind: str = "stock", me: Actor = PROGRAM) -> Plan:
    return importing.plan(KINDS[kind], importing.read_cells(KINDS[kind], text), me)


def apply(text: str, kind: str = "stock", me: Actor = PROGRAM) -> int:
    with transaction():
        run_id = importing.keep_rows(KINDS[kind], importing.read_cells(KINDS[kind], text), "a.csv", me)
        importing.apply_run(importing.get_run(run_id, me), me)
    return run_id


def undo(run_id: int, me: Actor = PROGRAM) -> None:
    with transaction():
        importing.undo_run(importing.get_run(run_id, me), me)


def person(username: str) -> Actor:
    return get_actor(db.session.execute(select(Person.id).where(Person.username == username)).scalar_one())


def complaints(planned: Plan) -> list[tuple[int, str, str]]:
    return [
        (row.number, field, message.message % message.values) for row in planned.rows for field, message in row.errors
    ]


@on_both
def test_balances_are_counted_in_changed_by_nothing_again_and_undone_in_one_step(app: Flask) -> None:
    an_item("bottles", name="饮用水")
    an_item("pens", name="签字笔", unit="支", case_unit="盒", units_per_case=12)
    on_shelf(50)
    sheet = (
        "网点,物资（单位）,数量\n"
        f"{HERE_NAME},饮用水（瓶）,３箱＋６瓶\n"
        f",签字笔,两盒\n{THERE},bottles,36\n{THERE_NAME},签字笔,三十\n"
    )
    before = balances()
    run_id = apply(sheet)
    after = {(HERE, "bottles", ""): 78, (HERE, "pens", ""): 24, (THERE, "bottles", ""): 36, (THERE, "pens", ""): 30}
    assert balances() == after
    kinds = db.session.execute(select(Movement.kind, Movement.quantity, Movement.about).order_by(Movement.id)).all()
    assert [tuple(row) for row in kinds] == [
        ("receipt", 50, ""), *(("adjustment", units, f"import:{run_id}") for units in (28, 24, 36, 30)),
    ]  # fmt: skip
    counted = db.session.execute(select(StockCount.expected, StockCount.counted).order_by(StockCount.id)).all()
    assert [tuple(row) for row in counted] == [(50, 78), (0, 24), (0, 36), (0, 30)]

    assert plan(sheet).count("same") == 4
    undo(run_id)
    assert balances() == before
    assert list_differences() == []
    assert db.session.execute(select(func.count()).where(Movement.kind == "reversal")).scalar() == 4
    with pytest.raises(Refused, match="not_last"):
        undo(run_id)


@on_both
def test_undo_is_refused_as_a_whole_where_a_shelf_moved_since(app: Flask) -> None:
    an_item()
    an_item("pens")
    run_id = apply(f"站点,物资,数量\n{HERE},bottles,10\n{HERE},pens,5\n")
    issue(1)
    with pytest.raises(Refused, match="moved") as refused:
        undo(run_id)
    assert "GH-HD-01/bottles" in str(refused.value.message)
    assert "pens" not in str(refused.value.message)
    db.session.rollback()
    assert balances() == {(HERE, "bottles", ""): 9, (HERE, "pens", ""): 5}
    assert importing.get_run(run_id, PROGRAM).state == "applied"


@on_both
def test_lots_keep_their_expiry_and_an_expiry_alone_makes_a_lot(app: Flask) -> None:
    an_item()
    on_shelf(5, lot="A1", expires=date(2027, 7, 1))
    heading = "站点\t物资\t批号\t有效期\t数量\n"
    run_id = apply(
        f"{heading}{HERE}\tbottles\tA1\t\t7\n{HERE}\tbottles\t\t2027/9/30\t3\n{HERE}\tbottles\tB2\t46690\t4\n"
        f"{HERE}\tbottles\t-\t\t2\n{HERE}\tbottles\tC3\t2027年8月\t0\n"
    )
    now = {(HERE, "bottles", "A1"): 7, (HERE, "bottles", "20270930"): 3, (HERE, "bottles", "B2"): 4}
    assert balances() == {**now, (HERE, "bottles", ""): 2}
    records = {row["lot"]: row["expiry_date"] for row in list_mine(STOCK, PROGRAM)}
    assert records == {"A1": "2027-07-01", "20270930": "2027-09-30", "B2": "2027-10-30", "-": ""}
    assert [row.verdict for row in plan(f"{heading}{HERE}\tbottles\tA1\t2027.7.1\t7\n").rows] == ["same"]
    wrong = plan(
        f"{heading}{HERE}\tbottles\tA1\t2027-07-02\t7\n{THERE}\tbottles\tD4\t2028-01-01\t7\n"
        f"MD-001\tbottles\tD4\t2028-01-02\t7\n{HERE}\tbottles\tE5\t2月30日\t1\n{HERE}\tbottles\t-\t2028-01-01\t1\n"
    )
    assert [(row, field) for row, field, _said in complaints(wrong)] == [
        (2, "expiry_date"), (4, "expiry_date"), (5, "expiry_date"), (6, "expiry_date"),
    ]  # fmt: skip
    undo(run_id)
    assert balances() == {(HERE, "bottles", "A1"): 5}


@on_both
def test_a_row_without_a_lot_counts_the_item_as_a_whole(app: Flask) -> None:
    an_item()
    on_shelf(5, lot="soon", expires=date(2027, 6, 30))
    on_shelf(5, lot="late", expires=date(2027, 9, 30))
    more = apply(f"站点,物资,数量\n{HERE},bottles,12\n")
    assert balances() == {(HERE, "bottles", "soon"): 5, (HERE, "bottles", "late"): 7}
    fewer = apply(f"站点,物资,数量\n{HERE},bottles,3\n")
    assert balances() == {(HERE, "bottles", "late"): 3}
    undo(fewer)
    undo(more)
    assert balances() == {(HERE, "bottles", "soon"): 5, (HERE, "bottles", "late"): 5}
    both = plan(f"站点,物资,批号,数量\n{HERE},bottles,,12\n{HERE},bottles,soon,5\n")
    assert [(row, field) for row, field, _said in complaints(both)] == [(3, "lot")]


WRONG = (
    ("NOWHERE,bottles,1", "station", 'Nothing has the name or code "NOWHERE".'),
    (f"{HERE},nothing,1", "item", 'Nothing has the name or code "nothing".'),
    (f"{HERE},水,1", "item", 'Several have the name "水". Please write the code.'),
    (f"{HERE},bottles,三箱半", "quantity", '"半" is not a number.'),
    (f"{HERE},bottles,-1", "quantity", '"-1" is below zero.'),
    (f"{HERE},bottles,1.5", "quantity", '"1.5" must be a whole number.'),
    (f"{HERE},bottles,1000000000", "quantity", '"1000000000" is more than 1000000.'),
    (f"{HERE},bottles,", "quantity", "Please fill this in."),
    (f"{HERE},bottles,=1+1", "quantity", "This is a formula. Please paste its value."),
    (f",bottles,{'9' * 300}", "quantity", f'"{"9" * 40}…" is too long.'),
)


def test_every_wrong_cell_is_named_and_the_rest_is_written(app: Flask) -> None:
    an_item("bottles", name="水")
    an_item("cans", name="水")
    for line, field, said in WRONG:
        assert complaints(plan(f"站点,物资,数量\n{line}\n")) == [(2, field, said)], line
    mixed = "\n".join(
        ["站点,物资,数量", f"{HERE},nothing,1", f"{HERE},cans,4", f"{HERE_NAME},CANS,5", "", f"{THERE},bottles,1箱"]
    )
    assert complaints(plan(mixed)) == [
        (2, "item", 'Nothing has the name or code "nothing".'), (4, "item", "This repeats row 3."),
    ]  # fmt: skip
    apply(mixed)
    assert balances() == {(HERE, "cans", ""): 4, (THERE, "bottles", ""): 24}


def test_a_cross_table_is_read_both_ways(app: Flask) -> None:
    an_item("bottles", name="饮用水")
    an_item("pens", name="签字笔", unit="支", case_unit="盒", units_per_case=12)
    apply(f"网点,饮用水（瓶）,签字笔,合计\n{HERE_NAME},1箱,7,31\n{THERE},,5,5\n")
    assert balances() == {(HERE, "bottles", ""): 24, (HERE, "pens", ""): 7, (THERE, "pens", ""): 5}
    apply(f"品名,{HERE_NAME},{THERE}\n饮用水,2箱,1箱+1瓶\npens,,\n")
    assert balances() == {
        (HERE, "bottles", ""): 48, (HERE, "pens", ""): 7, (THERE, "bottles", ""): 25, (THERE, "pens", ""): 5,
    }  # fmt: skip
    again = plan(f"网点,饮用水,bottles\n{HERE},1,2\n")
    assert [(row, field) for row, field, _said in complaints(again)] == [(2, "item")]


def test_a_station_merged_over_its_rows_stands_for_each_of_them(app: Flask) -> None:
    an_item()
    an_item("pens")
    book = Workbook()
    page = book.active
    page.append(["海淀区物资盘点表"])
    page.append(["网点", "品名", "有效期至", "现有数量"])
    page.append([HERE_NAME, "bottles", date(2027, 12, 31), 24])
    page.append([None, "pens", None, 6.0])
    page.merge_cells("A3:A4")
    page.append([THERE_NAME, "pens", None, "8"])
    out = io.BytesIO()
    book.save(out)
    rows = importing.read_file(STOCK, "盘点.xlsx", out.getvalue())
    with transaction():
        run_id = importing.keep_rows(STOCK, rows, "盘点.xlsx", PROGRAM)
        importing.apply_run(importing.get_run(run_id, PROGRAM), PROGRAM)
    assert balances() == {
        (HERE, "bottles", "20271231"): 24, (HERE, "pens", ""): 6, (THERE, "pens", ""): 8,
    }  # fmt: skip


@on_both
def test_another_district_cannot_be_counted_nor_seen(app: Flask) -> None:
    an_item()
    on_shelf(5)
    on_shelf(9, station="GH-PG-01")
    limits(1, 2, 3, station="GH-PG-01")
    haidian = person("haidian")
    text = f"站点,物资,数量\nGH-PG-01,bottles,1\nGH-PG-02,bottles,1\n{HERE},bottles,6\n"
    planned = plan(text, me=haidian)
    assert [(row.verdict, row.before) for row in planned.rows][:2] == [("wrong", {}), ("wrong", {})]
    assert [(row, field) for row, field, _said in complaints(planned)] == [(2, "station"), (3, "station")]
    apply(text, me=haidian)
    assert balances() == {(HERE, "bottles", ""): 6, ("GH-PG-01", "bottles", ""): 9}
    assert [row["station"] for row in list_mine(STOCK, haidian)] == [HERE]
    assert list_mine(KINDS["limits"], haidian) == []
    assert complaints(plan("站点,物资,上限\nGH-PG-01,bottles,9\n", "limits", haidian))[0][1] == "station"


@on_both
def test_limits_are_set_from_the_same_sheet_and_undone(app: Flask) -> None:
    an_item(name="饮用水")
    on_shelf(10)
    limits(1, 2, 30)
    sheet = f"网点,品名,最低库存,安全库存,上限,数量\n{HERE},饮用水,6,1箱,3箱,10\n{THERE},饮用水,,12,,\n"
    run_id = apply(sheet, "limits")
    levels = {key: tuple(row.values())[2:] for key, row in limit_values().items()}
    assert levels == {f"{HERE}/bottles": ("6", "24", "72"), f"{THERE}/bottles": ("0", "12", "12")}
    assert [(row.station, row.level) for row in list_alerts([""])] == [(HERE, 1)]
    assert plan(sheet, "limits").count("same") == 2
    wrong = plan(f"站点,物资,最低,上限\n{HERE},bottles,30,20\n", "limits")
    assert [(row, field) for row, field, _said in complaints(wrong)] == [(2, "max_level")]
    undo(run_id)
    assert {key: tuple(row.values())[2:] for key, row in limit_values().items()} == {
        f"{HERE}/bottles": ("1", "2", "30")
    }
    assert db.session.execute(select(func.count()).select_from(StockLimit)).scalar() == 1
    assert list_alerts([""]) == []


@on_both
def test_items_and_kits_come_as_a_sheet(app: Flask) -> None:
    heading = "编号,名称,类别,单位,箱单位,每箱数量,含酒精,考场,内含\n"
    rows = (
        "water,饮用水,饮品,瓶,箱,24,否,未知,\ntonic,藿香正气水,药品,支,盒,10,是,,\n"
        "bag,伴考包,套包,个,,,,,water×2；tonic\n"
    )
    run_id = apply(heading + rows, "items")
    assert list_items()["tonic"].contains_alcohol
    assert list_kits() == {"bag": {"water": 2, "tonic": 1}}
    assert plan(heading + rows, "items").count("same") == 3
    lines = ("a,甲,套包,个,,,,,nothing", "b,乙,套包,个,,,,,bag*1", "c,丙,无,个,,,,,", "d,丁,套包,个,,,,,water*x")
    wrong = plan(heading + "\n".join(lines), "items")
    assert [(row, field) for row, field, _said in complaints(wrong)] == [
        (2, "parts"), (3, "parts"), (4, "category"), (5, "parts"),
    ]  # fmt: skip
    undo(run_id)
    assert list_items() == {}
    kept = apply(heading + rows, "items")
    on_shelf(1, "water")
    with pytest.raises(Refused, match="clash"):
        undo(kept)
    db.session.rollback()
    assert list(list_kits()) == ["bag"]


def test_columns_are_guessed_changed_and_cells_are_fixed_in_place(app: Flask) -> None:
    an_item()
    sheet = read_pasted(f"哪里,站点名称,物资,数量,备注\n{HERE},某处,bottels,1箱,x\n{THERE},某处,bottles,2,y\n")
    with transaction():
        run_id = sheet_runs.keep_sheet(STOCK, sheet, "a.csv", PROGRAM)
    run = importing.get_run(run_id, PROGRAM)
    assert run.columns == {"station": "站点名称", "item": "物资", "quantity": "数量"}
    assert [row.verdict for row in importing.plan_run(run, PROGRAM).rows] == ["wrong", "wrong"]
    with transaction():
        sheet_runs.set_columns(STOCK, run_id, run.columns | {"station": "哪里"}, PROGRAM)
        sheet_runs.fix_cells(STOCK, run_id, {(0, "item"): "bottles"}, PROGRAM)
    for columns in ({"station": "没有"}, {"nothing": "哪里"}, {"station": "哪里"}):
        with pytest.raises(Refused), transaction():
            sheet_runs.set_columns(STOCK, run_id, columns, PROGRAM)
    for cell in ((2, "item"), (0, "nothing"), (-1, "item")):
        with pytest.raises(Invalid), transaction():
            sheet_runs.fix_cells(STOCK, run_id, {cell: "x"}, PROGRAM)
    with transaction():
        importing.apply_run(importing.get_run(run_id, PROGRAM), PROGRAM)
    assert balances() == {(HERE, "bottles", ""): 24, (THERE, "bottles", ""): 2}
    with pytest.raises(Refused, match="applied"), transaction():
        sheet_runs.fix_cells(STOCK, run_id, {(0, "item"): "pens"}, PROGRAM)


@pytest.mark.usefixtures("app")
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from((HERE, THERE, "MD-001")), st.sampled_from(("bottles", "pens")),
            st.sampled_from((("", None), ("A", date(2027, 7, 1)), ("B", date(2028, 1, 31)))), st.integers(1, 999),
        ),
        min_size=1, max_size=12,
    )
)  # fmt: skip
def test_what_is_exported_changes_nothing_when_it_is_imported(
    received: list[tuple[str, str, tuple[str, date | None], int]],
) -> None:
    if not list_items():
        an_item()
        an_item("pens")
    zone = get_calendar().zone
    with transaction():
        for station, item, (lot, expiry), units in received:
            receive(ReceiveOrder(new_id(), station, item, units, lot, expiry), PROGRAM, zone)
    before, records = balances(), list_mine(STOCK, PROGRAM)
    content = write_csv([names[0] for names in STOCK.headings.values()], [list(row.values()) for row in records])
    again = importing.plan(STOCK, importing.read_file(STOCK, "a.csv", content), PROGRAM)
    assert again.count("same") == len(again.rows) == len(records)
    assert sum(int(row["quantity"]) for row in records) == sum(before.values())


def test_the_demonstration_has_a_morning_behind_it(app: Flask) -> None:
    load_stock()
    now, zone = clock.now(), get_calendar().zone
    assert list_differences() == []
    assert "every balance" in app.test_cli_runner().invoke(args=["stock", "verify"]).output
    kinds = set(db.session.execute(select(Movement.kind).distinct()).scalars())
    told = "receipt issue adjustment write_off reversal loan return assembly hold transfer_out transfer_in"
    assert kinds == set(told.split())
    last = db.session.execute(select(func.max(Movement.at))).scalar_one()
    assert last <= now
    assert {row.state for row in list_transfers([""], live=False)} == {"requested", "sent", "received"}
    assert len(list_loans([""])) == 5
    levels = list_levels([""], now, zone)
    assert len({row.station for row in levels}) > 200
    assert {row.level for row in list_alerts([""])} == {2, 3}
    assert sum(row.expired > 0 for row in levels) == 2
    assert any(row.outlook.hours is not None and 0 < row.outlook.hours < 4 for row in levels)

    count = db.session.execute(select(func.count()).select_from(Movement)).scalar_one()
    load_stock()
    assert db.session.execute(select(func.count()).select_from(Movement)).scalar_one() == count
    for name in ("items", "stock", "limits"):
        records = list_mine(KINDS[name], PROGRAM)
        rows = [(number, row) for number, row in enumerate(records, 2)]
        assert importing.plan(KINDS[name], rows, PROGRAM).count("same") == len(records) > 0
