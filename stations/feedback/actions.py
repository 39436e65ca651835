"""A talk is counted, or the last one is taken back; each once, in the caller's transaction."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, insert
from sqlalchemy.dialects.postgresql import insert as insert_or_not

from stations.feedback.models import Talk
from stations.feedback.queries import TalkRow, list_own
from stations.feedback.rules import TOPIC_NAMES, WHO_NAMES, TalkOrder, moment_of
from stations.kernel import audit, clock
from stations.kernel.db import changed_one, db
from stations.kernel.errors import Invalid, Refused
from stations.kernel.text import _
from stations.places.queries.rows import StationRow
from stations.places.queries.stations import get_station
from stations.seasons.queries import get_calendar


def count_talk(order: TalkOrder, by: str) -> dict[str, Any]:
    """Count one talk; whether `by` may do so at that station is the caller's to say. Raises Refused."""
    if order.who not in WHO_NAMES or order.topic not in TOPIC_NAMES:
        raise Invalid("talk.kind", _("Please say who talked, and of what."))
    station, row = _begin(order.station, order.at, by)
    made = insert(Talk).values(**row, who=order.who, topic=order.topic, sign=1).returning(Talk.id)
    number = db.session.execute(made).scalar_one()
    _note("talk.count", station, by)
    return {"id": number}


def take_back_talk(station_code: str, at: datetime, by: str) -> dict[str, Any]:
    """Take back the last talk that they counted at that station on that day. Raises Refused where there is none."""
    station, row = _begin(station_code, at, by)
    last = next(reversed(list_own(by, station.id, row["day"])), None)
    if last is None or not _take_back(last, row):
        raise Refused("talk.none", _("There is nothing of today left to take back."))
    _note("talk.take_back", station, by)
    return {"id": last.id}


def _begin(code: str, at: datetime, by: str) -> tuple[StationRow, dict[str, Any]]:
    calendar, station = get_calendar(), get_station(code)
    if calendar.season_id is None:
        raise Refused("season.none", _("There is no season yet."))
    moment = moment_of(at, clock.now())
    day = moment.astimezone(calendar.zone).date()
    return station, {"season_id": calendar.season_id, "station_id": station.id, "day": day, "at": moment, "by": by}


def _take_back(last: TalkRow, row: dict[str, Any]) -> bool:
    own = row | {"who": last.who, "topic": last.topic, "sign": -1, "takes_back": last.id}
    return changed_one(insert_or_not(cast(Table, Talk.__table__)).values(own).on_conflict_do_nothing())


def _note(action: str, station: StationRow, by: str) -> None:
    """Who pressed, and where: of whom and of what the talk was is not repeated in a trail that is never erased."""
    audit.record(action, f"station:{station.code}", actor=by, scope=station.path)
