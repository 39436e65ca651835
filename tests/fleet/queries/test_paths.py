"""Every vehicle's scope, as new as the last write."""

from conftest import on_both
from flask import Flask
from sqlalchemy import text

from stations.fleet.models import Vehicle
from stations.fleet.queries.paths import TOPIC, vehicle_paths
from stations.kernel.db import db, transaction
from stations.kernel.revision import next_revision


@on_both
def test_a_vehicle_is_known_by_its_path_as_soon_as_it_is_written(app: Flask) -> None:
    before = dict(vehicle_paths())
    station_id, organization_id, path = db.session.execute(
        text("SELECT id, organization_id, path FROM station ORDER BY id LIMIT 1")
    ).one()
    with transaction():
        vehicle = Vehicle(
            code="T-1", plate="京A00001", kind="sedan", seats=3, has_wheelchair=False, sticker_no="",
            organization_id=organization_id, path=f"{path}T-1/", station_id=station_id, crew_phone="",
            duty_from_minute=360, duty_until_minute=1140, state="off", state_reason="", device_key="test-key",
        )  # fmt: skip
        db.session.add(vehicle)
        db.session.flush()
        next_revision(TOPIC)
    assert vehicle_paths() == before | {vehicle.id: f"{path}T-1/"}
