"""When a vehicle is there: as promised while that holds, and now when the promise has passed."""

from datetime import UTC, datetime, timedelta

from stations.fleet.rules.forecast import forecast, minutes_until

NOW = datetime(2027, 6, 6, 23, 45, tzinfo=UTC)
CUTOFF = NOW + timedelta(minutes=30)


def test_forecast_counts_reach_then_ride_against_the_cutoff() -> None:
    found = forecast(NOW, None, 300, 600, CUTOFF, NOW)
    assert found.pickup_at == NOW + timedelta(minutes=5)
    assert found.gate_at == NOW + timedelta(minutes=15)
    assert (found.margin_minutes, found.as_of) == (15, NOW)


def test_forecast_that_has_passed_is_expected_now_and_moves_the_gate() -> None:
    found = forecast(NOW - timedelta(minutes=9), None, 300, 1800, CUTOFF, NOW)
    assert found.pickup_at == NOW
    assert found.gate_at == NOW + timedelta(minutes=30)
    assert found.margin_minutes == 0
    late = forecast(NOW - timedelta(minutes=9), None, 300, 1801, CUTOFF, NOW)
    assert late.margin_minutes == -1


def test_forecast_of_who_is_aboard_begins_at_the_pickup() -> None:
    aboard = NOW - timedelta(minutes=4)
    found = forecast(NOW - timedelta(minutes=20), aboard, 300, 600, None, NOW)
    assert (found.pickup_at, found.margin_minutes, found.as_of) == (None, None, aboard)
    assert found.gate_at == NOW + timedelta(minutes=6)
    assert forecast(NOW, NOW - timedelta(hours=1), 300, 600, None, NOW).gate_at == NOW


def test_minutes_are_rounded_up_and_never_below_nothing() -> None:
    assert [minutes_until(NOW + timedelta(seconds=s), NOW) for s in (-90, 0, 1, 60, 61)] == [0, 0, 1, 1, 2]
