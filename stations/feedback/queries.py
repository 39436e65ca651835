"""Counted talks: by station and day, and somebody's own."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import false, func, or_, select
from sqlalchemy.orm import aliased

from stations.feedback.models import Talk
from stations.feedback.rules import Counts, Key
from stations.kernel.db import db
from stations.places.models import Station


@dataclass(frozen=True, slots=True)
class StationDay:
    """The true counts of one station and day: for `rules.protect`, and for nobody's eyes."""

    station: str
    station_name: str
    day: date
    counts: Counts


@dataclass(frozen=True, slots=True)
class TalkRow:
    """A talk that was counted."""

    id: int
    at: datetime
    who: str
    topic: str


def list_station_days(paths: Sequence[str], season_id: int, day: date | None = None) -> list[StationDay]:
    """What was counted at the stations below `paths` in a season, or on one of its days; in one SELECT."""
    below = or_(false(), *(func.substr(Station.path, 1, len(path)) == path for path in paths))
    chosen = (
        select(Station.code, Station.name, Talk.day, Talk.who, Talk.topic, func.sum(Talk.sign))
        .join(Station, Station.id == Talk.station_id)
        .where(Talk.season_id == season_id, below)
        .group_by(Station.code, Station.name, Talk.day, Talk.who, Talk.topic)
        .order_by(Station.code, Talk.day)
    )
    if day is not None:
        chosen = chosen.where(Talk.day == day)
    found: dict[tuple[str, str, date], dict[Key, int]] = defaultdict(dict)
    for code, name, on, who, topic, count in db.session.execute(chosen):
        found[code, name, on][who, topic] = count
    return [StationDay(*key, counts) for key, counts in found.items() if any(counts.values())]


def list_own(by: str, station_id: int, day: date) -> list[TalkRow]:
    """What somebody counted at a station on a day and did not take back, in the order of their presses."""
    taken = aliased(Talk)
    chosen = (
        select(Talk.id, Talk.at, Talk.who, Talk.topic)
        .where(Talk.by == by, Talk.station_id == station_id, Talk.day == day, Talk.sign == 1)
        .where(~select(taken.id).where(taken.takes_back == Talk.id).exists())
        .order_by(Talk.id)
    )
    return [TalkRow(*row) for row in db.session.execute(chosen)]
