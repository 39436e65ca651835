"""A vehicle's time is kept once, whoever asks and however many at the same moment."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from cast import Cast
from conftest import on_both
from factories.crowd import run_crowd
from factories.fleet import DISPATCHER, HAIDIAN, a_request, a_vehicle, an_offer
from flask import Flask
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from stations.fleet.actions.bookings import book, cancel_booking
from stations.fleet.models import Booking
from stations.fleet.queries.bookings import get_booking, list_bookings
from stations.fleet.rules.bookings import BookingKind, BookingOrder
from stations.kernel import audit
from stations.kernel.db import db, transaction
from stations.kernel.errors import Forbidden, Invalid, NotFound, Refused

MINUTE = timedelta(minutes=1)
BOOKED, ROVING = BookingKind.BOOKED, BookingKind.ROVING


def at(minutes: int) -> datetime:
    """So many minutes after 09:00."""
    return Cast.now.replace(hour=9, minute=0) + minutes * MINUTE


def keep(start: int, end: int, kind: BookingKind = BOOKED, vehicle: str = "V001", **fields: Any) -> int:
    with transaction():
        return int(book(BookingOrder(vehicle, kind, at(start), at(end), **fields), DISPATCHER)["id"])


def spans() -> list[tuple[str, str, datetime, datetime]]:
    rows = list_bookings(("",), at(-600), at(600))
    return [(row.vehicle, row.kind.value, row.starts_at, row.ends_at) for row in rows]


@on_both
def test_two_bookings_of_a_lane_never_overlap(app: Flask) -> None:
    keep(0, 60)
    for start, end in ((0, 60), (30, 90), (-30, 1), (10, 20), (-30, 90), (59, 60)):
        with pytest.raises(Refused, match=r"vehicle\.booked") as refused:
            keep(start, end)
        assert str(refused.value.message).startswith("V001 在 06-07 09:00 至 06-07 10:00 已有安排：预约用车。")
        assert refused.value.field == "starts"
    keep(60, 90)  # they may touch
    keep(-30, 0)
    keep(0, 60, vehicle="V002")
    keep(0, 60, ROVING)  # a patrol has a lane of its own
    with pytest.raises(Refused, match=r"vehicle\.booked"):
        keep(59, 61, ROVING)
    with pytest.raises(Refused, match=r"vehicle\.booked"):
        keep(89, 91, BookingKind.HOTLINE)  # rides share a lane
    assert len(spans()) == 5


@on_both
def test_the_database_refuses_what_comes_past_the_action(app: Flask) -> None:
    first, second = keep(0, 60), keep(60, 90)
    vehicle_id = db.session.execute(select(Booking.vehicle_id).where(Booking.id == first)).scalar_one()
    row = {"vehicle_id": vehicle_id, "kind": "booked", "lane": 0, "starts_at": at(50), "ends_at": at(55), "place": ""}
    pulled = update(Booking).where(Booking.id == second).values(starts_at=at(59))
    for statement in (insert(Booking).values(row), pulled, insert(Booking).values(row | {"kind": "hotline"})):
        with pytest.raises(IntegrityError, match="booking_apart"), transaction():
            db.session.execute(statement)
    with pytest.raises(IntegrityError), transaction():  # nor may a patrol take the lane of rides
        db.session.execute(insert(Booking).values(row | {"kind": "roving"}))
    assert len(spans()) == 2


@on_both
def test_a_cancelled_booking_gives_its_time_back_once(app: Flask) -> None:
    first = keep(0, 60, place="十一学校")
    with transaction():
        cancel_booking(first, DISPATCHER)
    assert spans() == []
    second = keep(30, 90)
    with pytest.raises(Refused, match=r"booking\.gone"), transaction():
        cancel_booking(first, DISPATCHER)
    with pytest.raises(IntegrityError, match="booking_apart"), transaction():
        db.session.execute(update(Booking).where(Booking.id == first).values(cancelled_at=None))
    assert [span[2] for span in spans()] == [at(30)]
    assert get_booking(second).place == ""
    events = [event.action for event in audit.list_events("vehicle:V001")]
    assert events[:3] == ["booking.add", "booking.cancel", "booking.add"]


@on_both
def test_a_booking_with_a_live_ride_stays(app: Flask) -> None:
    a_vehicle("T1")
    an_offer(a_request())
    (row,) = list_bookings(("",), at(-600), at(600))
    assert (row.vehicle, row.kind, row.has_ride) == ("T1", BookingKind.HOTLINE, True)
    with pytest.raises(Refused, match=r"booking\.riding"), transaction():
        cancel_booking(row.id, DISPATCHER)


def test_nobody_books_what_is_not_theirs_or_not_there(app: Flask) -> None:
    order = BookingOrder("V004", BOOKED, at(0), at(60))
    with pytest.raises(Forbidden), transaction():
        book(order, HAIDIAN)
    with pytest.raises(NotFound), transaction():
        book(BookingOrder("NONE", BOOKED, at(0), at(60)), DISPATCHER)
    with pytest.raises(Invalid, match=r"booking\.over"):
        keep(-600, -500)
    theirs = keep(0, 60, vehicle="V004")
    with pytest.raises(Forbidden), transaction():
        cancel_booking(theirs, HAIDIAN)
    with pytest.raises(NotFound), transaction():
        cancel_booking(theirs + 1, DISPATCHER)
    with pytest.raises(IntegrityError):  # what is not about overlap is not called so
        keep(100, 160, help_request_id=999_999)
    assert [row.id for row in list_bookings(HAIDIAN.paths("fleet.read"), at(-600), at(600))] == []
    assert len(spans()) == 1


BOOK = """
from datetime import datetime, timedelta
from stations.accounts.rules import PROGRAM
from stations.fleet.actions.bookings import book
from stations.fleet.rules.bookings import BookingKind, BookingOrder
from stations.kernel import clock
from stations.kernel.db import run_in_transaction
from stations.kernel.errors import Refused
clock.show(datetime.fromisoformat("2027-06-07T07:45:00+08:00"), clock.real_now())
for n in range(ROUNDS):
    starts = datetime.fromisoformat("2027-06-07T09:00:00+08:00") + timedelta(minutes=number)
    order = BookingOrder(f"V{n + 1:03}", BookingKind.BOOKED, starts, starts + timedelta(hours=1))
    try:
        run_in_transaction(lambda: book(order, PROGRAM))
        print("booked")
    except Refused as refused:
        print(refused.code)
"""


@on_both
@pytest.mark.timeout(300)
def test_of_eight_who_book_overlapping_hours_at_once_one_gets_them(app: Flask, database: str) -> None:
    rounds = 10
    db.session.rollback()
    said = run_crowd(database, f"ROUNDS = {rounds}\n{BOOK}", 8)
    told = Counter(word for out in said for word in out.split())
    assert told == Counter({"booked": rounds, "vehicle.booked": 7 * rounds})
    db.session.rollback()
    kept = select(func.count(), func.count(Booking.vehicle_id.distinct()))
    assert tuple(db.session.execute(kept).one()) == (rounds, rounds)
