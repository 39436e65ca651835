"""Hours as people write them, and back."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stations.kernel.cells import read_hours
from stations.kernel.errors import Invalid
from stations.places.rules import Hours, Spans
from stations.places.rules.hours import read_exceptions, read_weekly, write_exceptions, write_spans, write_weekly

DAY, MORNING, EVENING = ((420, 1110),), ((540, 720),), ((1080, 1200),)
OFF: Spans = ()


@st.composite
def spans(draw: st.DrawFn) -> Spans:
    edges = sorted(draw(st.sets(st.integers(0, 1440), max_size=6)))
    return tuple(pair for i, pair in enumerate(pairwise(edges)) if i % 2 == 0)


@given(st.tuples(*[spans()] * 7))
def test_weekly_hours_are_read_as_they_were_written(weekly: tuple[Spans, ...]) -> None:
    assert read_weekly(write_weekly(Hours(weekly)), read_hours) == weekly


@given(st.dictionaries(st.dates(), spans(), max_size=5))
def test_exceptions_are_read_as_they_were_written(dated: dict[date, Spans]) -> None:
    assert read_exceptions(write_exceptions(Hours(dated=dated)), read_hours) == dated


@pytest.mark.parametrize(
    ("text", "weekly"),
    [
        ("07:00-18:30", (DAY,) * 7),
        ("", (OFF,) * 7),
        ("24小时", (((0, 1440),),) * 7),
        ("9:00-12:00, 18:00-20:00", (MORNING + EVENING,) * 7),
        ("9:00-12:00; 18:00-20:00", (MORNING + EVENING,) * 7),
        ("18:00-20:00; 9:00-12:00", (MORNING + EVENING,) * 7),
        ("Mon-Fri 07:00-18:30; Sat 09:00-12:00", (DAY,) * 5 + (MORNING, OFF)),
        ("mon – fri: 07:00-18:30", (DAY,) * 5 + (OFF, OFF)),
        ("周一至周五 07:00-18:30；周六 休息；周日 9点-12点", (DAY,) * 5 + (OFF, MORNING)),
        ("星期一到星期四：07:00-18:30\n礼拜天 9:00-12:00", (DAY,) * 4 + (OFF, OFF, MORNING)),
        ("周天 9:00-12:00", (OFF,) * 6 + (MORNING,)),
        ("Sat-Mon 09:00-12:00", (MORNING,) + (OFF,) * 4 + (MORNING, MORNING)),
        ("周五至周一 9:00-12:00", (MORNING, OFF, OFF, OFF, MORNING, MORNING, MORNING)),
        ("07:00-18:30; Sun closed", (DAY,) * 6 + (OFF,)),
        ("Sun closed; 07:00-18:30; 周六 9:00-12:00", (DAY,) * 5 + (MORNING, OFF)),
        ("Mon 09:00-12:00; Mon 18:00-20:00", (MORNING + EVENING,) + (OFF,) * 6),
    ],
)
def test_weekly_hours_are_read_in_both_languages(text: str, weekly: tuple[Spans, ...]) -> None:
    assert read_weekly(text, read_hours) == weekly


@pytest.mark.parametrize(
    ("text", "dated"),
    [
        ("2027-06-09 08:00-12:00", {date(2027, 6, 9): ((480, 720),)}),
        ("2027/6/9: 8:00-12:00\n2027.6.10 closed", {date(2027, 6, 9): ((480, 720),), date(2027, 6, 10): ()}),
        ("2027年6月9日 8点-12点；2027年6月10日 休息", {date(2027, 6, 9): ((480, 720),), date(2027, 6, 10): ()}),
        ("2027-06-09 18:00-20:00\n2027-06-09 9:00-12:00", {date(2027, 6, 9): MORNING + EVENING}),
        ("", {}),
    ],
)
def test_exceptions_are_read_in_both_languages(text: str, dated: dict[date, Spans]) -> None:
    assert read_exceptions(text, read_hours) == dated


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("18:30-07:00", "ends before it begins"),
        ("周一 早上", "are not hours"),
        ("Mon 7-12; Mon 11-13", "overlap"),
        ("7:00-12:00; 11:00-13:00", "overlap"),
        ("Blursday 07:00-18:30", "are not hours"),
        ("Mon", "Nothing is filled in"),
    ],
)
def test_wrong_weekly_hours_are_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_weekly(text, read_hours)
    assert words in str(refused.value.message)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tomorrow 08:00-12:00", "does not begin with a date"),
        ("2027-02-30 08:00-12:00", "is not a date"),
        ("2027-06-09", "Nothing is filled in"),
        ("2027-06-09 8-12\n2027-06-09 11-13", "overlap"),
    ],
)
def test_wrong_exceptions_are_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_exceptions(text, read_hours)
    assert words in str(refused.value.message)


def test_spans_are_shown_as_clock_times() -> None:
    assert write_spans(((0, 61), (600, 1440))) == "00:00-01:01, 10:00-24:00"
