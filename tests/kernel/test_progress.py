"""Counting that costs nothing where nobody listens."""

import pytest

from stations.kernel import progress
from stations.kernel.progress import Step, counted, heard_by
from stations.kernel.text import Text

DOING = Text("Rows read:")


def test_steps_are_told_at_once_now_and_then_and_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(100))
    monkeypatch.setattr(progress, "monotonic", lambda: next(ticks) / 10)
    heard: list[Step] = []
    with heard_by(heard.append):
        assert list(counted(DOING, iter("abcdefgh"), 8)) == list("abcdefgh")
    assert [(step.done, step.total) for step in heard] == [(0, 8), (3, 8), (6, 8), (8, 8)]
    assert {step.doing for step in heard} == {DOING}


def test_nothing_is_told_where_nobody_listens() -> None:
    things = [1, 2, 3]
    assert counted(DOING, things, 3) is things
    heard: list[Step] = []
    with heard_by(heard.append):
        assert list(counted(DOING, [], 0)) == []
    assert heard == [Step(DOING, 0, 0)]
    assert counted(DOING, things, 3) is things
