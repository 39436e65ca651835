"""What may be shown of counted talks: nothing from which a hidden count could be computed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stations.feedback.rules import (
    ALL,
    FEWEST,
    TOPIC_NAMES,
    WHO_NAMES,
    Figure,
    Table,
    add_tables,
    moment_of,
    protect,
    read_hotlines,
    split,
)
from stations.kernel.errors import Refused

NOW = datetime(2027, 6, 7, 1, tzinfo=UTC)
KEYS = [(who, topic) for who in WHO_NAMES for topic in TOPIC_NAMES]
COUNTS = st.fixed_dictionaries({key: st.integers(0, 9) | st.just(0) for key in KEYS})


def texts(table: Table, who: str) -> list[str]:
    return [table[who, topic].text for topic in TOPIC_NAMES]


def every_split(names: list[str], whole: int) -> Iterator[dict[str, int]]:
    """All ways in which parts can make a whole."""
    if len(names) == 1:
        yield {names[0]: whole}
        return
    for first in range(whole + 1):
        for others in every_split(names[1:], whole - first):
            yield {names[0]: first} | others


@pytest.mark.parametrize("names", [list(WHO_NAMES), list(TOPIC_NAMES)[:3], list(TOPIC_NAMES)])
def test_no_hidden_part_can_be_computed_even_by_who_knows_the_rule(names: list[str]) -> None:
    """For every whole: what is shown is shown of so many splits that a hidden part has several values among them."""
    for whole in range(FEWEST, 14 if len(names) > 3 else 25):
        values: dict[tuple[str, ...], list[set[int]]] = {}
        for parts in every_split(names, whole):
            shown = split(Figure(whole), parts)
            found = values.setdefault(tuple(shown[name].text for name in names), [set() for _name in names])
            for name, seen in zip(names, found, strict=True):
                seen.add(parts[name])
        for texts_shown, found in values.items():
            hidden = [seen for text, seen in zip(texts_shown, found, strict=True) if not text.isdecimal()]
            assert all(len(seen) > 1 for seen in hidden), (whole, texts_shown)


@given(COUNTS)
def test_hidden_parts_are_not_few_together(counts: dict[tuple[str, str], int]) -> None:
    table = protect(counts)
    for above in ((ALL, ALL), *((who, ALL) for who in WHO_NAMES)):
        below = [(who, ALL) for who in WHO_NAMES] if above == (ALL, ALL) else [(above[0], one) for one in TOPIC_NAMES]
        parts = [table[key] for key in below]
        if table[above].mark:
            assert all(part.mark and not part.known for part in parts)
        else:
            rest = table[above].known - sum(part.known for part in parts)
            assert rest >= FEWEST if any(part.mark for part in parts) else rest == 0


@given(COUNTS)
def test_what_is_shown_is_true_and_never_few(counts: dict[tuple[str, str], int]) -> None:
    table = protect(counts)
    true = dict(counts)
    true |= {(who, ALL): sum(counts[who, topic] for topic in TOPIC_NAMES) for who in WHO_NAMES}
    true[ALL, ALL] = sum(counts.values())
    assert set(table) == set(true)
    for key, figure in table.items():
        assert figure.mark or figure.known == true[key]
        assert figure.mark or true[key] == 0 or true[key] >= FEWEST
        assert figure.text != "<5" or true[key] < FEWEST


@given(st.lists(COUNTS, min_size=1, max_size=4))
def test_sums_hold_only_what_is_shown(days: list[dict[tuple[str, str], int]]) -> None:
    """So that neither a season less its other days nor a city less its other districts tells a hidden count."""
    tables = [protect(counts) for counts in days]
    whole = add_tables(tables)
    for key in tables[0]:
        assert whole[key].known == sum(table[key].known for table in tables)
        assert bool(whole[key].mark) == any(table[key].mark for table in tables)


def test_hidden_part_takes_a_second_one_with_it() -> None:
    table = protect({("parent", "family"): 9, ("parent", "sleep"): 3, ("parent", "exam_anxiety"): 20})
    assert (table[ALL, ALL].text, table["parent", ALL].text, table["examinee", ALL].text) == ("32", "32", "0")
    assert texts(table, "parent") == ["20", *["<5*"] * 5]
    assert texts(table, "examinee") == ["0"] * 6
    both = protect({("parent", "family"): 9, ("examinee", "sleep"): 3})
    assert {both[key].text for key in both if key != (ALL, ALL)} == {"<5*"}
    assert both[ALL, ALL].text == "12"


def test_few_talks_are_not_told_at_all() -> None:
    table = protect({("parent", "family"): 4})
    assert {figure.text for figure in table.values()} == {"<5"}


def test_sum_with_something_hidden_is_at_least() -> None:
    tables = [protect({("parent", "sleep"): 7, ("examinee", "sleep"): 5}), protect({("parent", "sleep"): 2})]
    whole = add_tables(tables)
    assert (whole[ALL, ALL].text, whole["parent", ALL].text, whole["parent", "family"].text) == ("12+", "7+", "…")
    assert add_tables([])[ALL, ALL].text == "0"


def test_press_is_not_after_its_receipt_and_not_too_old() -> None:
    assert moment_of(NOW + timedelta(hours=1), NOW) == NOW
    assert moment_of(NOW - timedelta(hours=47), NOW) == NOW - timedelta(hours=47)
    with pytest.raises(Refused, match=r"talk\.old"):
        moment_of(NOW - timedelta(hours=49), NOW)


def test_hotlines_are_read_in_their_order() -> None:
    lines = ["number,name,name_en,what,what_en,source", "12356,线,Line,什么,What,who says so"]
    (line,) = read_hotlines(lines)
    assert (line.number, line.name_en, line.source) == ("12356", "Line", "who says so")
