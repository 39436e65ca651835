"""What a frame holds, for whom, and what somebody who comes back gets."""

import json
import re
from typing import Any

import msgspec
import pytest

from stations.adapters.live import RESET, Message
from stations.web import stream_hub
from stations.web.stream_hub import Frame, Hub, View

FLEET, SHIFTS = "fleet.read", "shifts.read"
ALL = View(("",), FLEET)
HAIDIAN = View(("BJ/HD/",), FLEET)
PATHS = {1: "BJ/HD/1/", 2: "BJ/CY/2/"}


class Clock:
    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hub(clock: Clock) -> Hub:
    return Hub((5, 0), clock, is_shared=False)


def message(kind: str, content: Any, path: str = "") -> Message:
    return Message(kind, msgspec.Raw(msgspec.json.encode(content)), path)


def row(vehicle: int, lat: float, fixed_at: int) -> list[Any]:
    return [vehicle, lat, 116.3, None, fixed_at, fixed_at + 1]


def events(text: bytes) -> list[tuple[str, str, Any]]:
    """(id, kind, content) of each, out of the chunks."""
    body = b""
    while text:
        length, _end, rest = text.partition(b"\r\n")
        size = int(length, 16)
        assert size, "an empty chunk ends the answer"
        assert rest[size : size + 2] == b"\r\n"
        body, text = body + rest[:size], rest[size + 2 :]
    found = re.findall(r"(?:id: (.*)\n)?event: (.*)\ndata: (.*)\n\n", body.decode())
    return [(place, kind, json.loads(content)) for place, kind, content in found]


def sent(hub: Hub, view: View = ALL) -> list[tuple[str, str, Any]]:
    frame = hub.flush()
    assert frame is not None
    return events(frame.packed(view, PATHS))


def test_a_frame_has_each_vehicle_once_and_one_id_at_its_end(hub: Hub) -> None:
    hub.hear(message("positions", [row(1, 39.9, 10), row(2, 39.8, 10)]), (5, 1))
    hub.hear(message("queue", "old"), (5, 2))
    hub.hear(message("queue", "new"), (5, 3))
    hub.hear(message("positions", [row(1, 39.7, 9), row(2, 39.6, 11)]), (5, 4))
    assert sent(hub) == [("", "positions", [row(1, 39.9, 10), row(2, 39.6, 11)]), ("5-4", "queue", "new")]
    assert hub.flush() is None


def test_a_frame_is_due_once_a_tick_and_at_once_for_an_alarm(hub: Hub, clock: Clock) -> None:
    assert hub.hear(message("queue", 1), (5, 1)) == 0.0
    hub.flush()
    clock.seconds += 0.05
    assert hub.hear(message("queue", 2), (5, 2)) == pytest.approx(stream_hub.TICK_SECONDS - 0.05)
    assert hub.hear(message("alarm", 3), (5, 3)) == 0.0
    assert sent(hub) == [("", "queue", 2), ("5-3", "alarm", 3)]
    clock.seconds += 1
    assert hub.hear(message("queue", 4), (5, 4)) == 0.0


def test_everybody_sees_only_what_lies_in_their_scope(hub: Hub) -> None:
    hub.hear(message("positions", [row(1, 1.0, 1), row(2, 2.0, 1), row(3, 3.0, 1)]), (5, 1))
    hub.hear(message("queue", "hd", "BJ/HD/"), (5, 2))
    hub.hear(message("queue", "cy", "BJ/CY/"), (5, 3))
    hub.hear(message("alarm", "all"), (5, 4))
    hub.hear(message("alarm", "cy", "BJ/CY/2/"), (5, 5))
    frame = hub.flush()
    assert frame is not None
    assert [(kind, content) for _id, kind, content in events(frame.packed(HAIDIAN, PATHS))] == [
        ("positions", [row(1, 1.0, 1)]), ("queue", "hd"), ("alarm", "all")
    ]  # fmt: skip
    assert [kind for _id, kind, _content in events(frame.packed(ALL, PATHS))] == [
        "positions", "queue", "alarm", "alarm"
    ]  # fmt: skip
    both = events(frame.packed(View(("BJ/CY/", "BJ/HD/"), FLEET), PATHS))
    assert both[0][2] == [row(1, 1.0, 1), row(2, 2.0, 1)]
    # A vehicle that nobody knows yet is shown to those who see everything only.
    assert [row[0] for row in events(frame.packed(ALL, PATHS))[0][2]] == [1, 2, 3]
    hub.hear(message("queue", "cy", "BJ/CY/"), (5, 6))
    quiet = hub.flush()
    assert quiet is not None
    assert quiet.packed(HAIDIAN, PATHS) == b""


