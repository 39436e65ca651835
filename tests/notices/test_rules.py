"""When people may be told, and in which words."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from factories.shifts import TOMORROW, at

from stations.config import MESSAGE_KINDS
from stations.notices.rules import KIND_NAMES, SENTENCES, next_try, sentence, waking

ZONE = ZoneInfo("Asia/Shanghai")


def test_every_kind_has_a_name_a_sentence_and_a_template() -> None:
    assert set(KIND_NAMES) == set(SENTENCES) == set(MESSAGE_KINDS)
    for kind in KIND_NAMES:
        text = str(sentence(kind, {"station": "S (1) 100%", "time": "06-08 08:00–10:00"}))
        assert "S (1) 100%" in text
        assert "06-08 08:00–10:00" in text


@pytest.mark.parametrize(
    ("due", "told"),
    [("06:59", "07:00"), ("07:00", "07:00"), ("21:59", "21:59"), ("00:00", "07:00")],
)
def test_nobody_is_told_at_night(due: str, told: str) -> None:
    assert waking(at(due), ZONE) == at(told)


def test_late_in_the_evening_the_morning_is_the_next_one() -> None:
    assert waking(at("22:00"), ZONE) == at("07:00", TOMORROW) + timedelta(days=1)


def test_pauses_grow_to_an_hour() -> None:
    now = at("08:00")
    assert [next_try(now, tries) - now for tries in range(1, 6)] == [
        timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 60)
    ]
