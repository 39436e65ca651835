"""A process that is killed in the middle of writing leaves a ledger that adds up."""

import signal
import subprocess
import sys
import time
from pathlib import Path

from conftest import on_both
from factories.stock import HERE, THERE, an_item, on_shelf
from flask import Flask
from sqlalchemy import func, select

from stations.kernel.db import database_url, db
from stations.stock.models import Movement, StockLevel
from stations.stock.queries.ledger import list_differences

WRITER = """
import sys
from itertools import count
from stations import create_app
from stations.accounts.rules import PROGRAM
from stations.config import Config
from stations.kernel.db import transaction
from stations.seasons.queries import get_calendar
from stations.stock.actions.transfers import change_transfer, request_transfer
from stations.stock.rules.transfers import TransferOrder, TransferState

with create_app(Config(environment="test", database_url={url!r}, secret_key="x" * 40)).app_context():
    zone = get_calendar().zone
    for n in count():
        ends = ({here!r}, {there!r}) if n % 2 else ({there!r}, {here!r})
        with transaction():
            order = TransferOrder(f"ask-{{sys.argv[1]}}-{{n}}", *ends, {{"bottles": 3, "fans": 2}})
            number = request_transfer(order, PROGRAM)["id"]
            for step in ("picked", "sent", "received"):
                change_transfer(number, TransferState(step), f"{{step}}-{{sys.argv[1]}}-{{n}}", PROGRAM, zone)
                print(step, flush=True)
"""


@on_both
def test_kill_in_mid_write_leaves_a_true_ledger(app: Flask, database: str) -> None:
    for item in (an_item(), an_item("fans")):
        on_shelf(100, item)
        on_shelf(100, item, station=THERE)
    db.session.rollback()
    db.engine.dispose()
    code = WRITER.format(url=database_url(database), here=HERE, there=THERE)
    for steps in (1, 5, 9):
        command = [sys.executable, "-c", code, str(steps)]
        writer = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
        assert writer.stdout is not None
        for _step in range(steps):
            assert writer.stdout.readline()
        time.sleep(0.002)
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
        assert list_differences() == []
        total = db.session.execute(select(func.sum(StockLevel.on_hand))).scalar_one()
        assert total == 400
        db.session.rollback()
    assert db.session.execute(select(func.count()).select_from(Movement)).scalar_one() > 4
