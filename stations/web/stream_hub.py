"""News put into frames: one a tick at most, with the newest of each vehicle, packed once for all who may see the same.

A frame has one id, at its end: who lost the connection inside it gets the whole frame again."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from stations.adapters.live import SHIFTS, Id, Message, read_id, write_id

TICK_SECONDS = 0.2
KEPT_FRAMES = 600  # two minutes at one a tick
VEHICLE, FIXED_AT = 0, 4  # in a row of positions
LOOK_AGAIN = ("queue", SHIFTS)  # kinds of which one a frame is enough

Scope = tuple[str, ...]
Paths = Mapping[int, str]


class View(NamedTuple):
    """What a reader may see: the path prefixes of their `permission`, of which '' is everything."""

    scope: Scope
    permission: str

    def has(self, kind: str) -> bool:
        """Whether news of the kind is for who has the permission."""
        return kind == "reset" or (kind == SHIFTS) == (self.permission == "shifts.read")


class Frame:
    """What goes out at once. `is_extra` has no id of its own: it goes again to who has the id of the one before."""

    def __init__(self, place: Id, is_extra: bool) -> None:
        self.place = place
        self.is_extra = is_extra
        self.rows: dict[int, Sequence[Any]] = {}
        self.messages: list[Message] = []
        self._packed: dict[View, bytes] = {}

    def add(self, message: Message) -> None:
        """One more: of positions the newest of each vehicle, of LOOK_AGAIN the last that each view is told."""
        if message.kind != "positions":
            self.messages.append(message)
            return
        for row in msgspec.json.decode(message.content, type=list[list[Any]]):
            known = self.rows.get(row[VEHICLE])
            if known is None or known[FIXED_AT] <= row[FIXED_AT]:
                self.rows[row[VEHICLE]] = row

    def packed(self, view: View, paths: Paths) -> bytes:
        """The frame as `view` may see it; b"" when it holds nothing for it. `paths` are the vehicles'."""
        if view not in self._packed:
            *first, last = self._list_seen(view, paths) or [("", b"")]
            text = b"".join(_event(*each) for each in first)
            self._packed[view] = chunk(text + _event(*last, self.place)) if last[0] else b""
        return self._packed[view]

    def forget(self) -> None:
        """Let go of the packed forms: only who resumes needs them again."""
        self._packed.clear()

    def _list_seen(self, view: View, paths: Paths) -> list[tuple[str, bytes]]:
        scope = view.scope
        rows = [row for vehicle, row in self.rows.items() if "" in scope or paths.get(vehicle, "").startswith(scope)]
        seen = [each for each in self.messages if view.has(each.kind)]
        seen = [each for each in seen if not each.path or each.path.startswith(scope)]
        last_look = next((each for each in reversed(seen) if each.kind in LOOK_AGAIN), None)
        chosen = [each for each in seen if each.kind not in LOOK_AGAIN or each is last_look]
        moved = [("positions", msgspec.json.encode(rows))] if rows and view.has("positions") else []
        return moved + [(each.kind, bytes(each.content)) for each in chosen]


class Hub:
    """What was heard and has not gone out, and the frames that did. Not for several threads.

    `is_shared` where others give out the same ids: a reader of theirs may be a moment ahead, and has missed nothing."""

    def __init__(self, floor: Id, clock: Callable[[], float], is_shared: bool) -> None:
        self._is_shared = is_shared
        self.floor = self.heard = self.sent = floor
        self._clock = clock
        self._next: Frame | None = None
        self._sent_at = float("-inf")
        self._frames: deque[Frame] = deque()

    def hear(self, message: Message, place: Id | None = None) -> float:
        """Take in one message, with its place in the stream where it has one; the seconds until a frame is due."""
        frame = self._next = self._next or Frame(self.heard, True)
        frame.add(message)
        if place is not None:
            self.heard = frame.place = place
            frame.is_extra = False
        if message.kind in {"alarm", "reset"}:
            return 0.0
        return max(0.0, self._sent_at + TICK_SECONDS - self._clock())

    def flush(self) -> Frame | None:
        """The frame that is due, or None when nothing was heard."""
        frame, self._next = self._next, None
        if frame is None:
            return None
        if self._frames:
            self._frames[-1].forget()
        self._frames.append(frame)
        if len(self._frames) > KEPT_FRAMES:
            self.floor = self._frames.popleft().place
        self.sent, self._sent_at = frame.place, self._clock()
        return frame

    def since(self, last: str, view: View, paths: Paths) -> bytes:
        """What a reader needs who had `last`: the frames after it, or a reset where that is not known."""
        place = read_id(last)
        if place is None or place < self.floor or (place > self.heard and not self._is_shared):
            return self.reset()
        missed = [f for f in self._frames if f.place > place or (f.is_extra and f.place == place)]
        return b"".join(frame.packed(view, paths) for frame in missed)

    def reset(self) -> bytes:
        """Tells to read everything anew; what is not sent yet comes afterwards."""
        return chunk(_event("reset", b"null", self.sent))

    def pulse(self, milliseconds: int) -> bytes:
        """Tells that the line is alive, and the time."""
        return chunk(_event("pulse", b"%d" % milliseconds, self.sent))


def chunk(text: bytes) -> bytes:
    """The text as a chunk of an HTTP/1.1 answer."""
    return b"%x\r\n%b\r\n" % (len(text), text)


def _event(kind: str, content: bytes, place: Id | None = None) -> bytes:
    name = b"" if place is None else b"id: %b\n" % write_id(place).encode()
    return b"%bevent: %b\ndata: %b\n\n" % (name, kind.encode(), content)
