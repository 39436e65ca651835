"""From templates to shifts: what would change is named, and what is held is not lost."""

from dataclasses import replace
from datetime import timedelta

from factories.places import beijing
from hypothesis import given
from hypothesis import strategies as st

from stations.seasons.rules import SessionRow
from stations.shifts.rules.planning import (
    NeedRow,
    Planned,
    ShiftRow,
    StationSpot,
    TemplateRow,
    compare,
    fit_needs,
    plan_shifts,
)

NOW = beijing("06:00")
SPOTS = [StationSpot(1, "A", "C/H/A/"), StationSpot(2, "B", "C/H/B/"), StationSpot(3, "C", "C/X/C/")]
skills = st.sampled_from(["", "guide", "first_aid"])


def session(number: int, subject: str, starts: str) -> SessionRow:
    at = beijing(starts)
    return SessionRow(number, subject, subject, subject, at, at + timedelta(hours=2), at, None, "", "", None, None, 1)


def template(number: int = 1, **fields: object) -> TemplateRow:
    plain = TemplateRow(number, f"t{number}", None, "", "C/H/", "", "queue", -120, "end", 30, {"": 2, "guide": 0}, 1)
    return replace(plain, **fields)  # type: ignore[arg-type]


def row(planned: Planned, number: int = 1, taken: int = 0, **fields: object) -> ShiftRow:
    needs = tuple(NeedRow(n, skill, places, taken, 0) for n, (skill, places) in enumerate(planned.needs.items()))
    plain = ShiftRow(
        number, *planned.origin, planned.station, planned.station, "d", 39.9, 116.4, planned.path, planned.post,
        planned.starts_at, planned.ends_at, 0, 1, False, needs,
    )  # fmt: skip
    return replace(plain, **fields)  # type: ignore[arg-type]


MORNING, NOON = session(1, "语文", "09:00"), session(2, "数学", "15:00")


def test_a_template_makes_a_shift_for_each_session_and_station_it_is_for() -> None:
    planned = plan_shifts([template()], SPOTS, [MORNING, NOON])
    assert [(one.station, one.exam_session_id) for one in planned] == [("A", 1), ("A", 2), ("B", 1), ("B", 2)]
    assert (planned[0].starts_at, planned[0].ends_at, planned[0].needs) == (beijing("07:00"), beijing("11:30"), {"": 2})
    only = plan_shifts([template(station_id=2, station="B", subject="数学", ends_from="start")], SPOTS, [MORNING, NOON])
    assert [(one.station, one.ends_at) for one in only] == [("B", beijing("15:30"))]
    backwards = template(ends_from="end", ends_minutes=-300)
    assert plan_shifts([backwards], SPOTS, [MORNING]) == []  # one that would end before it starts


def test_the_difference_is_named_and_nothing_that_has_begun_is_touched() -> None:
    morning, noon = plan_shifts([template(path="C/H/A/")], SPOTS, [MORNING, NOON])
    assert compare([morning, noon], [], NOW).added == (morning, noon)
    assert compare([morning, noon], [row(morning), row(noon, 2)], NOW).is_empty
    later = replace(noon, starts_at=noon.starts_at + timedelta(minutes=30), needs={"": 1})
    diff = compare([morning, later], [row(morning), row(noon, 2, taken=2)], NOW)
    (change,) = diff.changed
    assert (change.row.id, change.is_moved, change.needs, change.short, diff.same) == (2, True, {"": 2}, ("",), 1)
    gone = compare([], [row(morning), row(noon, 2, taken=1)], NOW)
    assert ([one.id for one in gone.cancelled], [one.id for one in gone.held]) == ([1], [2])
    back = compare([morning], [row(morning, is_cancelled=True)], NOW)
    assert [one.row.id for one in back.changed] == [1]
    begun = morning.starts_at
    assert compare([later], [row(morning), row(noon, 2)], noon.starts_at).is_empty
    assert compare([morning], [], begun).is_empty
    assert diff.mark != gone.mark
    assert diff.mark == compare([morning, later], [row(morning), row(noon, 2, taken=2)], NOW).mark


@given(
    st.dictionaries(skills, st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 2))),
    st.dictionaries(skills, st.integers(0, 9)),
)
def test_needs_are_what_was_wanted_but_never_under_what_is_bound(
    known: dict[str, tuple[int, int, int]], wanted: dict[str, int]
) -> None:
    rows = [
        NeedRow(1, skill, free + taken + offered, taken, offered) for skill, (free, taken, offered) in known.items()
    ]
    needs, short = fit_needs(rows, wanted)
    bound = {need.skill: need.taken + need.offered for need in rows}
    for skill in known.keys() | wanted.keys():
        assert needs.get(skill, 0) == max(wanted.get(skill, 0), bound.get(skill, 0))
        assert (skill in short) == (bound.get(skill, 0) > wanted.get(skill, 0))
    assert 0 not in needs.values()
    again = [NeedRow(1, skill, places, bound.get(skill, 0), 0) for skill, places in needs.items()]
    assert fit_needs(again, wanted)[0] == needs  # regenerating twice changes nothing
