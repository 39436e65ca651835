"""10,000 stations for the HTTP benchmark, written to the product's own database, and questions about them."""

import random
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
from nearest import SHARES, Cities
from sqlalchemy import insert

from stations import create_app
from stations.accounts.models import Organization
from stations.config import Config
from stations.kernel import clock
from stations.kernel.db import db, transaction
from stations.kernel.schema import upgrade
from stations.places.models import District, OpeningHours, ServiceOffered, Station
from stations.places.rules import SERVICES
from stations.seasons.models import Season

COUNT = 10_000
OPEN_SHARE = 0.7
ZONE = "Asia/Shanghai"
NEEDS = list(SERVICES)[: len(SHARES)]
SECRET = "a-secret-of-benchmarks-only-0123456789"


def make_app(url):
    """The product on that database, its own clock telling the real time."""
    return create_app(Config(database_url=url, secret_key=SECRET, demo_clock="off", environment="test"))


def build(url):
    """The schema, one season, and the stations."""
    app = make_app(url)
    with app.app_context():
        upgrade(db.engine)
        with transaction():
            for table, rows in list_rows():
                db.session.execute(insert(table), rows)
        db.session.remove()
        db.engine.dispose()


def list_rows():
    rng = np.random.default_rng(COUNT)
    lats, lons = Cities().draw(rng, COUNT)
    offered = rng.random((COUNT, len(NEEDS))) < SHARES
    is_open = rng.random(COUNT) < OPEN_SHARE
    today = clock.now().astimezone(ZoneInfo(ZONE)).weekday()
    yield Season, [
        {"code": "bench", "name": "bench", "name_en": "bench", "zone": ZONE, "starts_on": date(2027, 6, 7),
         "ends_on": date(2027, 6, 10), "centre_lat": 39.9, "centre_lon": 116.4, "is_demo": False}
    ]  # fmt: skip
    yield (
        Organization,
        [{"id": 1, "code": "O", "name": "某市总工会", "name_en": "Federation", "kind": "federation", "path": "O/"}],
    )
    yield District, [{"code": "D", "name": "某区", "name_en": "District", "lat": 39.9, "lon": 116.4}]
    yield Station, [make_station(at, lat, lon) for at, (lat, lon) in enumerate(zip(lats, lons, strict=True))]
    yield (
        ServiceOffered,
        [{"station_id": at + 1, "service": NEEDS[service]} for at, service in np.argwhere(offered).tolist()],
    )
    yield (
        OpeningHours,
        [
            {"station_id": at + 1, "weekday": day, "opens_minute": 0, "closes_minute": 1440}
            for at in range(COUNT)
            for day in (range(7) if is_open[at] else [(today + 3) % 7])
        ],
    )


def make_station(at, lat, lon):
    return {
        "id": at + 1, "code": f"S-{at:05}", "name": f"考点服务站{at:05}号", "kind": "shopfront", "organization_id": 1,
        "path": f"O/S-{at:05}/", "district_code": "D", "address": f"某区某某路{at % 200}号", "lat": float(lat),
        "lon": float(lon), "phone": "01012345678", "state": "planned", "state_reason": "", "revision": 1, "version": 1,
        "verified_at": datetime.now(UTC),
    }  # fmt: skip


def list_questions(count):
    """Addresses that ask for five open stations with one service, from where people are."""
    lats, lons = Cities().draw(np.random.default_rng(9), count)
    draw = random.Random(9)
    return [
        f"/api/v1/nearest?lat={lat:.5f}&lon={lon:.5f}&limit=5&open=1&need={draw.choice(NEEDS)}"
        for lat, lon in zip(lats.tolist(), lons.tolist(), strict=True)
    ]