def test_a_district_hears_once_a_frame_of_its_own_shifts_alone(hub: Hub) -> None:
    for place, (kind, path) in enumerate(
        [("shifts", "BJ/HD/1/"), ("shifts", "BJ/CY/1/"), ("shifts", "BJ/HD/2/"), ("queue", ""), ("alarm", "")]
    ):
        hub.hear(message(kind, None, path), (5, place + 1))
    hub.hear(message("positions", [row(1, 1.0, 1)]), (5, 6))
    frame = hub.flush()
    assert frame is not None
    assert events(frame.packed(View(("BJ/HD/",), SHIFTS), PATHS)) == [("5-6", "shifts", None)]
    assert frame.packed(View(("BJ/FT/",), SHIFTS), PATHS) == b""
    assert "shifts" not in frame.packed(ALL, PATHS).decode()


def test_a_frame_is_packed_once_for_all_of_one_scope(hub: Hub) -> None:
    hub.hear(message("alarm", 1), (5, 1))
    frame = hub.flush()
    assert frame is not None
    assert frame.packed(ALL, PATHS) is frame.packed(ALL, {})


def test_who_comes_back_gets_exactly_what_they_missed(hub: Hub) -> None:
    for number in range(1, 6):
        hub.hear(message("alarm", number), (5, number))
        hub.flush()
    assert [content for _id, _kind, content in events(hub.since("5-2", ALL, PATHS))] == [3, 4, 5]
    assert hub.since("5-5", ALL, PATHS) == b""
    hub.hear(message("queue", 6), (5, 6))  # not sent yet: it comes with its frame
    assert hub.since("5-5", ALL, PATHS) == b""
    assert sent(hub) == [("5-6", "queue", 6)]


@pytest.mark.parametrize("last", ["", "4-9", "5-99", "6-1", "nonsense", "-1"])
def test_an_id_that_is_not_known_gets_one_reset(hub: Hub, last: str) -> None:
    hub.hear(message("alarm", 1), (5, 1))
    hub.flush()
    assert events(hub.since(last, ALL, PATHS)) == [("5-1", "reset", None)]


def test_a_reader_from_another_machine_may_be_ahead(clock: Clock) -> None:
    hub = Hub((0, 0), clock, is_shared=True)
    hub.hear(message("alarm", 1), (5, 1))
    hub.flush()
    assert hub.since("5-2", ALL, PATHS) == b""
    assert [content for _id, _kind, content in events(hub.since("5-0", ALL, PATHS))] == [1]


def test_an_id_older_than_what_is_kept_gets_one_reset(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream_hub, "KEPT_FRAMES", 3)
    for number in range(1, 6):
        hub.hear(message("alarm", number), (5, number))
        hub.flush()
    assert [kind for _id, kind, _content in events(hub.since("5-1", ALL, PATHS))] == ["reset"]
    assert [content for _id, _kind, content in events(hub.since("5-2", ALL, PATHS))] == [3, 4, 5]


def test_news_without_an_id_goes_again_to_who_has_the_one_before(hub: Hub) -> None:
    hub.hear(message("alarm", 1), (5, 1))
    hub.flush()
    hub.hear(message("queue", None))
    assert sent(hub) == [("5-1", "queue", None)]
    assert [kind for _id, kind, _content in events(hub.since("5-1", ALL, PATHS))] == ["queue"]
    hub.hear(RESET)
    hub.hear(message("alarm", 2), (5, 2))
    assert sent(hub) == [("", "reset", None), ("5-2", "alarm", 2)]


def test_a_pulse_carries_the_time_and_the_newest_id(hub: Hub) -> None:
    hub.hear(message("alarm", 1), (5, 1))
    assert events(hub.pulse(1234)) == [("5-0", "pulse", 1234)]
    hub.flush()
    assert events(hub.pulse(1235)) == [("5-1", "pulse", 1235)]


def test_positions_that_are_none_are_refused() -> None:
    with pytest.raises(msgspec.MsgspecError):
        Frame((1, 0), False).add(message("positions", {"vehicle": 1}))
