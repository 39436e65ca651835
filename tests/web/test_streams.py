"""Streams on sockets: from what a worker says to what a reader gets."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest

from stations.adapters import live
from stations.web import streaming, streams
from stations.web.stream_hub import View
from stations.web.streaming import Channel, Ticket
from stations.web.streams import Streams

FLOOR = (9, 0)
FLEET, SHIFTS = "fleet.read", "shifts.read"


class Reader:
    """The browser's end of a stream."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end
        self.got = b""

    async def until(self, text: bytes, seconds: float = 5.0) -> bytes:
        """What came up to and with `text`."""
        async with asyncio.timeout(seconds):
            while text not in self.got:
                received = await asyncio.get_running_loop().sock_recv(self.end, 65536)
                assert received, f"closed before {text!r}"
                self.got += received
        before, _text, self.got = self.got.partition(text)
        return before + text

    async def is_closed(self) -> bool:
        """Whether the other end closes it, after whatever still comes."""
        with contextlib.suppress(ConnectionResetError):
            async with asyncio.timeout(5):
                while await asyncio.get_running_loop().sock_recv(self.end, 65536):
                    pass
        return True


class Board:
    """A worker's channel and the streams that it feeds, on the running loop."""

    def __init__(self) -> None:
        self.channel = Channel()
        self.streams = Streams(self.channel, FLOOR, is_shared=False)
        self.readers: list[Reader] = []
        asyncio.get_running_loop().add_reader(self.channel.inlet, self.streams.read_channel)

    def open(
        self, scope: tuple[str, ...] = ("",), last: str = "", person: str = "somebody", permission: str = FLEET
    ) -> Reader:
        theirs, ours = socket.socketpair()
        ours.setblocking(False)
        self.channel.give(theirs, Ticket(View(scope, permission), person, last))
        # What a server does with its socket afterwards does not reach the reader.
        with contextlib.suppress(OSError):
            theirs.sendall(b"0\r\n\r\n")
        with contextlib.suppress(OSError):
            theirs.shutdown(socket.SHUT_RDWR)
        theirs.close()
        self.readers.append(Reader(ours))
        return self.readers[-1]

    def tell(self, kind: str, content: Any, path: str = "") -> None:
        self.channel.tell(live.Message(kind, msgspec.Raw(msgspec.json.encode(content)), path))

    async def settle(self) -> None:
        for _round in range(5):
            await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def a_board() -> AsyncIterator[Board]:
    board = Board()
    yield board
    for group in list(board.streams.groups.values()):
        for stream in list(group):
            stream.transport.abort()
    asyncio.get_running_loop().remove_reader(board.channel.inlet)
    await board.settle()
    for end in [*(reader.end for reader in board.readers), *vars(board.channel).values()]:
        if isinstance(end, socket.socket):
            end.close()


def on_a_board(story: Callable[[Board], Any]) -> None:
    async def run() -> None:
        async with a_board() as board:
            await story(board)

    with ThreadPoolExecutor(1) as apart:  # a browser's test in this process leaves a loop of its own running
        apart.submit(asyncio.run, run()).result()


def test_a_reader_who_comes_back_loses_nothing() -> None:
    async def story(board: Board) -> None:
        first = board.open()
        assert b"event: reset" in await first.until(b"id: 9-0\nevent: reset\ndata: null\n\n")
        board.tell("alarm", 1)
        assert b"data: 1" in await first.until(b"data: 1\n\n")
        first.end.close()
        await board.settle()
        assert board.channel.open_streams == 0
        board.tell("alarm", 2)
        board.tell("alarm", 3)
        await board.settle()
        again = board.open(last="9-1")
        board.tell("alarm", 4)
        got = await again.until(b"data: 4\n\n")
        assert [line for line in got.split(b"\n") if line.startswith((b"id", b"data"))] == [
            b"id: 9-2", b"data: 2", b"id: 9-3", b"data: 3", b"id: 9-4", b"data: 4"
        ]  # fmt: skip
        assert board.channel.open_streams == 1

    on_a_board(story)


def test_a_slow_reader_holds_nobody_up_and_is_told_to_read_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(board: Board) -> None:
        slow, quick = board.open(), board.open()
        await quick.until(b"reset")
        for number in range(300):
            board.tell("alarm", {"number": number, "text": "x" * 10_000})
            if number % 20 == 0:
                await quick.until(b'"number":%d,' % number)
        await quick.until(b'"number":299,')
        got = await slow.until(b"id: 9-300\nevent: reset\ndata: null\n\n")
        numbers = [int(part.split(b",")[0]) for part in got.split(b'"number":')[1:]]
        assert numbers == list(range(len(numbers)))
        assert len(numbers) < 200
        board.tell("alarm", "after")
        assert await slow.until(b"after")

    on_a_board(story)


