"""Every open stream of one start, on one event loop: what reaches it and where it goes."""

import asyncio
import logging
import socket
import time
from collections.abc import Mapping, Sequence

import msgspec

from stations.adapters import live
from stations.web.stream_hub import Hub, Scope, View
from stations.web.streaming import MOST_BYTES, NEWS, Channel, Ticket

log = logging.getLogger(__name__)

PULSE_SECONDS = 15.0
QUEUE_BYTES = 256 * 1024  # what may wait for one slow reader
STUCK_SECONDS = 60.0
AT_ONCE = 100  # records read before the streams are served again
NUDGES = {
    live.TOPIC: live.Message("queue", msgspec.Raw(b"null")),
    live.SHIFTS: live.Message(live.SHIFTS, msgspec.Raw(b"null")),
}


class Stream(asyncio.Protocol):
    """One reader. Where it is slow, what would wait is left out and made good by a reset."""

    transport: asyncio.Transport

    def __init__(self, streams: "Streams", ticket: Ticket) -> None:
        self._streams = streams
        self.ticket = ticket
        self.stuck_since: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin with what was missed."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.set_write_buffer_limits(high=QUEUE_BYTES, low=0)
        self._streams.join(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """The reader has gone."""
        self._streams.leave(self)

    def pause_writing(self) -> None:
        """Too much waits already."""
        self.stuck_since = time.monotonic()

    def resume_writing(self) -> None:
        """All of it has gone out."""
        self.stuck_since = None
        self.write(self._streams.hub.reset())

    def write(self, text: bytes) -> None:
        """Send, or leave out."""
        if text and self.stuck_since is None and not self.transport.is_closing():
            self.transport.write(text)


class Streams:
    """All open streams and what goes to them; lives on one event loop."""

    def __init__(self, channel: Channel, floor: live.Id, is_shared: bool) -> None:
        self.hub = Hub(floor, time.monotonic, is_shared)
        self.paths: Mapping[int, str] = {}
        self.groups: dict[View, set[Stream]] = {}
        self._channel = channel
        self._loop = asyncio.get_running_loop()
        self._due: asyncio.TimerHandle | None = None
        self._told = dict.fromkeys(NUDGES, 0)
        self._joining: set[asyncio.Task[object]] = set()

    def join(self, stream: Stream) -> None:
        """One more, who gets what it missed."""
        view = stream.ticket.view
        self.groups.setdefault(view, set()).add(stream)
        self._count()
        stream.write(self.hub.since(stream.ticket.last, view, self.paths))

    def leave(self, stream: Stream) -> None:
        """One less."""
        group = self.groups[stream.ticket.view]
        group.discard(stream)
        if not group:
            del self.groups[stream.ticket.view]
        self._count()

    def _count(self) -> None:
        self._channel.open_streams = sum(map(len, self.groups.values()))

    def read_channel(self) -> None:
        """Take what the workers said."""
        for _record in range(AT_ONCE):
            try:
                record, files, _flags, _from = socket.recv_fds(self._channel.inlet, MOST_BYTES + 1, 1)
            except BlockingIOError:
                return
            if record.startswith(NEWS):
                self.hear(live.decode(record[1:]), (self.hub.heard[0], self.hub.heard[1] + 1))
            else:
                self._take(socket.socket(fileno=files[0]), msgspec.json.decode(record[1:], type=Ticket))

    def _take(self, taken: socket.socket, ticket: Ticket) -> None:
        if self._channel.open_streams >= self._channel.most:
            taken.close()
            return
        taken.setblocking(False)
        joining = self._loop.create_task(self._loop.connect_accepted_socket(lambda: Stream(self, ticket), taken))
        self._joining.add(joining)
        joining.add_done_callback(self._joining.discard)

    def hear(self, message: live.Message, place: live.Id | None = None) -> None:
        """News: it goes out at once, or at the end of the tick."""
        if message.revision == self._told[message.topic] + 1:
            self._told[message.topic] += 1
        try:
            wait = self.hub.hear(message, place)
        except (msgspec.MsgspecError, LookupError, TypeError):
            log.exception("news that cannot be read")
            return
        if wait == 0.0:
            self._flush()
        elif self._due is None:
            self._due = self._loop.call_later(wait, self._flush)

    def _flush(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None
        frame = self.hub.flush()
        if frame is not None:
            for view, group in self.groups.items():
                self._send(group, frame.packed(view, self.paths))

    def _send(self, group: set[Stream], text: bytes) -> None:
        for stream in group if text else ():
            stream.write(text)

    def hear_stream(self, floor: live.Id, read: Sequence[tuple[live.Id, live.Message]]) -> None:
        """News out of Redis. Where some was thrown away before it could be read, everybody reads anew."""
        if self.hub.heard < floor:
            self.hear(live.RESET, floor)
        for place, message in read:
            self.hear(message, place)

    def learn(self, revisions: Mapping[str, int], paths: Mapping[int, str]) -> None:
        """What the database says, by topic: a change that nobody told of is told now."""
        self.paths = paths
        for topic, nudge in NUDGES.items():
            if revisions.get(topic, 0) > self._told[topic]:
                self._told[topic] = revisions[topic]
                self.hear(nudge)

    def people(self) -> set[tuple[str, str]]:
        """Who reads, by which permission."""
        return {(stream.ticket.person, view.permission) for view, group in self.groups.items() for stream in group}

    def check(self, allowed: Mapping[tuple[str, str], Scope]) -> None:
        """Close the streams of those who may see something else by now, and those that are stuck."""
        now = time.monotonic()
        for view, group in self.groups.items():
            for stream in group:
                if allowed.get((stream.ticket.person, view.permission), view.scope) != view.scope:
                    stream.transport.close()
                elif stream.stuck_since is not None and now - stream.stuck_since > STUCK_SECONDS:
                    stream.transport.abort()

    async def pulse(self) -> None:
        """Show every reader that the line is alive, for ever."""
        while True:
            await asyncio.sleep(PULSE_SECONDS)
            text = self.hub.pulse(int(time.time() * 1000))
            for group in self.groups.values():
                self._send(group, text)
