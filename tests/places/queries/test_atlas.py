"""The atlas answers as the database would, and sees every change in time."""

import random
import threading
import time
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from cast import Cast
from conftest import on_both
from factories.crowd import run_crowd
from factories.places import BEIJING, make_order, make_site_order
from flask import Flask
from geopy.distance import geodesic

from stations.accounts.rules import PROGRAM
from stations.kernel import clock
from stations.kernel.db import db, transaction
from stations.kernel.geo.datum import Point
from stations.kernel.revision import current_revisions
from stations.places.actions.sites import archive_site, save_gate, save_site
from stations.places.actions.stations import archive_station, save_station, set_state
from stations.places.queries.anchoring import list_matches
from stations.places.queries.atlas import Atlas, get_atlas
from stations.places.queries.loading import load_stations
from stations.places.queries.picture import need_bits
from stations.places.queries.rows import NearestAnswer, StationRow
from stations.places.rules import NEEDS, StationState, standing
from stations.places.rules.orders import GateOrder

HERE = (39.96, 116.35)


def wait_for(is_so: Callable[[], bool], seconds: float, every: float = 0.02) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(every)


def atlas() -> Atlas:
    return get_atlas(BEIJING)


def codes(answer: NearestAnswer) -> list[str]:
    return [found.station.code for found in answer.found]


def ask(limit: int = 1, need: tuple[str, ...] = ()) -> list[str]:
    return codes(atlas().nearest([HERE], now=clock.now(), limit=limit, need=need_bits(need)))


def save(code: str, **changes: object) -> None:
    with transaction():
        save_station(make_order(code, **changes), PROGRAM)


def measure(starts: Sequence[tuple[float, float]], stations: list[StationRow], limit: int) -> list[tuple[float, str]]:
    """(metres, code), nearest first: by geopy, of all that could be among the first `limit`. A sphere is out by less
    than 0.6 %, so those are the stations within 2 % of the last one on it."""
    if not stations:
        return []
    lat, lon = (np.radians([[getattr(s, axis)] for s in stations]) for axis in ("lat", "lon"))
    start_lat, start_lon = np.radians(starts).T
    half = np.sin((lat - start_lat) / 2) ** 2 + np.cos(lat) * np.cos(start_lat) * np.sin((lon - start_lon) / 2) ** 2
    angles = 2 * np.arcsin(np.sqrt(half))
    least = angles.min(axis=1)
    reach = np.sort(least)[:limit][-1] * 1.02
    return sorted(
        (min(geodesic(starts[i], (s.lat, s.lon)).m for i in np.flatnonzero(row <= reach)), s.code)
        for s, row in zip(stations, angles, strict=True)
        if row.min() <= reach
    )


def test_nearest_is_that_of_measuring_everything(app: Flask) -> None:
    """500 questions from sites and points, with needs and open only: same stations, same order, same metres."""
    chance = random.Random(20270607)
    places, now = atlas(), clock.now()
    stations = load_stations()
    sites = list(places.sites.values())
    for _question in range(500):
        point = (chance.uniform(39.6, 40.4), chance.uniform(115.9, 117.0))
        starts = chance.choice(sites).starts if chance.random() < 0.5 else (point,)
        need = tuple(chance.sample(list(NEEDS), chance.choice((0, 0, 1, 2))))
        only_open, limit = chance.random() < 0.5, chance.choice((1, 5, 20))
        answer = places.nearest(starts, now=now, limit=limit, need=need_bits(need), only_open=only_open)
        fitting = [
            s
            for s in stations
            if set(need) <= {*s.services, *s.access}
            and (not only_open or standing(s.hours, s.said, now, BEIJING).is_open)
        ]
        measured = measure(starts, fitting, limit)
        assert codes(answer) == [code for _metres, code in measured[:limit]]
        assert [found.metres for found in answer.found] == pytest.approx([m for m, _code in measured[:limit]], abs=0.01)
        assert answer.is_more == (len(fitting) > limit)
        assert all(f.standing == standing(f.station.hours, f.station.said, now, BEIJING) for f in answer.found)


@on_both
def test_an_edit_is_seen_by_the_next_question(app: Flask) -> None:
    revision = atlas().revision
    save("T-1", point=Point(*HERE))
    assert ask() == ["T-1"]
    save("T-1", point=Point(*HERE), offers=frozenset({"quiet_room"}))
    assert ask(need=("quiet_room",)) == ["T-1"]
    with transaction():
        set_state("T-1", StationState.CLOSED, "设备故障", PROGRAM, BEIJING)
    found = atlas().nearest([HERE], now=clock.now(), limit=1).found[0]
    assert (found.station.code, found.standing.status.value, found.standing.reason) == ("T-1", "closed", "设备故障")
    open_now = codes(atlas().nearest([HERE], now=clock.now(), limit=50, only_open=True))
    assert open_now
    assert "T-1" not in open_now
    save("T-1", point=Point(41.5, 117.5))
    assert ask() != ["T-1"]
    with transaction():
        archive_station("T-1", PROGRAM)
    assert atlas().find_station("T-1") is None
    assert "T-1" not in [row.code for row, _standing in atlas().list_standings(clock.now())]
    save("T-1", point=Point(*HERE))
    assert ask() == ["T-1"]
    assert atlas().revision > revision


def test_a_change_that_is_rolled_back_was_never_seen(app: Flask) -> None:
    before, revision = ask(5), atlas().revision

    def fail() -> None:
        with transaction():
            save_station(make_order("T-1", point=Point(*HERE)), PROGRAM)
            assert "T-1" not in ask(5)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert (ask(5), atlas().revision) == (before, revision)


