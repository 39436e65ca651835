"""Which spans may be booked at all."""

from datetime import timedelta

import pytest
from factories.places import beijing

from stations.fleet.rules.bookings import LONGEST, BookingKind, check_span, lane_of
from stations.kernel.errors import Invalid

NOW = beijing("08:00")
SECOND = timedelta(seconds=1)


def test_a_patrol_has_a_lane_of_its_own() -> None:
    assert [lane_of(kind) for kind in BookingKind] == [0, 1, 0]


def test_a_span_must_have_a_length_and_an_end_ahead() -> None:
    check_span(NOW - LONGEST + SECOND, NOW + SECOND, NOW)
    wrong = (
        (NOW, NOW, "booking.reversed"),
        (NOW, NOW - SECOND, "booking.reversed"),
        (NOW, NOW + LONGEST + SECOND, "booking.long"),
        (NOW - 2 * SECOND, NOW, "booking.over"),
    )
    for starts_at, ends_at, code in wrong:
        with pytest.raises(Invalid) as refused:
            check_span(starts_at, ends_at, NOW)
        assert (refused.value.code, refused.value.field) == (code, "ends")
