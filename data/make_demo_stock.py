"""Make the stock of the demonstration: items, balances, limits and the movements of its first morning.

Run as `python data/make_demo_stock.py`. Seeded: the same stations give the same bytes. A busy station's day follows
reported figures (SOURCES.md); which station has what, every lot, expiry and movement is invented.
"""

import csv
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

DEMO = Path(__file__).resolve().parent / "demo"
SEED = 20270607

ITEM_FIELDS = (
    "code", "name", "name_en", "category", "unit", "case_unit", "units_per_case", "contains_alcohol", "exam_room",
    "is_lent", "is_public", "service", "parts",
)  # fmt: skip
NO, YES = "no", "yes"
# What the examination rules list for the exam room is permitted; of the rest nothing is promised.
ITEMS = (
    ("water", "饮用水", "Drinking water", "drink", "瓶", "箱", 24, NO, "unknown", NO, YES, "water", ""),
    ("electrolyte", "电解质饮料", "Electrolyte drink", "drink", "瓶", "箱", 15, NO, "unknown", NO, YES, "", ""),
    ("bread", "小面包", "Bread rolls", "food", "个", "箱", 40, NO, "unknown", NO, YES, "", ""),
    ("biscuits", "苏打饼干", "Crackers", "food", "包", "箱", 30, NO, "unknown", NO, YES, "", ""),
    ("pencil-2b", "2B铅笔", "2B pencils", "stationery", "支", "盒", 12, NO, "permitted", NO, YES, "stationery", ""),
    ("pen-black", "0.5毫米黑色签字笔", "Black pens 0.5 mm", "stationery", "支", "盒", 12, NO, "permitted", NO, YES,
     "stationery", ""),
    ("ruler", "直尺", "Rulers", "stationery", "把", "", 1, NO, "permitted", NO, YES, "", ""),
    ("set-square", "三角板", "Set squares", "stationery", "副", "", 1, NO, "permitted", NO, YES, "", ""),
    ("compass", "圆规", "Compasses", "stationery", "个", "", 1, NO, "permitted", NO, YES, "", ""),
    ("eraser", "橡皮（无字）", "Erasers, plain", "stationery", "块", "盒", 30, NO, "permitted", NO, YES, "", ""),
    ("clear-bag", "透明文具袋", "Clear pencil bags", "stationery", "个", "", 1, NO, "unknown", NO, YES, "", ""),
    ("pen-set", "考试文具套装", "Exam stationery sets", "kit", "套", "", 1, NO, "permitted", NO, YES, "",
     "pencil-2b*2;pen-black*2;eraser*1;ruler*1"),
    ("umbrella", "雨伞", "Umbrellas", "weather", "把", "", 1, NO, "unknown", YES, YES, "umbrella", ""),
    ("raincoat", "一次性雨衣", "Raincoats", "weather", "件", "箱", 100, NO, "unknown", NO, YES, "", ""),
    ("fan", "扇子", "Hand fans", "weather", "把", "箱", 200, NO, "unknown", NO, YES, "fan", ""),
    ("sun-hat", "遮阳帽", "Sun hats", "weather", "顶", "箱", 50, NO, "unknown", NO, YES, "", ""),
    ("ice-pack", "冰袋", "Ice packs", "weather", "个", "箱", 50, NO, "unknown", NO, YES, "", ""),
    ("wipes", "湿巾", "Wet wipes", "hygiene", "包", "箱", 60, NO, "unknown", NO, YES, "", ""),
    ("tissues", "纸巾", "Tissues", "hygiene", "包", "箱", 100, NO, "unknown", NO, YES, "", ""),
    ("mask", "口罩", "Masks", "hygiene", "只", "盒", 50, NO, "unknown", NO, YES, "", ""),
    ("sanitary-pad", "卫生巾", "Sanitary pads", "hygiene", "片", "包", 10, NO, "unknown", NO, YES, "", ""),
    ("huoxiang-plain", "藿香正气口服液（不含酒精）", "Huoxiang liquid, alcohol-free", "medicine", "支", "盒", 10, NO,
     "unknown", NO, YES, "", ""),
    ("huoxiang-water", "藿香正气水（含酒精）", "Huoxiang tincture", "medicine", "支", "盒", 10, YES, "unknown", NO, YES,
     "", ""),
    ("glucose", "葡萄糖口服液", "Glucose drink", "medicine", "支", "盒", 10, NO, "unknown", NO, YES, "", ""),
    ("plaster", "创可贴", "Plasters", "medicine", "片", "盒", 100, NO, "unknown", NO, YES, "first_aid", ""),
    ("iodine-swab", "碘伏棉签", "Iodine swabs", "medicine", "支", "盒", 30, NO, "unknown", NO, YES, "", ""),
    ("power-bank", "充电宝", "Power banks", "equipment", "个", "", 1, NO, "forbidden", YES, YES, "", ""),
    ("wheelchair", "轮椅", "Wheelchairs", "equipment", "辆", "", 1, NO, "unknown", YES, YES, "", ""),
    ("chair", "折叠椅", "Folding chairs", "equipment", "把", "", 1, NO, "unknown", NO, NO, "", ""),
    ("parent-kit", "伴考包", "Parent kits", "kit", "个", "", 1, NO, "unknown", NO, YES, "",
     "water*1;fan*1;tissues*1;wipes*1"),
    ("staff-kit", "暖心包", "Volunteer kits", "kit", "个", "", 1, NO, "unknown", NO, NO, "",
     "water*2;sun-hat*1;wipes*1;huoxiang-plain*1"),
)  # fmt: skip

