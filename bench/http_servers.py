"""The applications that `http_load.py` serves, each made by a function that gunicorn calls. Settings come from
BENCH_URL (the product's database) and BENCH_POSTGRES (a directory with PostgreSQL's socket)."""

import json
import os
import sys
import threading
from datetime import datetime
from math import cos, radians
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
from flask import Flask, jsonify, request
from geopy.distance import geodesic
from sqlalchemy import select

sys.path += [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

from http_town import ZONE, make_app

from stations.kernel.db import db
from stations.places.models import OpeningHours, ServiceOffered, Station

FIELDS = ("code", "name", "kind", "address", "lat", "lon", "phone")
MEASURED = 30


def make_bare():
    """Flask alone."""
    app = Flask("bare")
    app.add_url_rule("/hello", view_func=lambda: ("ok", {"Content-Type": "text/plain"}))
    return app


def make_ours():
    """The product; its /healthz is the hello that went through all its middleware."""
    return make_app(os.environ["BENCH_URL"])


def make_orm():
    """What a competent developer writes first: a growing box in SQL, geopy on the 30 nearest in it."""
    return make_orm_app(answer_from_box)


def make_naive():
    """What stands in tutorials: every row as an object, geopy on each."""
    return make_orm_app(answer_from_all)


def make_orm_app(answer):
    app = Flask("orm")
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["BENCH_URL"]
    db.init_app(app)
    app.add_url_rule("/api/v1/nearest", view_func=lambda: jsonify(stations=answer(*read_question())))
    return app


def read_question():
    args = request.args
    return float(args["lat"]), float(args["lon"]), args["need"], int(args.get("limit", 5))


def get_minute():
    now = datetime.now(ZoneInfo(ZONE))
    return now.weekday(), now.hour * 60 + now.minute


def select_open(need):
    weekday, minute = get_minute()
    return (
        select(Station)
        .join(ServiceOffered, (ServiceOffered.station_id == Station.id) & (ServiceOffered.service == need))
        .join(OpeningHours, (OpeningHours.station_id == Station.id) & (OpeningHours.weekday == weekday))
        .where(OpeningHours.opens_minute <= minute, OpeningHours.closes_minute > minute)
    )


def answer_from_box(lat, lon, need, limit):
    degrees = 0.2
    while True:
        wide = degrees / cos(radians(lat))
        box = select_open(need).where(
            Station.lat.between(lat - degrees, lat + degrees), Station.lon.between(lon - wide, lon + wide)
        )
        found = db.session.execute(box).scalars().all()
        roughly = sorted(found, key=lambda s: (s.lat - lat) ** 2 + ((s.lon - lon) * cos(radians(lat))) ** 2)
        best = rank(roughly[:MEASURED], lat, lon, limit)
        if degrees > 60 or (len(best) == limit and best[-1][0] <= degrees * 110_000):
            return [row(station, metres) for metres, station in best]
        degrees *= 2


def answer_from_all(lat, lon, need, limit):
    return [
        row(station, metres)
        for metres, station in rank(db.session.execute(select_open(need)).scalars().all(), lat, lon, limit)
    ]


def rank(stations, lat, lon, limit):
    measured = [(geodesic((lat, lon), (s.lat, s.lon)).m, s) for s in stations]
    return sorted(measured, key=lambda pair: (pair[0], pair[1].code))[:limit]


def row(station, metres):
    return {name: getattr(station, name) for name in FIELDS} | {"metres": round(metres, 1), "is_open": True}


QUERY = """WITH here AS (SELECT ST_SetSRID(ST_MakePoint(%s, %s), 4326)::geography AS spot), near AS MATERIALIZED (
 SELECT p.* FROM point p WHERE p.services @> ARRAY[%s]::text[] AND p.weekdays @> ARRAY[%s]::int[]
 AND p.opens <= %s AND p.closes > %s ORDER BY p.spot <-> (SELECT spot FROM here) LIMIT 20)
 SELECT code, name, kind, address, lat, lon, phone, services, ST_Distance(spot, (SELECT spot FROM here)) AS metres
 FROM near ORDER BY metres, code LIMIT %s"""


def make_postgis():
    """PostGIS by its index, exactly re-ranked: a prepared statement on a connection that each thread keeps."""
    app = Flask("postgis")
    kept = threading.local()

    @app.get("/api/v1/nearest")
    def nearest():
        if not hasattr(kept, "connection"):
            kept.connection = psycopg.connect(
                f"host={os.environ['BENCH_POSTGRES']} user=postgres dbname=postgres", autocommit=True
            )
        lat, lon, need, limit = read_question()
        weekday, minute = get_minute()
        wanted = (lon, lat, need, weekday, minute, minute, limit)
        rows = kept.connection.execute(QUERY, wanted, prepare=True).fetchall()
        names = (*FIELDS, "services", "metres")
        found = [dict(zip(names, values, strict=True)) | {"is_open": True} for values in rows]
        return app.response_class(json.dumps({"stations": found}), mimetype="application/json")

    return app


def fill_postgis(connection, url):
    """The product's stations as a table made for this query."""
    run = connection.execute
    run("CREATE EXTENSION postgis")
    run(
        "CREATE TABLE point (code text, name text, kind text, address text, lat float8, lon float8, phone text,"
        " services text[], weekdays int[], opens int, closes int, spot geography(Point, 4326))"
    )
    with make_app(url).app_context(), connection.cursor().copy("COPY point FROM STDIN") as copy:
        offered, weekdays = {}, {}
        for station_id, service in db.session.execute(select(ServiceOffered.station_id, ServiceOffered.service)):
            offered.setdefault(station_id, []).append(service)
        for station_id, weekday in db.session.execute(select(OpeningHours.station_id, OpeningHours.weekday)):
            weekdays.setdefault(station_id, []).append(weekday)
        for s in db.session.execute(select(Station)).scalars():
            fields = [getattr(s, name) for name in FIELDS]
            spot = f"SRID=4326;POINT({s.lon!r} {s.lat!r})"
            copy.write_row([*fields, offered.get(s.id, []), weekdays[s.id], 0, 1440, spot])
        db.session.remove()
        db.engine.dispose()
    run("CREATE INDEX ON point USING gist (spot)")
    run("VACUUM ANALYZE point")
