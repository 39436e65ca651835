"""The organizer's matrix at 211 stations x 30 items with 100,000 movements behind it, and a desk's outbox of 1,000
entries, each over HTTP's whole way through the application, first sent and sent again.
Run: uv run --group bench python bench/stock_pages.py [sqlite:///... | postgresql://...]
Without a URL: a SQLite file in a temporary folder, then PostgreSQL where Debian's is installed.
"""

import random
import re
import statistics
import sys
import tempfile
from collections.abc import Callable
from contextvars import Context
from datetime import date, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from flask import Flask  # noqa: E402
from flask.testing import FlaskClient  # noqa: E402
from flask_security import hash_password  # noqa: E402
from peers_nearest import PostgresCluster  # noqa: E402
from sqlalchemy import event, insert, select  # noqa: E402

from stations import create_app  # noqa: E402
from stations.accounts.rules import PROGRAM  # noqa: E402
from stations.config import Config  # noqa: E402
from stations.kernel import clock  # noqa: E402
from stations.kernel.db import database_url, db, transaction  # noqa: E402
from stations.places.models import Station  # noqa: E402
from stations.stock.actions.items import save_item  # noqa: E402
from stations.stock.models import Lot, Movement, StockLevel, StockLimit, StockPlace, SupplyItem  # noqa: E402
from stations.stock.queries.ledger import list_differences  # noqa: E402
from stations.stock.rules.items import ItemOrder  # noqa: E402
from stations.workflows.preparing import DEMO_PASSWORD, prepare  # noqa: E402

NOW = "2027-06-07T10:40:00+08:00"
STATIONS, ITEMS, MOVEMENTS, ENTRIES = 211, 30, 100_000, 1_000
HOURS = 16
ROUNDS = 15
DESK = "/desk/GH-HD-01"


def fill(draw: random.Random) -> None:
    """Two lots of each item everywhere, and what was taken of them over the last hours."""
    now = clock.now()
    with transaction():
        for number in range(ITEMS):
            order = ItemOrder(f"item-{number:02}", f"物资{number}", f"Item {number}", "drink", "瓶", "箱", 24)
            save_item(order, PROGRAM)
        items = list(db.session.execute(select(SupplyItem.id)).scalars())
        stations = select(Station.id).where(Station.archived_at.is_(None)).order_by(Station.code).limit(STATIONS)
        places = [
            db.session.execute(insert(StockPlace).values(station_id=station, kind="station").returning(StockPlace.id))
            .scalar_one()
            for station in db.session.execute(stations).scalars().all()
        ]  # fmt: skip
        lots = [
            db.session.execute(insert(Lot).values(item_id=item, code=code, expiry_date=day).returning(Lot.id))
            .scalar_one()
            for item in items for code, day in (("a", date(2027, 6, 20)), ("b", date(2027, 8, 1)))
        ]  # fmt: skip
        balances = {(place, lot): 0 for place in places for lot in lots}
        book(draw, now, balances)
        levels = [
            {
                "place_id": place,
                "lot_id": lot,
                "on_hand": units,
                "as_of": now - timedelta(minutes=draw.choice((5, 200))),
            }
            for (place, lot), units in balances.items()
        ]
        db.session.execute(insert(StockLevel), levels)
        levels = {"min_level": 20, "reorder_level": 60, "max_level": 500}
        limits = [{"place_id": place, "item_id": item} | levels for place in places for item in items]
        db.session.execute(insert(StockLimit), limits)
    assert list_differences() == []


def book(draw: random.Random, now: datetime, balances: dict[tuple[int, int], int]) -> None:
    """A receipt for every balance, then issues from any of them."""
    shelves, rows = list(balances), []
    for number in range(MOVEMENTS):
        is_receipt = number < len(shelves)
        shelf = shelves[number] if is_receipt else draw.choice(shelves)
        units = draw.randrange(60, 400) if is_receipt else -min(draw.randrange(1, 5), balances[shelf])
        if not units:
            continue
        balances[shelf] += units
        ago = timedelta(hours=2 * HOURS) if is_receipt else timedelta(hours=HOURS * (1 - number / MOVEMENTS))
        rows.append(
            {"at": now - ago, "happened_at": now - ago, "kind": "receipt" if is_receipt else "issue",
             "place_id": shelf[0], "lot_id": shelf[1], "quantity": units, "balance": balances[shelf],
             "order_id": f"fill-{number:07}", "line": 0, "actor": "bench", "reason": "", "about": "",
             "reverses_id": None}
        )  # fmt: skip
    db.session.execute(insert(Movement), rows)


