"""How long an organizer waits for a sheet of 5,000 balances: reading, preview, applying, undoing.

Run as `python bench/stock_sheets.py [sqlite:///... | postgresql://...]`; without one a SQLite file in a temporary
folder. The database must be empty: the demonstration is loaded, then 5,000 other lots are counted.
"""

import random
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, process_time

from flask_security import hash_password

from stations import create_app
from stations.accounts.rules import PROGRAM
from stations.config import Config
from stations.kernel.db import database_url, transaction
from stations.kernel.sheets import read_sheet, write_xlsx
from stations.places.queries.stations import list_paths
from stations.stock.queries.items import list_items
from stations.stock.queries.ledger import list_differences
from stations.workflows import importing, preparing, sheet_runs
from stations.workflows.sheet_kinds import KINDS

ROWS = 5_000
SEED = 5


@contextmanager
def told(what: str, most: float | None = None) -> Iterator[None]:
    """Print how long it took."""
    began, spent = perf_counter(), process_time()
    yield
    seconds, busy = perf_counter() - began, process_time() - spent
    print(f"{what:<34} {seconds:6.2f} s  (processor {busy:5.2f} s)" + (f"  at most {most:.0f} s" if most else ""))


def make_sheet(chance: random.Random) -> bytes:
    """A workbook of 5,000 balances in a person's hand: half by lot, names and codes, cases and bottles."""
    items, stations = list(list_items().values()), sorted(list_paths())
    pairs = [(station, item) for station in stations for item in items]
    rows = []
    for station, item in chance.sample(pairs, ROWS):
        cases = f"{chance.randint(1, 9)}{item.case_unit}+" if item.case_unit else ""
        named = item.name if chance.random() < 0.5 else item.code
        rows.append((station, named, "L9", "2029/1/31", f"{cases}{chance.randint(1, 9)}{item.unit}"))
    return write_xlsx(("网点", "物资", "批号", "有效期", "数量"), rows)


def main(url: str) -> None:
    """Print the table."""
    kind = KINDS["stock"]
    app = create_app(Config(environment="test", database_url=database_url(url), secret_key="x" * 40))
    with app.app_context():
        with told("first start, demonstration included"):
            preparing.prepare(app.config["SETTINGS"], hash_password)
        with told("second start"):
            preparing.prepare(app.config["SETTINGS"], hash_password)
        content = make_sheet(random.Random(SEED))
        with told(f"preview: {ROWS} rows, .xlsx", 3):
            sheet = read_sheet("a.xlsx", content, limits=importing.LIMITS)
            with transaction():
                run_id = sheet_runs.keep_sheet(kind, sheet, "a.xlsx", PROGRAM)
            plan = importing.plan_run(importing.get_run(run_id, PROGRAM), PROGRAM)
        assert plan.count("new") == ROWS, plan.rows[0]
        with told(f"apply: {ROWS} rows", 5), transaction():
            importing.apply_run(importing.get_run(run_id, PROGRAM), PROGRAM)
        assert importing.plan_run(importing.get_run(run_id, PROGRAM), PROGRAM).count("same") == ROWS
        with told(f"undo: {ROWS} rows"), transaction():
            importing.undo_run(importing.get_run(run_id, PROGRAM), PROGRAM)
        assert list_differences() == []


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{Path(folder) / 'bench.db'}")
