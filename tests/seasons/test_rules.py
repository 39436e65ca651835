"""The exam clock."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from factories.places import beijing

from stations.kernel.errors import Invalid
from stations.seasons.rules import SessionOrder, SessionRow, check_times, countdown


def session(code: str, starts: datetime, cutoff: datetime, **changes: Any) -> SessionRow:
    fields: dict[str, Any] = {
        "id": 1, "code": code, "subject": code, "subject_en": code, "starts_at": starts,
        "ends_at": starts + timedelta(hours=2), "entry_cutoff_at": cutoff, "other_cutoff_at": None, "source": "",
        "rule": "", "confirmed_by": None, "confirmed_at": None, "version": 1,
    }  # fmt: skip
    return SessionRow(**fields | changes)


CHINESE = session("语文", beijing("09:00"), beijing("09:15"))
MATHS = session("数学", beijing("15:00"), beijing("15:15"))
ENGLISH = session("英语", beijing("15:00", "2027-06-08"), beijing("14:45", "2027-06-08"))
OTHERS = session("其他外语", beijing("15:00", "2027-06-08"), beijing("15:15", "2027-06-08"))
SEASON = (OTHERS, MATHS, ENGLISH, CHINESE)  # in no order


@pytest.mark.parametrize(
    ("now", "codes", "minutes"),
    [
        (beijing("07:45"), ["语文"], 90),
        (beijing("09:14:59"), ["语文"], 0),
        (beijing("09:15"), ["数学"], 360),
        (beijing("15:14:01"), ["数学"], 0),
        (beijing("15:15"), ["英语", "其他外语"], 23 * 60 + 30),
        (beijing("14:44:59", "2027-06-08"), ["英语", "其他外语"], 0),
        # The earlier of two that begin together has passed; the other still lets in.
        (beijing("14:45", "2027-06-08"), ["其他外语"], 30),
    ],
)
def test_countdown_goes_to_the_earliest_cutoff_ahead(now: datetime, codes: list[str], minutes: int) -> None:
    clock = countdown(SEASON, now)
    assert clock is not None
    assert ([s.code for s in clock.sessions], clock.minutes) == (codes, minutes)
    assert clock.cutoff_at == clock.sessions[0].entry_cutoff_at == now + clock.left


def test_countdown_ends_with_the_last_cutoff() -> None:
    assert countdown(SEASON, beijing("15:15", "2027-06-08")) is None
    assert countdown((), beijing("07:45")) is None


def test_a_session_is_confirmed_by_somebody() -> None:
    assert not CHINESE.is_confirmed
    assert session("语文", beijing("09:00"), beijing("09:15"), confirmed_by="city").is_confirmed


def test_order_is_written_as_its_form_in_the_zone_of_its_start() -> None:
    order = SessionOrder(
        "S03", "英语", "English", beijing("15:00"), beijing("17:00"), beijing("14:45").astimezone(UTC), None,
        "来源", "规则",
    )  # fmt: skip
    assert order.values() == {
        "code": "S03", "subject": "英语", "subject_en": "English", "date": "2027-06-07", "start": "15:00",
        "end": "17:00", "entry_closes": "14:45", "other_entry_closes": "", "source": "来源", "rule": "规则",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("end", "cutoff", "field"),
    [
        ("09:00", "09:15", "end"),
        ("08:00", "08:00", "end"),
        ("11:30", "06:59", "entry_closes"),
        ("11:30", "11:01", "entry_closes"),
        ("09:10", "09:15", "entry_closes"),
    ],
)
def test_impossible_times_are_refused_at_their_field(end: str, cutoff: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_times(beijing("09:00"), beijing(end), beijing(cutoff))
    assert refused.value.field == field


@pytest.mark.parametrize("cutoff", ["07:00", "09:15", "11:00"])
def test_cutoffs_within_two_hours_are_taken(cutoff: str) -> None:
    check_times(beijing("09:00"), beijing("11:30"), beijing(cutoff))
