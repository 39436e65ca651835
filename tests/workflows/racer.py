"""One of several processes that do the same at the same moment; gives what it was told."""

import random
from collections import Counter
from multiprocessing.synchronize import Barrier

from stations import create_app
from stations.accounts.rules import PROGRAM
from stations.config import Config
from stations.kernel.db import transaction
from stations.kernel.errors import Refused
from stations.kernel.replay import once
from stations.places.actions.stations import set_state, verify
from stations.places.rules import StationState
from stations.seasons.queries import get_calendar
from stations.workflows import importing

REQUESTS = 25
STATIONS = ("GH-HD-02", "GH-HD-03", "GH-HD-04")


def _apply(run_id: int) -> str:
    try:
        with transaction():
            importing.apply_run(importing.get_run(run_id, PROGRAM), PROGRAM)
    except Refused as refused:
        return refused.code
    return "applied"


def _operate(number: int) -> str:
    code = STATIONS[number % len(STATIONS)]
    wanted = (None, StationState.OPEN, StationState.PAUSED)[number % 3 if number % 2 else 0]

    def do() -> dict[str, object]:
        return set_state(code, wanted, "排队", PROGRAM, get_calendar().zone) if wanted else verify(code, PROGRAM)

    try:
        with transaction():
            return "replayed" if once(f"race-{number:04}", "race", "program", do).is_replay else "done"
    except Refused as refused:
        return refused.code


_line: list[Barrier] = []


def step_up(barrier: Barrier) -> None:
    """Stand at the starting line."""
    _line.append(barrier)


def race(url: str, run_id: int, seed: int) -> tuple[str, Counter[str]]:
    """When all are there: apply the import and send every request, in an order of one's own."""
    app = create_app(Config(environment="test", database_url=url, secret_key="x" * 40))
    with app.app_context():
        get_calendar()
        _line[0].wait(60)
        applied = _apply(run_id)
        numbers = list(range(REQUESTS))
        random.Random(seed).shuffle(numbers)
        return applied, Counter(_operate(number) for number in numbers)
