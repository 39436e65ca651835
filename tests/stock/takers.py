"""What several processes do to one database at once."""

import random
from collections import Counter
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier

from stations import create_app
from stations.accounts.rules import PROGRAM
from stations.config import Config
from stations.kernel.db import database_url, transaction
from stations.kernel.errors import Refused
from stations.seasons.queries import get_calendar
from stations.stock.actions.ledger import receive, take
from stations.stock.rules.ledger import ReceiveOrder, TakeOrder

_line: list[Barrier] = []

# (request id, item, signed units)
Entry = tuple[str, str, int]


def step_up(barrier: Barrier) -> None:
    """Stand at the starting line."""
    _line.append(barrier)


def book(station: str, entry: Entry) -> str:
    """Book one entry in a transaction of its own: done, replay, or the code of the refusal."""
    request_id, item, units = entry
    zone = get_calendar().zone
    try:
        with transaction():
            if units < 0:
                moved = take(TakeOrder(request_id, station, item, -units), PROGRAM, zone)
            else:
                moved = receive(ReceiveOrder(request_id, station, item, units), PROGRAM, zone)
    except Refused as refused:
        return refused.code
    return "replay" if moved.is_replay else "done"


def work(url: str, station: str, entries: list[Entry]) -> Counter[str]:
    """When all are there, book every entry; what was told, counted."""
    app = create_app(Config(environment="test", database_url=url, secret_key="x" * 40))
    with app.app_context():
        get_calendar()
        _line[0].wait(120)
        return Counter(book(station, entry) for entry in entries)


def run_processes(url: str, station: str, parts: list[list[Entry]]) -> Counter[str]:
    """One process for each part, all at once; what they were told in all."""
    processes = get_context("forkserver")
    processes.set_forkserver_preload(["stations.stock.actions.ledger", "stations.web.doors"])
    line = processes.Barrier(len(parts))
    with processes.Pool(len(parts), initializer=step_up, initargs=(line,)) as pool:
        told = pool.starmap(work, [(database_url(url), station, part) for part in parts], chunksize=1)
    return sum(told, Counter())


def shuffled(entries: list[Entry], share_twice: float, clients: int, seed: int) -> list[list[Entry]]:
    """The entries dealt to clients, some of them sent twice (by the same or another client), out of order."""
    draw = random.Random(seed)
    sent = entries + draw.sample(entries, round(len(entries) * share_twice))
    draw.shuffle(sent)
    return [sent[i::clients] for i in range(clients)]