def test_a_station_that_came_and_went_between_two_looks_disturbs_nothing(app: Flask) -> None:
    before = ask(5)
    save("T-1", point=Point(*HERE))
    with transaction():
        archive_station("T-1", PROGRAM)
    assert ask(5) == before
    save("T-2", point=Point(*HERE))
    assert ask() == ["T-2"]


def test_a_rename_is_found_by_name(app: Flask) -> None:
    assert atlas().names
    with transaction():
        save_station(make_order("T-1", name="紫玉兰驿站"), PROGRAM)
        save_site(make_site_order("T-9", "琼林苑中学"), PROGRAM)

    def find(typed: str) -> list[str]:
        return [match.code for match in list_matches(atlas(), typed)]

    wait_for(lambda: find("紫玉兰驿站") == ["T-1"] and find("qionglinyuan") == ["T-9"], 15, every=0.2)
    save("T-1", name="鹦鹉洲休息点")
    wait_for(lambda: find("鹦鹉洲休息点") == ["T-1"] and find("紫玉兰驿站") == [], 15, every=0.2)
    with transaction():
        archive_site("T-9", PROGRAM)
    assert find("琼林苑中学") == []
    assert "T-9" not in atlas().sites


def test_the_newest_names_win_however_the_threads_run(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index begun before a second rename is slow; it must not replace the later one."""
    places, make, turn = atlas(), Atlas._make_names, iter((0.5, 0.0))
    assert places.names
    places.landmarks = {}  # a small index is made fast
    is_made: list[bool] = []

    def make_slowly(self: Atlas) -> None:
        make(self)
        made = self._names
        time.sleep(next(turn))
        self._names = made
        is_made.append(True)

    monkeypatch.setattr(Atlas, "_make_names", make_slowly)
    save("T-1", name="紫玉兰驿站")
    atlas()
    time.sleep(0.2)
    save("T-2", name="鹦鹉洲休息点")
    atlas()
    wait_for(lambda: len(is_made) == 2, 5)
    assert [match.code for match in list_matches(places, "鹦鹉洲休息点")] == ["T-2"]


def test_gates_are_where_distances_begin(app: Flask) -> None:
    atlas()
    with transaction():
        save_site(make_site_order("T-9", "琼林苑中学", point=Point(39.5, 116.0)), PROGRAM)
    assert atlas().sites["T-9"].starts == ((39.5, 116.0),)
    with transaction():
        save_gate(GateOrder("T-9", "E", "东门", Point(*HERE), None), PROGRAM)
    assert atlas().sites["T-9"].starts == (HERE,)


ELSEWHERE = """
import sys
sys.path.append("tests")
from factories.places import make_order
from stations.accounts.rules import PROGRAM
from stations.kernel.geo.datum import Point
from stations.places.actions.stations import save_station
with transaction():
    save_station(make_order("T-1", point=Point(39.96, 116.35)), PROGRAM)
"""


@on_both
def test_a_change_by_another_process_is_seen_within_half_a_second(app: Flask, database: str) -> None:
    assert ask() != ["T-1"]
    db.session.remove()
    run_crowd(database, ELSEWHERE, count=1)

    def is_seen() -> bool:
        db.session.remove()  # every request begins anew
        return ask() == ["T-1"]

    wait_for(is_seen, 0.5)


@on_both
def test_a_request_that_began_before_a_change_does_not_hide_it(app: Flask) -> None:
    """On SQLite a session reads the database as it was when it began; what it sees must not pass for the newest."""
    revision = atlas().revision
    db.session.execute(db.text("SELECT 1 FROM season")).all()  # this session's picture of the database begins here

    def change_and_look() -> None:
        with app.app_context():
            save("T-1", point=Point(*HERE))
            assert current_revisions()
            db.session.remove()

    other = threading.Thread(target=change_and_look)
    other.start()
    other.join()
    ask()
    db.session.remove()
    wait_for(lambda: ask() == ["T-1"], 0.5)
    assert atlas().revision == revision + 1


def test_a_worn_index_is_made_anew_and_stays_right(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many edits wear the index; while a new one is made, and after, answers are those of measuring everything."""
    monkeypatch.setattr("stations.kernel.geo.nearest.WORN_EDITS", 40)
    places = atlas()
    first = places._picture
    chance = random.Random(1)

    def put(count: int) -> None:
        with transaction():
            for number in range(count):
                point = Point(chance.uniform(39.8, 40.1), chance.uniform(116.2, 116.5))
                save_station(make_order(f"T-{number}", point=point), PROGRAM)

    def is_right() -> bool:
        measured = measure([HERE], [s for s in load_stations() if not s.is_archived], 50)
        return ask(50) == [code for _metres, code in measured[:50]]

    revisions = [places.revision]
    put(60)
    assert is_right()
    revisions.append(atlas().revision)
    wait_for(lambda: places._picture is not first, 5, every=0.1)
    assert is_right()
    put(20)
    with transaction():
        archive_station("T-30", PROGRAM)
    assert is_right()
    revisions.append(atlas().revision)
    assert revisions == sorted(set(revisions))


def test_questions_during_edits_are_all_answered(app: Flask) -> None:
    """Readers in two threads, a writer in a third: no error, and every answer is whole."""
    failures: list[BaseException] = []
    is_done = threading.Event()
    places, now = atlas(), Cast.now

    def read() -> None:
        try:
            while not is_done.is_set():
                for minute in range(3):
                    at = now.replace(minute=minute)
                    assert len(places.nearest([HERE], now=at, limit=5, only_open=True).found) == 5
        except BaseException as failure:
            failures.append(failure)

    readers = [threading.Thread(target=read) for _number in range(2)]
    for reader in readers:
        reader.start()
    for number in range(15):
        save(f"T-{number}", point=Point(*HERE))
        atlas()
    is_done.set()
    for reader in readers:
        reader.join()
    assert failures == []
