"""The index against a plain loop over Karney's geodesics."""

from math import dist
from threading import Thread

import numpy as np
import pytest
from geopy.distance import geodesic
from hypothesis import given, settings
from hypothesis import strategies as st

from stations.kernel.geo.chord import spot
from stations.kernel.geo.nearest import WORN_EDITS, NearestIndex

COUNT = 500


def make_points(spread):
    """500 points round Beijing, some on one spot, with 4 tags of 5, 20, 50 and 90 %."""
    rng = np.random.default_rng(7)
    lats, lons = rng.normal(40, spread, COUNT), rng.normal(116.4, spread, COUNT)
    lats[100:110], lons[100:110] = lats[0], lons[0]
    shares = np.array([0.05, 0.2, 0.5, 0.9])
    tags = (rng.random((COUNT, 4)) < shares) @ np.array([1, 2, 4, 8], dtype=np.uint64)
    return lats, lons, tags


CITY, COUNTRY = make_points(0.1), make_points(6.0)
INDEXES = [(points, NearestIndex(*points)) for points in (CITY, COUNTRY)]


def loop(points, starts, k, need=0, among=None):
    """The slow truth: [(position, metres)] by (metres, position)."""
    rows = zip(*(column.tolist() for column in points), strict=True)
    found = [
        (min(geodesic(start, (lat, lon)).m for start in starts), position)
        for position, (lat, lon, tags) in enumerate(rows)
        if tags & need == need and (among is None or among[position])
    ]
    return [(position, metres) for metres, position in sorted(found)[:k]]


def assert_same(got, truth):
    assert [position for position, _ in got] == [position for position, _ in truth]
    assert [metres for _, metres in got] == pytest.approx([metres for _, metres in truth], rel=0, abs=0.01)


@settings(max_examples=30, deadline=None)
@given(
    which=st.sampled_from(INDEXES),
    starts=st.lists(st.tuples(st.floats(39.6, 40.4), st.floats(116, 117)), min_size=1, max_size=3),
    k=st.sampled_from([1, 5, 30]),
    need=st.sampled_from([0, 1, 2, 4, 8, 6, 15, 16]),
    share=st.sampled_from([None, 0.02, 0.6]),
)
def test_nearest_from_agrees_with_a_plain_loop(which, starts, k, need, share):
    points, index = which
    among = None if share is None else bytearray(np.random.default_rng(k).random(COUNT) < share)
    assert_same(index.nearest_from(starts, k, need, among), loop(points, starts, k, need, among))


@pytest.mark.parametrize("start", [(40.0, 116.4), (30.1, 80.2), (53.0, 134.0), (-33.9, 151.2), (90.0, 0.0)])
def test_nearest_agrees_with_a_plain_loop_from_near_and_far(start):
    for points, index in INDEXES:
        among = bytearray(position % 7 == 0 for position in range(COUNT))
        assert_same(index.nearest(*start, 5, 4, among), loop(points, [start], 5, 4, among))


def test_nearest_copes_with_poles_dateline_and_antipodes():
    ends = [(90.0, 0.0), (89.9, 180.0), (-90.0, 10.0), (0.0, 179.99), (0.0, -179.99), (0.5, -0.5), (0.0, 0.0)]
    points = (*np.array(ends).T, np.zeros(len(ends), np.uint64))
    index = NearestIndex(*points)
    for start in (*ends, (0.0, 180.0), (-0.5, 179.5), (89.99, 90.0)):
        assert_same(index.nearest(*start, 7), loop(points, [start], 7))


def test_nearest_breaks_ties_by_position_even_across_the_cut():
    index = NearestIndex([40.0] * 300 + [40.001], [116.0] * 300 + [116.0], [1] * 301)
    assert index.nearest(40.0, 116.0, 3) == [(0, 0.0), (1, 0.0), (2, 0.0)]
    got = index.nearest(40.1, 116.2, 301, need=1)
    assert [position for position, _ in got] == [300, *range(300)]
    assert [position for position, _ in index.nearest(39.9, 116.2, 60)] == list(range(60))


@pytest.mark.parametrize("metres", [30_000.0, 300_000.0, 3_000_000.0])
def test_nearest_follows_the_geodesic_where_chords_say_otherwise(metres):
    """Northward the Earth is more curved: the chord of a way that is slightly longer is still the shorter one."""
    start = (30.0, 104.0)
    longer = metres + (metres / 300_000) ** 3 * 0.1
    north, east = geodesic(meters=longer).destination(start, 0), geodesic(meters=metres).destination(start, 90)
    points = ([north.latitude, east.latitude], [north.longitude, east.longitude], [0, 0])
    index = NearestIndex(*points)
    chords = [dist(spot(lat, lon), spot(*start)) for lat, lon in zip(*points[:2], strict=True)]
    assert chords[0] < chords[1]
    assert [position for position, _ in index.nearest(*start, 2)] == [1, 0]
    assert [position for position, _ in index.nearest(*start, 1)] == [1]
    crowd = NearestIndex([start[0]] * 400 + points[0], [start[1]] * 400 + points[1], [0] * 402)
    assert [position for position, _ in crowd.nearest(*start, 1, among=bytes(400) + b"\x01\x01")] == [401]
    late = NearestIndex([-60.0], [-76.0], [0])
    for lat, lon in zip(*points[:2], strict=True):
        late.put(len(late), lat, lon, 0)
    assert [position for position, _ in late.nearest(*start, 1)] == [2]