def test_a_reader_who_takes_nothing_any_more_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "STUCK_SECONDS", 0.0)

    async def story(board: Board) -> None:
        stuck, quick = board.open(), board.open()
        await quick.until(b"reset")
        for number in range(300):
            board.tell("alarm", "x" * 10_000)
            if number % 20 == 0:
                await quick.until(b"id: 9-%d\n" % (number + 1))
        await quick.until(b"id: 9-300\n")
        board.streams.check({})
        assert await stuck.is_closed()
        board.tell("alarm", "after")
        await quick.until(b"after")

    on_a_board(story)


def test_who_may_no_longer_see_it_is_cut_off() -> None:
    async def story(board: Board) -> None:
        leaver = board.open(("BJ/",), person="leaver")
        moved = board.open(("BJ/",), person="moved")
        stayer = board.open(("BJ/",), person="stayer")
        for reader in (leaver, moved, stayer):
            await reader.until(b"reset")
        assert board.streams.people() == {("leaver", FLEET), ("moved", FLEET), ("stayer", FLEET)}
        board.streams.check({("leaver", FLEET): (), ("moved", FLEET): ("BJ/HD/",), ("stayer", FLEET): ("BJ/",)})
        assert await leaver.is_closed()
        assert await moved.is_closed()
        board.tell("alarm", "still", "BJ/HD/")
        await stayer.until(b"still")

    on_a_board(story)


def test_a_change_that_nobody_told_of_is_seen_in_the_database() -> None:
    async def story(board: Board) -> None:
        reader = board.open()
        await reader.until(b"reset")
        board.streams.learn({}, {})
        board.streams.learn({"fleet": 8}, {})
        await reader.until(b"id: 9-0\nevent: queue\ndata: null\n\n")
        board.channel.tell(live.Message("queue", msgspec.Raw(b'"told"'), "", 9))
        await reader.until(b'"told"\n\n')
        board.streams.learn({"fleet": 9}, {})
        board.tell("alarm", "end")
        assert b"queue" not in await reader.until(b"end")

    on_a_board(story)


def test_who_follows_shifts_hears_of_shifts_alone_and_the_fleet_of_the_fleet() -> None:
    async def story(board: Board) -> None:
        fleet, shifts = board.open(), board.open(permission=SHIFTS)
        for reader in (fleet, shifts):
            await reader.until(b"reset\ndata: null\n\n")
        board.tell("shifts", None, "BJ/HD/")
        assert b"queue" not in await shifts.until(b"event: shifts\ndata: null\n\n")
        board.streams.learn({"fleet": 3, "shifts": 4}, {})
        board.streams.learn({"fleet": 3, "shifts": 4}, {})
        board.tell("alarm", "end")
        got = await fleet.until(b"end")
        assert (b"event: queue" in got, b"shifts" in got) == (True, False)
        assert await shifts.until(b"event: shifts\ndata: null\n\n")
        board.channel.tell(live.Message("shifts", msgspec.Raw(b'"told"'), "", 5))
        await shifts.until(b'"told"\n\n')
        board.streams.learn({"fleet": 3, "shifts": 5}, {})
        board.tell("reset", None)
        assert b"shifts" not in await shifts.until(b"event: reset")

    on_a_board(story)


def test_news_that_was_thrown_away_in_redis_makes_everybody_read_anew() -> None:
    async def story(board: Board) -> None:
        reader = board.open()
        await reader.until(b"reset")
        alarm = live.Message("alarm", msgspec.Raw(b"1"))
        board.streams.hear_stream((9, 0), [((9, 5), alarm)])
        assert b"reset" not in await reader.until(b"id: 9-5\nevent: alarm")
        board.streams.hear_stream((12, 0), [((12, 0), alarm), ((12, 1), alarm)])
        assert b"id: 12-0\nevent: reset" in await reader.until(b"id: 12-1\nevent: alarm")

    on_a_board(story)


def test_news_that_cannot_be_read_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def story(board: Board) -> None:
        reader = board.open()
        await reader.until(b"reset")
        board.tell("positions", {"vehicle": 1})
        board.tell("positions", [[]])
        board.tell("positions", [[1, 39.9, 116.3, None, 5, 6]])
        await reader.until(b"data: [[1,39.9,116.3,null,5,6]]\n\n")

    on_a_board(story)
    assert "cannot be read" in caplog.text


def test_what_a_worker_could_not_tell_is_made_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "BUFFER_BYTES", 20_000)

    async def story(board: Board) -> None:
        reader = board.open()
        await reader.until(b"reset")
        for _message in range(50):  # nobody reads the channel meanwhile
            board.tell("alarm", "x" * 5_000)
        await board.settle()
        board.tell("alarm", "after")
        assert b"event: reset" in await reader.until(b"after")
        board.tell("positions", [[1, 39.9, 116.3, "x" * streaming.MOST_BYTES, 5, 6]])
        await reader.until(b"event: reset")

    on_a_board(story)


def test_no_more_streams_are_taken_than_there_is_room_for() -> None:
    async def story(board: Board) -> None:
        board.channel.most = 2
        readers = [board.open() for _reader in range(2)]
        for reader in readers:
            await reader.until(b"reset")
        assert await board.open().is_closed()
        assert board.channel.open_streams == 2

    on_a_board(story)
