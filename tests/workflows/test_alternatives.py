"""What the board offers when a plain ride would be late, and that it can be sent."""

from datetime import datetime, timedelta

import pytest
from factories.fleet import DISPATCHER, a_request, a_vehicle, an_offer
from flask import Flask
from sqlalchemy import insert, select, update

from stations.fleet.models import Booking, Ride, Vehicle, VehiclePosition
from stations.fleet.queries.requests import HelpRow, get_request
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


def test_a_vehicle_that_may_not_go_makes_no_other_way() -> None:
    lat, lon = gate_of()
    with transaction():  # nobody else stands by
        db.session.execute(update(Vehicle).values(state="off"))
    a_vehicle("T1", has_wheelchair=True, duty_from_minute=0, duty_until_minute=480)
    a_vehicle("T2", has_wheelchair=False)
    booked = a_vehicle("T3", has_wheelchair=True)
    at("08:50:00")
    number = a_request(point=(lat + 0.016, lon), needs_wheelchair=True)
    assert ways(number)[Advice.MEET_HALF_WAY][1] == ("T3",)
    with transaction():
        starts_at = clock.now() + timedelta(minutes=12)
        db.session.execute(
            insert(Booking).values(
                vehicle_id=booked,
                kind="booked",
                lane=0,
                starts_at=starts_at,
                ends_at=starts_at + timedelta(hours=1),
                place="",
            )
        )
    assert Advice.MEET_HALF_WAY not in ways(number)


def aboard(number: int, vehicle_id: int, minutes: int, *, metres_left: float) -> HelpRow:
    """Somebody who got in so many minutes ago and is, as was seen just now, so far from the gate."""
    now, row = clock.now(), get_request(number)
    with transaction():
        picked_up_at = now - timedelta(minutes=minutes)
        db.session.execute(update(Ride).values(state="picked_up", picked_up_at=picked_up_at, accepted_at=picked_up_at))
        db.session.execute(
            insert(VehiclePosition).values(
                vehicle_id=vehicle_id,
                lat=row.to_lat + metres_left / 111_000,
                lon=row.to_lon,
                fixed_at=now,
                received_at=now,
                seen_at=now,
                heard_at=now,
                interval_seconds=10,
                source="beacon",
            )
        )
    return get_request(number)


def a_ride_under_way() -> tuple[int, int]:
    """From 3 km away, promised to be inside the gate 15 minutes after 08:20; request and vehicle."""
    vehicle = a_vehicle()
    at("08:20:00")
    number = a_request(point=(gate_of()[0] + 0.03, gate_of()[1]))
    an_offer(number)
    return number, vehicle


def test_who_sits_in_a_jam_gets_out_and_walks_the_last_stretch() -> None:
    number, vehicle = a_ride_under_way()
    at("09:03:00")
    row = aboard(number, vehicle, 40, metres_left=500)
    (way,) = list_ways(row, look(PATHS))
    assert (way.found.advice, way.orders, bool(way.place)) == (Advice.WALK_LAST_STRETCH, (), True)
    assert way.found.margin_seconds > 0
    at("09:14:00")
    late = list_ways(get_request(number), look(PATHS))
    assert late == ()  # the vehicle was not seen for long: nobody knows where they sit
    with transaction():
        db.session.execute(update(VehiclePosition).values(seen_at=clock.now()))
    late = list_ways(get_request(number), look(PATHS))
    assert [each.found.advice for each in late] == [Advice.TELL_GATE, Advice.WALK_LAST_STRETCH]


def test_a_ride_that_runs_as_promised_is_sat_out() -> None:
    number, vehicle = a_ride_under_way()
    at("08:30:00")
    row = aboard(number, vehicle, 1, metres_left=2500)
    assert Advice.WALK_LAST_STRETCH not in [way.found.advice for way in list_ways(row, look(PATHS))]


def margin(number: int) -> int:
    line = look(PATHS).find_line(number)
    assert line is not None
    assert line.margin_seconds is not None
    return line.margin_seconds


def test_a_late_ride_is_judged_by_where_it_is() -> None:
    number, vehicle = a_ride_under_way()
    at("08:55:00")
    aboard(number, vehicle, 30, metres_left=6000)
    behind = margin(number)
    with transaction():
        db.session.execute(update(VehiclePosition).values(lat=gate_of()[0] + 0.003))
    assert margin(number) > behind + 300
    with transaction():  # not seen for long: by what was promised, which is over
        db.session.execute(update(VehiclePosition).values(seen_at=clock.now() - timedelta(minutes=5)))
    assert 0 <= 20 * 60 - margin(number) <= 60


def test_ride_home_has_no_other_way(app: Flask) -> None:
    row = get_request(a_request(kind=HelpKind.RIDE_HOME))
    assert list_ways(row, look(PATHS)) == ()
    with pytest.raises(NotFound):
        find_way(row, look(PATHS), "fly")