def sign_in(app: Flask, username: str) -> FlaskClient:
    """A client that is signed in."""
    client = app.test_client()
    token = read_token(alone(client.get, "/account/sign-in").text)
    fields = {"username": username, "password": DEMO_PASSWORD, "csrf_token": token}
    alone(client.post, "/account/sign-in", data=fields)
    return client


def alone(do: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """A request with nobody's application context around it."""
    return Context().run(lambda: do(*args, **kwargs))


def read_token(page: str) -> str:
    """The token of the page's forms."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found
    return found[1]


def timed(do: Callable[[], Any]) -> tuple[float, float]:
    """(wall, processor) in milliseconds."""
    began, spent = perf_counter(), process_time()
    do()
    return (perf_counter() - began) * 1000, (process_time() - spent) * 1000


def measure_matrix(app: Flask) -> str:
    client = sign_in(app, "city")
    said: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        said.append(statement)

    def look() -> None:
        said.clear()
        assert alone(client.get, "/admin/stock/", headers={"Accept-Encoding": "br"}).status_code == 200

    event.listen(db.engine, "before_cursor_execute", hear)
    first, _busy = timed(look)
    times = [timed(look) for _round in range(ROUNDS)]
    event.remove(db.engine, "before_cursor_execute", hear)
    stock = sum("stock_" in statement or "movement" in statement for statement in said)
    wall, busy = (statistics.median(column) for column in zip(*times, strict=True))
    return f"matrix {STATIONS} x {ITEMS} | {wall:.0f} ms ({busy:.0f}), first {first:.0f} | 150 ms, {stock} queries of 3"


def measure_outbox(app: Flask) -> list[str]:
    client = sign_in(app, "lead")
    token = read_token(alone(client.get, DESK).text)
    rows = []
    for label in ("first", "again"):
        times = [timed(lambda number=number: send(client, token, number)) for number in range(5)]
        wall, busy = (statistics.median(column) for column in zip(*times, strict=True))
        rows.append(f"outbox of {ENTRIES:,}, sent {label} | {wall:.0f} ms ({busy:.0f}) | 2,000 ms")
    return rows


def send(client: FlaskClient, token: str, batch: int) -> None:
    entries = [
        {"id": f"bench-{batch}-{n:05}", "kind": "issue", "item": f"item-{n % ITEMS:02}", "quantity": "1"}
        for n in range(ENTRIES)
    ]
    answer = alone(client.post, f"{DESK}/entries", json=entries, headers={"X-CSRFToken": token})
    assert answer.status_code == 200, answer.text[:300]


def measure(name: str, url: str) -> None:
    app = create_app(Config(environment="test", database_url=database_url(url), secret_key="x" * 40, demo_clock=NOW))
    with app.app_context():
        prepare(app.config["SETTINGS"], hash_password, with_stock=False, with_volunteers=False)
        fill(random.Random(1))
        db.session.remove()
        for row in (measure_matrix(app), *measure_outbox(app)):
            print(f"| {name} | {row} |")
        db.session.remove()
        db.engine.dispose()


def main() -> None:
    print("| database | what | wall (processor) | goal |\n|---|---|---|---|")
    if len(sys.argv) > 1:
        measure(sys.argv[1].partition(":")[0], sys.argv[1])
        return
    with tempfile.TemporaryDirectory() as folder:
        measure("SQLite", f"sqlite:///{folder}/stations.db")
    if PostgresCluster.is_installed():
        with PostgresCluster() as connection:
            measure("PostgreSQL", f"postgresql://postgres@/postgres?host={connection.info.host}")
    else:
        print("PostgreSQL is not installed here: its rows are missing.")


if __name__ == "__main__":
    main()
