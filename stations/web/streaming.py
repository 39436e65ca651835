"""A page's stream of news. The answer's socket goes to one process that holds all streams (`stream_process`): an open
stream costs no thread here, and a busy page does not make it wait."""

import logging
import os
import socket
from collections.abc import Iterator
from mmap import mmap
from resource import RLIMIT_NOFILE, getrlimit
from threading import Lock
from typing import Any

import msgspec
from flask import Response, current_app
from flask_login import current_user

from stations.adapters import live
from stations.web.guard import actor
from stations.web.reading import this_request
from stations.web.stream_hub import View

log = logging.getLogger(__name__)

STREAMS = "streams"
MOST_STREAMS = 6_000
FILES_TO_SPARE = 200
RETRY_MILLISECONDS = 1_000
REFUSED_SECONDS = 10
MOST_BYTES = 100_000  # of one record; more than that is sooner read anew than told
BUFFER_BYTES = 1_000_000

NEWS, STREAM = b"n", b"s"


class Ticket(msgspec.Struct, frozen=True):
    """What goes with a socket: what its reader may see, the mark of their session, and the last id that they had."""

    view: View
    person: str
    last: str


class Channel:
    """What the workers of this start tell the process that holds their streams; made before any of them is forked.
    It outlives that process: what was told meanwhile waits for the next."""

    def __init__(self) -> None:
        self.inlet, self._outlet = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._outlet.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
        self._dead, other = socket.socketpair()
        other.close()
        self.inlet.setblocking(False)
        self._outlet.setblocking(False)
        self._open = mmap(-1, 8)
        self.most = min(MOST_STREAMS, getrlimit(RLIMIT_NOFILE)[0] - FILES_TO_SPARE)
        self._has_lost = False
        self._telling = Lock()

    @property
    def open_streams(self) -> int:
        """How many streams are open, in all processes' eyes."""
        return int.from_bytes(self._open[:], "little")

    @open_streams.setter
    def open_streams(self, number: int) -> None:
        self._open[:] = number.to_bytes(8, "little")

    def tell(self, message: live.Message) -> None:
        """Pass news on, never waiting. What could not be told is made good by a RESET before the next."""
        packed = live.encode(message)
        with self._telling:
            try:
                for each in [live.encode(live.RESET), packed] if self._has_lost else [packed]:
                    self._outlet.send(NEWS + (each if len(each) < MOST_BYTES else live.encode(live.RESET)))
                self._has_lost = False
            except OSError:
                self._has_lost = True
                log.warning("the streams do not follow; boards will see changes later")

    def give(self, taken: socket.socket, ticket: Ticket) -> None:
        """Pass a client's socket on. Whoever had it keeps one whose other end is gone: what they still write to it, or
        their closing it, does not reach the client. Raises OSError where nobody takes it."""
        socket.send_fds(self._outlet, [STREAM + msgspec.json.encode(ticket)], [taken.fileno()])
        os.dup2(self._dead.fileno(), taken.fileno(), inheritable=False)


def answer(permission: str) -> Response:
    """The stream of what the person who is signed in may see by a permission, asked again while it runs. Where it would
    hold a thread, or too many are open, 503: the page then asks from time to time."""
    asked = this_request()
    channel: Channel | None = current_app.extensions.get(STREAMS)
    taken: Any = asked.environ.get("gunicorn.socket")
    # A socket under TLS, or one that ends instead of being cut into chunks, cannot change hands.
    is_plain = type(taken) is socket.socket and asked.environ["SERVER_PROTOCOL"] == "HTTP/1.1"
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    if channel is None or not is_plain or channel.open_streams >= channel.most:
        return Response(status=503, headers=headers | {"Retry-After": str(REFUSED_SECONDS)})
    last = asked.headers.get("Last-Event-ID") or asked.args.get("last", "")
    ticket = Ticket(View(actor().paths(permission), permission), current_user.get_id(), last[: live.LONGEST_ID + 1])
    return Response(_hand_over(channel, taken, ticket), mimetype="text/event-stream", headers=headers)


def _hand_over(channel: Channel, taken: socket.socket, ticket: Ticket) -> Iterator[bytes]:
    # With the first piece the server sends the head of its answer.
    yield b"retry: %d\n\n" % RETRY_MILLISECONDS
    channel.give(taken, ticket)
