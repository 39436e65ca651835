"""The one clock."""

from datetime import UTC, datetime, timedelta

import pytest

from stations.kernel import clock


@pytest.fixture(autouse=True)
def _real_afterwards() -> object:
    yield
    clock.show_real()


def test_the_clock_tells_real_time_in_utc() -> None:
    before = datetime.now(UTC)
    assert before <= clock.now() <= datetime.now(UTC)
    assert (clock.now().tzinfo, clock.is_real()) == (UTC, True)


def test_a_shown_time_runs_on_from_the_moment_it_was_set() -> None:
    shown = datetime.fromisoformat("2027-06-07T07:40:00+08:00")
    clock.show(shown, clock.real_now() - timedelta(minutes=5))
    assert timedelta(minutes=5) <= clock.now() - shown < timedelta(minutes=5, seconds=2)
    assert clock.now().tzinfo == UTC
    assert not clock.is_real()
    assert abs(clock.real_now() - datetime.now(UTC)) < timedelta(seconds=2)
    clock.show_real()
    assert clock.is_real()
