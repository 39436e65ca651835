"""Late, repeated, future and implausible fixes do no harm."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from stations.adapters.trackers.fix import Fix
from stations.fleet.rules.arrivals import GateMap
from stations.fleet.rules.fixes import (
    Came,
    Followed,
    Marker,
    Suspect,
    Verdict,
    age,
    follow_fixes,
    is_doubtful,
    is_in_china,
    set_heard,
)

NOW = datetime(2027, 6, 7, tzinfo=UTC)
NO_GATES = GateMap({})
GOOD, LATE, FUTURE, IMPLAUSIBLE = Verdict.GOOD, Verdict.LATE, Verdict.FUTURE, Verdict.IMPLAUSIBLE


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def came(fixed: float, received: float | None = None, lat: float = 39.9, **changes: Any) -> Came:
    """A fix of so many seconds after NOW; received at once unless said."""
    fix = Fix(NOW + seconds(fixed), lat, 116.3, "beacon", 10)
    return Came(msgspec.structs.replace(fix, **changes), NOW + seconds(fixed if received is None else received))


def run(*arrived: Came, marker: Marker | None = None, suspects: tuple[Suspect, ...] = ()) -> Followed:
    return follow_fixes(marker, sorted(arrived, key=lambda each: each.fix.fixed_at), suspects, NO_GATES)


def marker_at(at: float, **changes: Any) -> Marker:
    marker = run(came(at, **changes)).marker
    assert marker is not None
    return marker


def test_the_newest_by_the_devices_clock_is_the_marker() -> None:
    followed = run(came(20, 30), came(0, 31), came(10, 32))
    assert followed.verdicts == (GOOD, GOOD, GOOD)
    assert followed.marker is not None
    assert (followed.marker.fixed_at, followed.marker.seen_at) == (NOW + seconds(20), NOW + seconds(20))
    assert followed.marker.heard_at == NOW + seconds(32)


def test_a_late_fix_joins_the_track_only() -> None:
    marker = marker_at(60)
    followed = run(came(30, 70), came(60, 71), marker=marker)
    assert followed.verdicts == (LATE, LATE)
    assert followed.marker is marker


def test_an_old_batch_does_not_look_fresh() -> None:
    followed = run(*(came(-1800 - n, 0) for n in range(20)))
    assert followed.marker is not None
    assert age(followed.marker.seen_at, NOW + seconds(1)) == seconds(1801)
    assert followed.marker.received_at == NOW


def test_a_clock_a_little_ahead_counts_as_now() -> None:
    marker = run(came(50, 0)).marker
    assert marker is not None
    assert (marker.fixed_at, marker.seen_at) == (NOW, NOW)
    assert run(came(10), marker=marker).verdicts == (GOOD,), "the clock was set right: the marker is not frozen"
    assert age(marker.seen_at, NOW - seconds(5)) == seconds(0)


def test_a_fix_from_the_future_waits_for_a_second_one() -> None:
    day = 86_400
    marker = marker_at(0)
    first = run(came(10 + day, 10), marker=marker)
    assert first.verdicts == (FUTURE,)
    assert first.marker is marker
    suspect = Suspect(NOW + seconds(10 + day), NOW + seconds(10), 39.9, 116.3, FUTURE)
    second = run(came(20 + day, 20, lat=39.901), marker=marker, suspects=(suspect,))
    assert second.verdicts == (FUTURE,)
    assert second.marker is not None
    assert (second.marker.fixed_at, second.marker.seen_at, second.marker.fix.lat) == (
        NOW + seconds(20), NOW + seconds(20), 39.901,
    )  # fmt: skip
    right = run(came(30, 30, lat=39.902), marker=second.marker, suspects=(suspect,))
    assert right.verdicts == (GOOD,), "its clock was set right"


def test_a_batch_from_a_clock_that_is_ahead_does_not_look_fresh() -> None:
    day = 86_400
    suspect = Suspect(NOW + seconds(day), NOW, 39.9, 116.3, FUTURE)
    followed = run(*(came(day + 60 * n, 1800) for n in range(11)), marker=marker_at(-60), suspects=(suspect,))
    assert followed.marker is not None
    assert followed.marker.seen_at == NOW + seconds(600)


def test_a_clock_that_jumps_about_moves_nothing() -> None:
    day, marker = 86_400, marker_at(0)
    suspect = Suspect(NOW + seconds(day), NOW, 39.9, 116.3, FUTURE)
    followed = run(came(3 * day, 10), marker=marker, suspects=(suspect,))
    assert followed.verdicts == (FUTURE,)
    assert followed.marker is marker
    alone = run(came(day, 10), came(day + 10, 10), marker=marker)
    assert alone.marker is marker, "one request does not prove itself"


def test_a_jump_is_believed_when_it_is_repeated() -> None:
    marker = marker_at(0)
    jump = came(10, lat=40.9)
    first = run(jump, marker=marker)
    assert first.verdicts == (IMPLAUSIBLE,)
    assert first.marker is marker
    suspect = Suspect(jump.fix.fixed_at, jump.received_at, jump.fix.lat, jump.fix.lon, IMPLAUSIBLE)
    assert run(came(20), marker=marker, suspects=(suspect,)).verdicts == (GOOD,), "it was a slip"
    assert run(came(20, lat=41.9), marker=marker, suspects=(suspect,)).verdicts == (IMPLAUSIBLE,)
    again = run(came(20, lat=40.9), marker=marker, suspects=(suspect,))
    assert again.verdicts == (GOOD,)
    assert again.marker is not None
    assert again.marker.fix.lat == 40.9
    assert run(jump, came(20, lat=40.9), marker=marker).verdicts == (IMPLAUSIBLE, GOOD), "in one batch too"


def test_a_rough_fix_may_be_far_off() -> None:
    assert run(came(10, lat=39.918, accuracy_metres=2000), marker=marker_at(0)).verdicts == (GOOD,)


DOUBTFUL = [
    (came(10), False),
    (came(120, 10), True),
    (came(10, lat=41), True),
    (came(-10, lat=41), False),
    (came(70, 10), False),
]


@pytest.mark.parametrize(("each", "doubtful"), DOUBTFUL)
def test_only_a_doubtful_fix_needs_the_earlier_ones(each: Came, doubtful: bool) -> None:
    assert is_doubtful(each, marker_at(0)) is doubtful


def test_where_china_is_not() -> None:
    assert [is_in_china(Fix(NOW, *spot, "x")) for spot in ((0, 0), (39.9, 116.3), (116.3, 39.9), (35.7, 139.7))] == [
        False, True, False, False,
    ]  # fmt: skip


def test_the_interval_is_learned_from_what_comes_as_it_is_made() -> None:
    marker = marker_at(0)
    assert marker.interval_seconds == 10
    assert marker_at(0, source="owntracks").interval_seconds == 60
    for n in range(1, 40):
        moved = run(came(30 * n), marker=marker).marker
        assert moved is not None
        marker = moved
    assert 28 <= marker.interval_seconds <= 30
    after_outage = run(came(30 * 39 + 900), marker=marker).marker
    batch = run(*(came(30 * 39 + n, 1400) for n in range(1, 100)), marker=marker).marker
    other = run(came(30 * 40, source="overland"), marker=marker).marker
    assert after_outage is not None
    assert batch is not None
    assert other is not None
    assert (after_outage.interval_seconds, batch.interval_seconds, other.interval_seconds) == (
        marker.interval_seconds, marker.interval_seconds, 60,
    )  # fmt: skip


def test_an_alarm_stands_since_it_was_first_raised() -> None:
    marker = marker_at(0)
    raised = set_heard(marker, NOW + seconds(5), True)
    assert (raised.alarm_at, raised.heard_at) == (NOW + seconds(5), NOW + seconds(5))
    assert set_heard(raised, NOW + seconds(9), True).alarm_at == NOW + seconds(5)
    assert set_heard(raised, NOW + seconds(1), False).heard_at == NOW + seconds(5)
    assert run(came(20), marker=raised).marker == msgspec.structs.replace(
        marker_at(20), alarm_at=NOW + seconds(5), interval_seconds=12
    )
