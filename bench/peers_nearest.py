"""What else answers "the nearest 5 with service s, open at minute m": one class each, built from a Town."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from dataclasses import dataclass
from math import cos, radians
from pathlib import Path

import numpy as np
import psycopg
from geopy.distance import geodesic
from pyproj import Geod
from scipy.spatial import cKDTree

from stations.kernel.geo.nearest import NearestIndex

GEOD = Geod(ellps="WGS84")
K = 5
SERVICES = 12
EARTH_METRES = 6371008.8
# Sphere and ellipsoid disagree on a ratio of distances by less than this.
SPHERE_MARGIN = 1.012
POSTGRES = Path("/usr/lib/postgresql/15/bin")
POSTGIS = Path("/usr/share/postgresql/15/extension/postgis.control")


@dataclass
class Town:
    """n points: degrees, service bits, minutes of opening and closing; and who is open at each minute asked about."""

    lats: np.ndarray
    lons: np.ndarray
    tags: np.ndarray
    opens: np.ndarray
    closes: np.ndarray
    masks: dict[int, bytearray]


@dataclass(frozen=True)
class Ask:
    lat: float
    lon: float
    bit: int
    minute: int


def unit(lats, lons):
    phi, lam = np.radians(lats), np.radians(lons)
    return np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], axis=-1)


def haversine_metres(lat, lon, lats, lons):
    phi, phis = np.radians(lat), np.radians(lats)
    half = np.sin((phis - phi) / 2) ** 2 + np.cos(phi) * np.cos(phis) * np.sin(np.radians(lons - lon) / 2) ** 2
    return 2 * EARTH_METRES * np.arcsin(np.sqrt(half))


def rank(town, ask, candidates):
    """The nearest K of `candidates` (positions) by Karney's geodesic."""
    count = len(candidates)
    _, _, metres = GEOD.inv(
        np.full(count, ask.lon), np.full(count, ask.lat), town.lons[candidates], town.lats[candidates]
    )
    return candidates[np.lexsort((candidates, metres))[:K]].tolist()


def find_truth(town, ask, *, prune=True):
    """Karney's geodesic over every eligible point; pruned to what a sphere puts within 5 % of the fifth."""
    eligible = np.frombuffer(town.masks[ask.minute], np.uint8).astype(bool) & (town.tags & np.uint64(ask.bit) != 0)
    positions = np.flatnonzero(eligible)
    if prune and len(positions) > K:
        metres = haversine_metres(ask.lat, ask.lon, town.lats[positions], town.lons[positions])
        positions = positions[metres <= 1.05 * np.partition(metres, K - 1)[K - 1]]
    return rank(town, ask, positions)


class Ours:
    name = "**ours**: NearestIndex"

    def __init__(self, town):
        self.masks = town.masks
        self.index = NearestIndex(town.lats, town.lons, town.tags)

    def answer(self, ask):
        found = self.index.nearest(ask.lat, ask.lon, K, ask.bit, self.masks[ask.minute])
        return [position for position, _metres in found]


class ServiceTrees:
    name = "cKDTree per service, sphere chords x 1.012, pyproj re-rank"
    exact = True

    def __init__(self, town):
        self.town, self.trees = town, {}
        self.masks = {minute: np.frombuffer(mask, np.bool_) for minute, mask in town.masks.items()}
        rows = unit(town.lats, town.lons)
        for bit in (1 << shift for shift in range(SERVICES)):
            positions = np.flatnonzero(town.tags & np.uint64(bit))
            self.trees[bit] = (cKDTree(rows[positions]), positions) if len(positions) else None

    def answer(self, ask):
        if not self.trees[ask.bit]:
            return []
        tree, positions = self.trees[ask.bit]
        spot, mask, fetch = unit(ask.lat, ask.lon), self.masks[ask.minute], 16
        while True:
            fetch = min(fetch, tree.n)
            chords, numbers = tree.query(spot, fetch if fetch > 1 else [1])
            found = positions[numbers]
            is_open = mask[found]
            last, chords, found = chords[-1], chords[is_open], found[is_open]
            if fetch == tree.n or (len(chords) >= K and chords[K - 1] * SPHERE_MARGIN < last):
                break
            fetch *= 4
        if not self.exact or len(chords) <= 1:
            return found[:K].tolist()
        return rank(self.town, ask, found[chords <= chords[min(K, len(chords)) - 1] * SPHERE_MARGIN])


class SphereTrees(ServiceTrees):
    name = "the same, order of the sphere"
    exact = False


class Haversine:
    name = "NumPy haversine, whole array"

    def __init__(self, town):
        self.town = town
        self.masks = {minute: np.frombuffer(mask, np.bool_) for minute, mask in town.masks.items()}

    def answer(self, ask):
        town = self.town
        metres = haversine_metres(ask.lat, ask.lon, town.lats, town.lons)
        metres[~(self.masks[ask.minute] & (town.tags & np.uint64(ask.bit) != 0))] = np.inf
        best = np.argpartition(metres, K)[:K]
        best = best[np.argsort(metres[best])]
        return best[np.isfinite(metres[best])].tolist()


