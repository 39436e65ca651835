"""The array twin says what the rule says."""

from datetime import date, timedelta

from factories.places import BEIJING, beijing, make_row
from hypothesis import given, settings
from hypothesis import strategies as st

from stations.places.queries.openness import OpenMask
from stations.places.queries.rows import StationRow
from stations.places.rules import Hours, Said, StationState, standing

DAYS = [date(2027, 6, 5) + timedelta(days=i) for i in range(5)]


LUNCH = ((420, 690), (780, 1110))
SPANS = ((), ((0, 1440),), ((420, 1110),), LUNCH, ((0, 1), *LUNCH, (1439, 1440)), ((1200, 1440),), ((0, 420),))
spans = st.sampled_from(SPANS)
hours = st.builds(
    Hours,
    st.lists(spans, min_size=7, max_size=7).map(tuple),
    st.dictionaries(st.sampled_from(DAYS), spans, max_size=3),
)
moments = st.builds(
    lambda day, minute: beijing("00:00", str(day)) + timedelta(minutes=minute),
    st.sampled_from(DAYS),
    st.sampled_from((0, 1, 418, 419, 420, 689, 690, 780, 1109, 1110, 1438, 1439)) | st.integers(0, 1439),
)
said = st.builds(Said, st.sampled_from(StationState), st.none() | moments, st.just(""), st.none())
stands = st.tuples(hours, said)


def row(position: int, how: tuple[Hours, Said]) -> StationRow:
    return make_row(position, hours=how[0], said=how[1])


@settings(max_examples=60, deadline=None)
@given(
    first=st.lists(stands, max_size=5),
    steps=st.lists(st.tuples(st.integers(0, 6), stands, moments), max_size=6),
    start=moments,
)
def test_mask_agrees_with_the_rule_also_after_edits(
    first: list[tuple[Hours, Said]], steps: list[tuple[int, tuple[Hours, Said], object]], start: object
) -> None:
    rows = [row(i, how) for i, how in enumerate(first)]
    mask = OpenMask(rows, BEIJING)
    held = mask.at(start)

    def check(now: object) -> None:
        assert [bool(b) for b in mask.at(now)] == [standing(r.hours, r.said, now, BEIJING).is_open for r in rows]

    check(start)
    for place, how, now in steps:
        position = min(place, len(rows))
        rows[position:position + 1] = [row(position, how)]  # fmt: skip
        mask.put(position, rows[position])
        assert len(held) >= len(rows)  # whoever holds the mask may meet the new position
        check(now)