# What one busy station hands out in a day: reported are 2,330 bottles, 660 goods and 19 pen sets; the split is ours.
DAY_UNITS = {
    "water": 2330, "electrolyte": 90, "bread": 60, "biscuits": 40, "pencil-2b": 20, "pen-black": 30, "ruler": 6,
    "set-square": 4, "compass": 3, "eraser": 12, "clear-bag": 10, "pen-set": 19, "raincoat": 60, "fan": 150,
    "sun-hat": 40, "ice-pack": 60, "wipes": 120, "tissues": 150, "mask": 40, "sanitary-pad": 10,
    "huoxiang-plain": 16, "huoxiang-water": 6, "glucose": 10, "plaster": 14, "iodine-swab": 8, "parent-kit": 30,
    "staff-kit": 24,
}  # fmt: skip
LENT = {"umbrella": 20, "power-bank": 12, "wheelchair": 1, "chair": 30}
SHOP_ITEMS = ("water", "pencil-2b", "pen-black", "tissues", "power-bank")
DAY_HOURS = 11
TWO_LOTS = {"water", "bread", "glucose", "huoxiang-plain"}
EXPIRES = {
    "water": ("2028-03-31", "2028-05-12"), "electrolyte": ("2027-12-31",), "bread": ("2027-06-07", "2027-06-11"),
    "biscuits": ("2027-10-31",), "huoxiang-plain": ("2027-09-30", "2029-04-30"), "huoxiang-water": ("2028-08-31",),
    "glucose": ("2027-06-30", "2028-11-30"), "plaster": ("2029-12-31",), "iodine-swab": ("2028-02-28",),
    "wipes": ("2028-06-30",), "mask": ("2029-01-31",), "sanitary-pad": ("2029-06-30",), "ice-pack": (),
}  # fmt: skip
EXPIRED = {("GH-HD-03", "huoxiang-water"): "2027-05-31", ("GH-HD-07", "glucose"): "2027-06-01"}

# Stations whose morning is told: the union points, a rest zone, some shopfronts.
POINTS = tuple(f"GH-HD-{number:02}" for number in range(1, 9))
SHOPS_TOLD = ("MD-001", "MD-002", "MD-004", "MD-005", "MD-007", "MD-010", "MD-015", "MD-031", "MD-060", "MD-090")
TOLD = (*POINTS, "GH-PG-01", *SHOPS_TOLD)
SPARSE = {
    ("MD-004", "water"): 30, ("GH-HD-05", "water"): 300, ("GH-HD-06", "fan"): 14, ("MD-010", "pen-black"): 3,
    ("GH-HD-07", "water"): 520, ("GH-PG-01", "water"): 260, ("GH-HD-01", "tissues"): 40, ("MD-060", "water"): 40,
}  # fmt: skip
TOLD_GOODS = ("fan", "tissues", "wipes", "pen-black", "pencil-2b", "pen-set", "electrolyte", "plaster", "ice-pack")

Morning = list[tuple[Any, ...]]