class RTree:
    name = "SQLite R*Tree, growing box, pyproj re-rank"

    def __init__(self, town):
        self.town = town
        self.base = sqlite3.connect(":memory:")
        self.base.execute("CREATE VIRTUAL TABLE box USING rtree(id, south, north, west, east)")
        self.base.execute("CREATE TABLE point (id INTEGER PRIMARY KEY, tags INT, opens INT, closes INT)")
        lats, lons = town.lats.tolist(), town.lons.tolist()
        rows = ((at, lat, lat, lon, lon) for at, (lat, lon) in enumerate(zip(lats, lons, strict=True)))
        self.base.executemany("INSERT INTO box VALUES (?, ?, ?, ?, ?)", rows)
        columns = (town.tags.tolist(), town.opens.tolist(), town.closes.tolist())
        points = ((at, *row) for at, row in enumerate(zip(*columns, strict=True)))
        self.base.executemany("INSERT INTO point VALUES (?, ?, ?, ?)", points)

    def answer(self, ask):
        half = 0.05
        while True:
            # R*Tree keeps 32-bit floats, rounded outwards.
            wide = half / max(0.05, cos(radians(min(89.0, abs(ask.lat) + half))))
            sql = (
                "SELECT box.id FROM box JOIN point ON point.id = box.id WHERE south <= ? AND north >= ? AND west <= ?"
                " AND east >= ? AND tags & ? AND opens <= ? AND closes > ?"
            )
            sides = (ask.lat + half, ask.lat - half, ask.lon + wide, ask.lon - wide)
            rows = self.base.execute(sql, (*sides, ask.bit, ask.minute, ask.minute)).fetchall()
            if len(rows) >= K or half > 60:
                best = rank(self.town, ask, np.array([at for (at,) in rows], dtype=np.int64))
                if half > 60 or not best:
                    return best
                last = GEOD.inv(ask.lon, ask.lat, self.town.lons[best[-1]], self.town.lats[best[-1]])[2]
                if last <= half * 110_000:
                    return best
            half *= 2


class GeopyLoop:
    name = "geopy loop over dicts"

    def __init__(self, town):
        self.rows = [
            {"at": at, "lat": lat, "lon": lon, "tags": tags, "opens": opens, "closes": closes}
            for at, (lat, lon, tags, opens, closes) in enumerate(
                zip(*(c.tolist() for c in (town.lats, town.lons, town.tags, town.opens, town.closes)), strict=True)
            )
        ]

    def answer(self, ask):
        found = [
            (geodesic((ask.lat, ask.lon), (row["lat"], row["lon"])).m, row["at"])
            for row in self.rows
            if row["tags"] & ask.bit and row["opens"] <= ask.minute < row["closes"]
        ]
        return [at for _metres, at in sorted(found)[:K]]


class PostgresCluster:
    """A private PostgreSQL over a unix socket in a temporary directory, as the user postgres."""

    def __enter__(self):
        self.home = Path(tempfile.mkdtemp(prefix="nearest-"))
        self.user = "postgres" if os.geteuid() == 0 else None
        if self.user:
            shutil.chown(self.home, self.user)
        self._run("initdb", "-D", self.home / "data", "-A", "trust", "-U", "postgres", "--no-sync")
        options = f"-k {self.home} -c listen_addresses='' -c fsync=off -c shared_buffers=256MB -c jit=off"
        self._run("pg_ctl", "-D", self.home / "data", "-w", "-l", self.home / "log", "-o", options, "start")
        self.connection = psycopg.connect(f"host={self.home} user=postgres dbname=postgres", autocommit=True)
        return self.connection

    def __exit__(self, *_failure):
        self.connection.close()
        self._run("pg_ctl", "-D", self.home / "data", "-m", "immediate", "stop")
        shutil.rmtree(self.home, ignore_errors=True)

    def _run(self, tool, *words):
        subprocess.run([POSTGRES / tool, *words], check=True, user=self.user, stdout=subprocess.DEVNULL, cwd="/")

    @staticmethod
    def is_installed():
        return (POSTGRES / "initdb").exists() and POSTGIS.exists()


class PostGis:
    name = "PostGIS exact: KNN 20, ST_Distance re-rank, prepared"
    connection: psycopg.Connection

    def __init__(self, town):
        run = self.connection.execute
        run("CREATE EXTENSION IF NOT EXISTS postgis")
        run("DROP TABLE IF EXISTS point")
        run("CREATE TABLE point (id int, tags int, opens int, closes int, spot geography(Point, 4326))")
        rows = zip(*(c.tolist() for c in (town.tags, town.opens, town.closes, town.lons, town.lats)), strict=True)
        with self.connection.cursor().copy("COPY point FROM STDIN") as copy:
            for at, (tags, opens, closes, lon, lat) in enumerate(rows):
                copy.write_row((at, tags, opens, closes, f"SRID=4326;POINT({lon!r} {lat!r})"))
        run("CREATE INDEX ON point USING gist (spot)")
        run("VACUUM ANALYZE point")

    def answer(self, ask):
        sql = (
            "WITH here AS (SELECT ST_SetSRID(ST_MakePoint(%s, %s), 4326)::geography AS spot), near AS MATERIALIZED ("
            "SELECT p.id, p.spot FROM point p WHERE p.tags & %s <> 0 AND p.opens <= %s AND p.closes > %s"
            " ORDER BY p.spot <-> (SELECT spot FROM here) LIMIT 20)"
            " SELECT id FROM near ORDER BY ST_Distance(spot, (SELECT spot FROM here)), id LIMIT 5"
        )
        wanted = (ask.lon, ask.lat, ask.bit, ask.minute, ask.minute)
        return [at for (at,) in self.connection.execute(sql, wanted, prepare=True).fetchall()]

    def get_disk_megabytes(self):
        return self.connection.execute("SELECT pg_total_relation_size('point')").fetchone()[0] / 1e6
