"""A talk is counted once and taken back once, and nothing about anybody is kept."""

from datetime import date, timedelta

import pytest
from conftest import on_both
from factories.crowd import run_crowd
from factories.shifts import HERE, THERE
from flask import Flask
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from stations.feedback.actions import count_talk, take_back_talk
from stations.feedback.models import Talk
from stations.feedback.queries import list_own, list_station_days
from stations.feedback.rules import TalkOrder
from stations.kernel import clock
from stations.kernel.audit import AuditEvent
from stations.kernel.db import db, transaction
from stations.kernel.errors import Invalid, NotFound, Refused
from stations.places.queries.stations import get_station
from stations.seasons.queries import get_calendar

ME = "volunteer:7"
TODAY = date(2027, 6, 7)
PRESS = """
import json
from stations.kernel import clock, replay
from datetime import datetime
clock.show(datetime.fromisoformat("2027-06-07T07:45:00+08:00"), clock.real_now())
from stations.feedback.actions import count_talk, take_back_talk
from stations.feedback.rules import TalkOrder
from stations.kernel.db import run_in_transaction
from stations.kernel.errors import Refused
told = []
order = TalkOrder("GH-HD-01", "parent", "sleep", clock.now())
for press in range(5):
    do = lambda: replay.once(f"press-000{press}", "talk", "volunteer:7", lambda: count_talk(order, "volunteer:7"))
    told.append(run_in_transaction(do).is_replay)
print(json.dumps(told))
"""


def count(who: str = "parent", topic: str = "sleep", station: str = HERE, by: str = ME, hours_ago: float = 0) -> int:
    with transaction():
        order = TalkOrder(station, who, topic, clock.now() - timedelta(hours=hours_ago))
        return int(count_talk(order, by)["id"])


def counted(*paths: str) -> dict[tuple[str, date], dict[tuple[str, str], int]]:
    db.session.rollback()
    season = get_calendar().season_id
    assert season
    return {(row.station, row.day): dict(row.counts) for row in list_station_days(paths or ("",), season)}


@on_both
def test_talks_are_counted_by_station_day_who_and_topic(app: Flask) -> None:
    count()
    count()
    count("examinee", "exam_anxiety")
    count(station=THERE, hours_ago=24)
    assert counted() == {
        (HERE, TODAY): {("parent", "sleep"): 2, ("examinee", "exam_anxiety"): 1},
        (THERE, TODAY - timedelta(days=1)): {("parent", "sleep"): 1},
    }
    assert set(counted(get_station(HERE).path)) == {(HERE, TODAY)}
    assert counted("YS-BJ/YS-QY/") == {}


@on_both
def test_last_own_talk_is_taken_back_once(app: Flask) -> None:
    count()
    last = count("examinee", "family")
    count("parent", "other", by="volunteer:8")
    with transaction():
        assert take_back_talk(HERE, clock.now(), ME) == {"id": last}
    assert counted()[HERE, TODAY] == {("parent", "sleep"): 1, ("examinee", "family"): 0, ("parent", "other"): 1}
    assert [row.topic for row in list_own(ME, get_station(HERE).id, TODAY)] == ["sleep"]
    with transaction():
        take_back_talk(HERE, clock.now(), ME)
    with pytest.raises(Refused, match=r"talk\.none"), transaction():
        take_back_talk(HERE, clock.now(), ME)
    db.session.rollback()
    rows = db.session.execute(select(Talk.sign, Talk.takes_back).order_by(Talk.id)).all()
    assert [row.sign for row in rows] == [1, 1, 1, -1, -1]
    assert [row.takes_back for row in rows][3] == last


@on_both
def test_rows_cannot_be_changed(app: Flask) -> None:
    first = count()
    for statement in (update(Talk).values(topic="family"), delete(Talk)):
        with pytest.raises(DBAPIError, match="append-only"), transaction():
            db.session.execute(statement)
    with transaction():
        take_back_talk(HERE, clock.now(), ME)
    row = db.session.execute(select(Talk).where(Talk.id == first)).scalar_one()
    again = Talk(
        season_id=row.season_id, station_id=row.station_id, day=row.day, at=row.at, who=row.who, topic=row.topic,
        sign=-1, takes_back=first, by=ME,
    )  # fmt: skip
    with pytest.raises(IntegrityError), transaction():
        db.session.add(again)


@on_both
def test_press_that_comes_from_four_sides_is_counted_once(app: Flask, database: str) -> None:
    told = run_crowd(database, PRESS, 4)
    db.session.rollback()
    assert "".join(told).count("false") == 5
    assert counted() == {(HERE, TODAY): {("parent", "sleep"): 5}}


def test_nothing_is_kept_but_the_count(app: Flask) -> None:
    count("examinee", "family")
    db.session.rollback()
    kept = {"id", "season_id", "station_id", "day", "at", "who", "topic", "sign", "takes_back", "by"}
    assert set(Talk.__table__.columns.keys()) == kept
    event = db.session.execute(select(AuditEvent).where(AuditEvent.action == "talk.count")).scalar_one()
    assert (event.actor, event.subject, event.before, event.after, event.reason) == (ME, f"station:{HERE}", {}, {}, "")


def test_unknown_words_places_and_times_are_refused(app: Flask) -> None:
    for who, topic in (("teacher", "sleep"), ("parent", "love"), ("", "")):
        with pytest.raises(Invalid):
            count(who, topic)
    with pytest.raises(NotFound):
        count(station="nowhere")
    with pytest.raises(Refused, match=r"talk\.old"):
        count(hours_ago=49)
    assert counted() == {}
    count(hours_ago=-2)
    (row,) = list_own(ME, get_station(HERE).id, TODAY)
    assert row.at <= clock.now()
