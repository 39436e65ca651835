"""The talks of the demonstration's first morning, each counted at its own time by whoever was on duty."""

import csv
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from stations.feedback.actions import count_talk
from stations.feedback.rules import TalkOrder
from stations.kernel import clock
from stations.shifts.queries.volunteers import find_volunteer
from stations.workflows.counselling import count


def play_talks(path: Path, day: date, zone: ZoneInfo) -> None:
    """Every row of `demo/talks.csv`, in its order: `by` is a staff number or an account; in the caller's transaction.
    Raises Refused for somebody who may not count there."""
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            at = datetime.combine(day, time.fromisoformat(row["time"]), zone)
            clock.show(at, clock.real_now())
            order = TalkOrder(row["station"], row["who"], row["topic"], at)
            volunteer = find_volunteer(row["by"])
            if volunteer is None:
                count_talk(order, row["by"])
            else:
                count(volunteer, order)
