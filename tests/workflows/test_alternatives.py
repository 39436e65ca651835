"""What the board offers when a plain ride would be late, and that it can be sent."""

from datetime import datetime, timedelta

import pytest
from factories.fleet import DISPATCHER, a_request, a_vehicle
from flask import Flask
from sqlalchemy import insert, select, update

from stations.fleet.models import Booking, Vehicle
from stations.fleet.queries.requests import get_request
from stations.fleet.queries.rides import list_rides_of
from stations.fleet.rules.requests import HelpKind
from stations.fleet.rules.slack import Advice
from stations.kernel import clock
from stations.kernel.db import db, transaction
from stations.kernel.errors import NotFound
from stations.places.models import Station
from stations.places.queries.atlas import get_atlas
from stations.seasons.queries import get_calendar
from stations.workflows.alternatives import find_way, list_ways, offer_way
from stations.workflows.dispatching import look

pytestmark = pytest.mark.usefixtures("app")
PATHS = DISPATCHER.paths("fleet.read")


def gate_of(site: str = "KD0108-01") -> tuple[float, float]:
    return get_atlas(get_calendar().zone).sites[site].starts[0]


def at(time: str) -> None:
    clock.show(datetime.fromisoformat(f"2027-06-07T{time}+08:00"), clock.real_now())


def ways(number: int) -> dict[str, tuple[int, tuple[str, ...]]]:
    found = list_ways(get_request(number), look(PATHS))
    return {way.found.advice.value: (way.found.margin_seconds, way.vehicles) for way in found}


def test_near_the_gate_walking_is_sooner_than_any_vehicle() -> None:
    lat, lon = gate_of()
    number = a_request(point=(lat + 0.003, lon))
    at("08:58:00")
    found = ways(number)
    assert next(iter(found)) == Advice.WALK
    assert found[Advice.WALK][0] > 0
    assert found[Advice.WALK][1] == ()


def test_nothing_in_time_says_to_tell_the_gate_first() -> None:
    number = a_request(point=(40.35, 116.8))
    at("09:05:00")
    found = ways(number)
    assert next(iter(found)) == Advice.TELL_GATE
    assert found[Advice.MEET_HALF_WAY][0] < 0


def test_meeting_half_way_is_sent_with_its_meeting_point() -> None:
    lat, lon = gate_of()
    number = a_request(point=(lat + 0.016, lon))
    at("08:56:00")
    board = look(PATHS)
    way = find_way(get_request(number), board, Advice.MEET_HALF_WAY)
    with transaction():
        offer_way(way.orders, DISPATCHER)
    ride = list_rides_of(number)[0]
    assert (ride.vehicle, ride.pickup_place) == (way.vehicles[0], way.place)
    assert ride.pickup_lat is not None
    assert lat < ride.pickup_lat <= lat + 0.016
    assert ride.reach_seconds + ride.ride_seconds == way.found.arrives_seconds


def test_papers_change_vehicles_when_the_first_is_booked() -> None:
    with transaction():  # nobody else stands by
        db.session.execute(update(Vehicle).values(state="off"))
    first = a_vehicle()
    a_vehicle("T2")
    at("08:30:00")
    base = db.session.execute(select(Station.lat, Station.lon).order_by(Station.code).limit(1)).one()
    number = a_request(kind=HelpKind.PAPERS, point=(base.lat + 0.005, base.lon))
    booked = clock.now() + timedelta(minutes=30)
    with transaction():
        db.session.execute(
            insert(Booking).values(
                vehicle_id=first, kind="booked", lane=0, starts_at=booked, ends_at=booked + timedelta(hours=1), place=""
            )
        )
        db.session.execute(update(Booking).values(starts_at=booked))
    at("08:40:00")
    way = find_way(get_request(number), look(PATHS), Advice.RELAY)
    assert way.vehicles == ("T1", "T2")
    assert [order.leg for order in way.orders] == [1, 2]
    assert way.orders[0].dropoff == way.orders[1].pickup


def test_ride_home_has_no_other_way(app: Flask) -> None:
    row = get_request(a_request(kind=HelpKind.RIDE_HOME))
    assert list_ways(row, look(PATHS)) == ()
    with pytest.raises(NotFound):
        find_way(row, look(PATHS), "fly")