def write(name: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """One CSV file under data/demo/."""
    with (DEMO / name).open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(headings)
        writer.writerows(rows)


def read_stations() -> dict[str, tuple[str, set[str]]]:
    """(kind, services) of each demonstration station."""
    with (DEMO / "stations.csv").open(encoding="utf-8", newline="") as lines:
        return {row["station_code"]: (row["kind"], set(row["services"].split(";"))) for row in csv.DictReader(lines)}


def people_write(item: str, units: int) -> str:
    """Units as an organizer's sheet has them: 58箱+6瓶."""
    _code, _name, _english, _category, unit, case_unit, per_case, *_flags = next(row for row in ITEMS if row[0] == item)
    cases, rest = divmod(units, int(per_case)) if case_unit else (0, units)
    parts = ([f"{cases}{case_unit}"] if cases else []) + ([f"{rest}{unit}"] if rest or not cases else [])
    return "+".join(parts)


def shelf_items(kind: str, services: set[str]) -> list[str]:
    """What a station of that kind and those services has."""
    if kind == "union_point":
        return [*DAY_UNITS, *LENT]
    if kind == "rest_zone":
        return ["water", "fan", "tissues", "wipes", "ice-pack", "chair"] if "water" in services else []
    extra = (("umbrella", "umbrella"), ("first_aid", "plaster"), ("toilet", "sanitary-pad"))
    return [*SHOP_ITEMS, *(item for service, item in extra if service in services)]


def balance_rows(station: str, items: list[str], share: float, chance: random.Random) -> list[tuple[str, ...]]:
    """(station, item, lot, expiry, quantity) of a morning's shelf."""
    rows = []
    for item in items:
        lent = max(1, round(LENT.get(item, 0) * min(1, share * 1.5)))
        units = lent if item in LENT else max(3, round(DAY_UNITS[item] * share * chance.uniform(0.45, 1.1)))
        units = SPARSE.get((station, item), units)
        expiries = EXPIRES.get(item, ())
        if item in TWO_LOTS and units > 20 and len(expiries) > 1:
            first = round(units * chance.uniform(0.2, 0.5))
            parts = [(expiries[0], first), (expiries[1], units - first)]
        else:
            parts = [(expiries[-1] if expiries else "", units)]
        if (station, item) in EXPIRED:
            parts.append((EXPIRED[station, item], chance.randint(6, 12)))
        rows += [(station, item, lot_code(expiry), expiry, people_write(item, units)) for expiry, units in parts]
    return rows


def lot_code(expiry: str) -> str:
    """An invented lot number."""
    return f"P{expiry.replace('-', '')[2:]}" if expiry else ""


def limit_rows(station: str, items: list[str], share: float) -> list[tuple[object, ...]]:
    """(station, item, minimum, reorder level, maximum): an hour's, two hours' and a day's use."""
    rows = []
    for item in items:
        if item in DAY_UNITS:
            day = DAY_UNITS[item] * share
            low, reorder = round(day / DAY_HOURS), max(1, round(2 * day / DAY_HOURS))
            rows.append((station, item, low, reorder, max(round(day), reorder + 3)))
    return rows


def minute(text: str) -> int:
    """Minutes since midnight."""
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def clock(minutes: int) -> str:
    """The same as a time of day."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def leader(station: str) -> str:
    """The demonstration account that keeps a station."""
    return "lead" if station == "GH-HD-01" else "company" if station.startswith("MD") else "haidian"


def taps(
    station: str, items: list[str], share: float, left: dict[tuple[str, str], int], chance: random.Random
) -> Morning:
    """What is handed out by 07:40: one part in eight of the day's water, less of the rest."""
    told: Morning = []
    by = "city" if station.startswith("GH-PG") else leader(station)
    for item in ("water", *(item for item in TOLD_GOODS if item in items)):
        portion = 0.12 if item == "water" else 0.09
        units = DAY_UNITS[item] * share * portion * chance.uniform(0.6, 1.5)
        if SPARSE.get((station, item), 1000) <= 30:
            units = left[station, item]
        most = 24 if item == "water" and share > 0.5 else 12 if item == "water" else 6
        count = min(max(1, round(units / most)), 14)
        for _tap in range(count):
            at = minute("06:20") + round(77 * chance.random() ** 0.6)
            quantity = min(left[station, item], max(1, round(units / count)))
            if quantity:
                left[station, item] -= quantity
                told.append((clock(at), by, "issue", station, item, quantity, "", "", "", ""))
    return told


TOLD_BY_HAND: Morning = [
    ("06:12", "haidian", "assemble", "GH-HD-02", "parent-kit", 10, "", "", "", ""),
    ("06:35", "city", "receive", "GH-PG-01", "ice-pack", 100, "", "", "", "冷链车送到"),
    ("06:48", "lead", "lend", "GH-HD-01", "wheelchair", 1, "", "", "0001", ""),
    ("06:52", "haidian", "request", "GH-HD-04", "water", 120, "GH-HD-05", "演示-07", "T1", "早高峰前补水"),
    ("06:55", "haidian", "picked", "", "", "", "", "", "T1", ""),
    ("06:58", "lead", "lend", "GH-HD-01", "power-bank", 1, "", "", "0103", ""),
    ("07:01", "haidian", "sent", "", "", "", "", "", "T1", ""),
    ("07:03", "lead", "lend", "GH-HD-01", "umbrella", 1, "", "", "0211", ""),
    ("07:04", "company", "lend", "MD-001", "power-bank", 1, "", "", "0512", ""),
    ("07:05", "haidian", "write_off", "GH-HD-03", "huoxiang-water", 4, "P270531", "", "", "过期，收回销毁"),
    ("07:08", "company", "receive", "MD-002", "water", 96, "P280601", "2028-06-01", "", ""),
    ("07:11", "lead", "count", "GH-HD-01", "sun-hat", 31, "", "", "", "开箱清点"),
    ("07:14", "haidian", "receive", "GH-HD-02", "water", 480, "P280601", "2028-06-01", "", "第二车"),
    ("07:16", "lead", "issue", "GH-HD-01", "mask", 10, "", "", "O1", ""),
    ("07:17", "lead", "reverse", "GH-HD-01", "mask", "", "", "", "O1", "点错了物资"),
    ("07:19", "haidian", "received", "", "water", 118, "", "", "T1", "两瓶破损"),
    ("07:22", "haidian", "count", "GH-HD-08", "ruler", 5, "", "", "", "清点"),
    ("07:24", "haidian", "request", "GH-HD-02", "pen-black", 6, "GH-HD-03", "", "T2", ""),
    ("07:26", "haidian", "picked", "", "", "", "", "", "T2", ""),
    ("07:27", "lead", "give_back", "GH-HD-01", "power-bank", 1, "", "", "0103", ""),
    ("07:28", "company", "lend", "MD-005", "umbrella", 1, "", "", "0730", ""),
    ("07:31", "haidian", "sent", "", "", "", "", "", "T2", ""),
    ("07:33", "lead", "request", "GH-HD-08", "ice-pack", 10, "GH-HD-01", "", "T3", "天热，冰袋用得快"),
    ("07:35", "lead", "lend", "GH-HD-01", "umbrella", 1, "", "", "0214", ""),
    ("07:36", "company", "receive", "MD-090", "tissues", 100, "", "", "", ""),
]


def main() -> None:
    """Write every sheet."""
    chance = random.Random(SEED)  # noqa: S311 (a demonstration, not a secret)
    write("items.csv", ITEM_FIELDS, sorted(ITEMS, key=lambda row: row[3] == "kit"))
    early, late, limits, morning = [], [], [], list(TOLD_BY_HAND)
    for station, (kind, services) in read_stations().items():
        items = shelf_items(kind, services)
        share = chance.uniform(0.45, 1.6) if kind != "shopfront" else chance.uniform(0.05, 0.25)
        rows = balance_rows(station, items, share, chance)
        (early if station in TOLD else late).extend(rows)
        limits += limit_rows(station, items if station in TOLD else items[:1], share)
        if station in TOLD:
            left = {(station, item): 0 for item in items}
            for _station, item, _lot, expiry, quantity in rows:
                if not expiry or expiry >= "2027-06-07":
                    left[station, item] += parse(item, quantity)
            morning += taps(station, items, share, left, chance)
    headings = ("station", "item", "lot", "expiry_date", "quantity")
    write("stock_at_0600.csv", headings, early)
    write("stock_at_0705.csv", headings, late)
    write("stock_limits.csv", ("station", "item", "min", "reorder", "max"), limits)
    columns = (
        "time", "by", "what", "station", "item", "quantity", "lot_or_target", "expiry_or_vehicle", "ref", "reason"
    )  # fmt: skip
    write("stock_morning.csv", columns, sorted(morning, key=lambda row: row[0]))


def parse(item: str, text: str) -> int:
    """Units of what `people_write` wrote."""
    per_case, case_unit = next((int(row[6]), str(row[5])) for row in ITEMS if row[0] == item)
    cases, _sep, rest = text.rpartition(case_unit) if case_unit and case_unit in text else ("", "", text)
    digits = "".join(char for char in rest if char.isdigit())
    return int(cases or 0) * per_case + int(digits or 0)


if __name__ == "__main__":
    main()