def test_nearest_gives_fewer_when_there_are_fewer():
    points, index = INDEXES[0]
    rare = int((points[2] & 1 == 1).sum())
    assert index.nearest(40.0, 116.4, 0) == []
    assert index.nearest(40.0, 116.4, -1) == []
    assert len(index.nearest(40.0, 116.4, 10_000)) == COUNT
    assert len(index.nearest(40.0, 116.4, COUNT, need=1)) == rare < COUNT
    assert index.nearest(40.0, 116.4, 5, need=16) == []
    assert index.nearest(40.0, 116.4, 5, need=17) == []
    assert index.nearest(40.0, 116.4, 5, among=bytes(COUNT)) == []
    assert index.nearest_from([], 5) == []
    assert NearestIndex([], [], []).nearest(40.0, 116.4, 5) == []


def test_nearest_refuses_what_does_not_fit():
    index = NearestIndex([40.0, 41.0], [116.0, 117.0], [0, 0])
    with pytest.raises(ValueError, match="among covers 1 of 2 points"):
        index.nearest(40.0, 116.0, 1, among=b"\x01")
    with pytest.raises(ValueError, match="differ in length"):
        NearestIndex([40.0], [116.0, 117.0], [0])
    with pytest.raises(IndexError, match="position 3 of 2"):
        index.put(3, 40.0, 116.0, 0)
    with pytest.raises(IndexError, match="position 2 of 2"):
        index.remove(2)


def test_nearest_reads_among_live():
    _, index = INDEXES[0]
    among = bytearray(b"\x01" * COUNT)
    first, second = (position for position, _ in index.nearest(40.0, 116.4, 2, among=among))
    among[first] = 0
    assert index.nearest(40.0, 116.4, 1, among=among)[0][0] == second
    among[first] = 1
    assert index.nearest(40.0, 116.4, 1, among=among)[0][0] == first


@pytest.mark.parametrize("points", [CITY, COUNTRY, tuple(column[:0] for column in CITY)])
def test_edits_are_seen_at_once_and_exactly(points):
    lats, lons, tags = (column.tolist() for column in points)
    index = NearestIndex(*points)
    rng = np.random.default_rng(11)
    alive = np.ones(len(lats) + 40, dtype=np.uint8)
    for lat, lon in rng.normal((40, 116.4), 0.1, (40, 2)).tolist():
        position = len(lats)
        lats.append(lat), lons.append(lon), tags.append(3)
        index.put(position, lat, lon, 3)
    for position in range(0, len(lats), 9):
        lats[position], lons[position], tags[position] = 40.0 + position / 1e4, 116.4, 2
        index.put(position, lats[position], lons[position], 2)
    for position in range(0, len(lats), 6):
        alive[position] = 0
        index.remove(position)
    alive[0] = 1
    index.put(0, lats[0], lons[0], tags[0])
    assert len(index) == len(lats)
    now = (np.array(lats), np.array(lons), np.array(tags, dtype=np.uint64))
    for need in (0, 1, 2, 3, 4):
        for start in ((40.0, 116.4), (39.5, 115.0)):
            assert_same(index.nearest(*start, 12, need), loop(now, [start], 12, need, alive))


def test_index_is_worn_after_many_edits_not_after_repeated_ones():
    index = NearestIndex(*CITY)
    for _ in range(WORN_EDITS + 1):
        index.put(1, 40.0, 116.4, 0)
    assert not index.is_worn
    for position in range(WORN_EDITS + 1):
        index.remove(position)
    assert index.is_worn
    assert len(index.nearest(40.0, 116.4, COUNT)) == COUNT - WORN_EDITS - 1


def test_searches_stay_whole_while_another_thread_edits():
    """A point hops between two spots: every search sees it exactly once, on one of them."""
    index = NearestIndex([40.0, 40.5], [116.4, 116.4], [1, 1])
    truth = {round(geodesic((40.1, 116.4), (lat, 116.4)).m, 3) for lat in (40.0, 40.2)}
    seen: set[float] = set()

    def hop():
        for turn in range(2000):
            index.put(0, 40.2 if turn % 2 else 40.0, 116.4, 1)

    writer = Thread(target=hop)
    writer.start()
    while writer.is_alive():
        got = index.nearest(40.1, 116.4, 2, need=1)
        assert [position for position, _ in got] == [0, 1]
        seen.add(round(got[0][1], 3))
    writer.join()
    assert seen <= truth
