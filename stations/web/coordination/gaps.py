"""What is missing, station by station and hour by hour, the next two hours first; and who may not turn up."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, make_response, render_template, request

from stations.accounts.rules import Actor
from stations.kernel import clock
from stations.seasons.queries import get_calendar
from stations.shifts.queries.gaps import GapRow, list_gaps
from stations.shifts.queries.risks import RiskRow, list_at_risk
from stations.web.coordination.words import words
from stations.web.guard import actor, needs

door = Blueprint("coordination_gaps", __name__, url_prefix="/coordination/gaps")

AHEAD = timedelta(hours=24)
SOON = timedelta(hours=2)
MOST_LATER = 100


@dataclass(frozen=True)
class Board:
    """The gaps of shifts that run or begin within SOON, and of later ones; how many people are missing by skill and
    hour of the clock, in order of time."""

    at: datetime
    soon: list[GapRow]
    later: list[GapRow]
    hours: list[datetime]
    skills: list[str]
    missing: Counter[tuple[str, datetime]]
    risks: list[RiskRow]

    @property
    def more(self) -> int:
        """How many of the later ones are not shown."""
        return max(len(self.later) - MOST_LATER, 0)


@door.get("/")
@needs("shifts.read")
def page() -> Response:
    """The board."""
    return _draw("coordination/gaps.html")


@door.get("/parts")
@needs("shifts.read")
def parts() -> Response:
    """What a look at it from time to time redraws."""
    return _draw("coordination/_gaps.html")


def _draw(template: str) -> Response:
    me = actor()
    board = _look(me)
    answer = make_response(
        render_template(
            template, board=board, may_place=me.may("shifts.lead"), may_write=me.may("shifts.write"),
            may_reveal=me.may("shifts.lead"),
            most=MOST_LATER, is_all=request.args.get("all") == "1", **words(),
        )
    )  # fmt: skip
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _look(me: Actor) -> Board:
    now, paths, zone = clock.now(), me.paths("shifts.read"), get_calendar().zone
    rows = list_gaps(paths, now, now + AHEAD)
    soon = [row for row in rows if row.starts_at <= now + SOON]
    later = [row for row in rows if row.starts_at > now + SOON]
    missing = count_missing(rows, now, zone)
    hours = sorted({hour for _skill, hour in missing})
    skills = sorted({skill for skill, _hour in missing}, key=lambda skill: (skill == "", skill))
    return Board(now, soon, later, hours, skills, missing, list_at_risk(paths, now))


def count_missing(rows: Sequence[GapRow], now: datetime, zone: ZoneInfo) -> Counter[tuple[str, datetime]]:
    """(skill, hour in which the shift begins, at the earliest this one) -> people missing."""
    found: Counter[tuple[str, datetime]] = Counter()
    for row in rows:
        begins = max(row.starts_at, now).astimezone(zone)
        found[row.skill, begins.replace(minute=0, second=0, microsecond=0)] += row.places - row.taken
    return found
