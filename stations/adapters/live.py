"""The live bus: what has just changed, told to whoever shows it. Through Redis where REDIS_URL is set, else within
the processes of one start. The bus carries news, not the truth: that is in the database, and a board that missed
something reads it there."""

import logging
import time
from collections.abc import Callable, Iterator
from typing import Any, cast

import msgspec
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import event
from sqlalchemy.orm import Session

from stations.kernel.db import app_memory, db, in_transaction, setting

log = logging.getLogger(__name__)

STREAM = "bankao:live"
TOPIC, SHIFTS = "fleet", "shifts"  # topics: by a message's revision a watcher of the database knows it for told
KEPT_MESSAGES = 10_000
RESUMED_SECONDS = 60  # how far back somebody who starts to read can tell what was missed
BLOCK_MILLISECONDS = 1_000
PATIENCE_SECONDS = 1.0
SILENCE_SECONDS = 5.0
LONGEST_ID = 40

_MEMORY = "live"
_KEY = b"m"


class Message(msgspec.Struct, frozen=True, array_like=True):
    """One piece of news. `content` is JSON. `path` is the scope that it belongs to, '' that of nobody in particular;
    `revision` is the number that its transaction gave to its topic, or 0."""

    kind: str
    content: msgspec.Raw
    path: str = ""
    revision: int = 0

    @property
    def topic(self) -> str:
        """Which revision it carries."""
        return SHIFTS if self.kind == SHIFTS else TOPIC


Hearer = Callable[[Message], None]
Id = tuple[int, int]
RESET = Message("reset", msgspec.Raw(b"null"))  # some news was lost: look at everything again


def publish(kind: str, content: Any, path: str = "") -> None:
    """Tell it now. `content` is anything that JSON holds. Never fails: who is not told will read."""
    _send(Message(kind, msgspec.Raw(msgspec.json.encode(content)), path))


def publish_after_commit(kind: str, content: Any, path: str = "") -> None:
    """Tell it when this transaction has been committed, and never if it is rolled back."""
    if not db.session().info.get("is_writing"):
        raise RuntimeError("publish_after_commit outside a transaction")
    memory = in_transaction()
    # A new tuple each time: `attempt` keeps the old one, and puts it back where a part fails.
    memory[_MEMORY] = (*memory.get(_MEMORY, ()), Message(kind, msgspec.Raw(msgspec.json.encode(content)), path))


def hear(hearer: Hearer) -> None:
    """Let `hearer` have every message that this process publishes, where there is no Redis."""
    app_memory().setdefault("hearers", []).append(hearer)


def encode(message: Message) -> bytes:
    """The message as it travels."""
    return msgspec.json.encode(message)


def decode(packed: bytes) -> Message:
    """What `encode` packed."""
    return msgspec.json.decode(packed, type=Message)


@event.listens_for(Session, "after_commit")
def _tell(session: Session) -> None:
    memory = session.info.get("in_transaction", {})
    if session.in_nested_transaction() or _MEMORY not in memory:
        return
    for message in memory.pop(_MEMORY):
        _send(msgspec.structs.replace(message, revision=memory.get(message.topic, 0)))


def _send(message: Message) -> None:
    url = setting("redis_url")
    if url:
        _send_to_redis(url, message)
    else:
        for hearer in app_memory().get("hearers", ()):
            hearer(message)


def connect(url: str) -> "redis.Redis":
    """A client that says at once when Redis does not answer."""
    return redis.Redis.from_url(
        url, socket_connect_timeout=PATIENCE_SECONDS, socket_timeout=PATIENCE_SECONDS + BLOCK_MILLISECONDS / 1000,
        retry=Retry(NoBackoff(), 1),
    )  # fmt: skip


class _Sender:
    """This process's connections to Redis, left alone for a while after a failure: a write must not wait for them.
    What could not be told is made good by a RESET before the next."""

    def __init__(self, url: str) -> None:
        self.client = connect(url)
        self.silent_until = float("-inf")
        self.has_lost = False

    def send(self, message: Message) -> None:
        if time.monotonic() < self.silent_until:
            return
        try:
            for each in [RESET, message] if self.has_lost else [message]:
                self.client.xadd(STREAM, {_KEY: encode(each)}, maxlen=KEPT_MESSAGES, approximate=True)
            self.has_lost = False
        except redis.RedisError:
            self.has_lost = True
            self.silent_until = time.monotonic() + SILENCE_SECONDS
            log.warning("the live bus does not answer; boards will see changes later", exc_info=True)


def _send_to_redis(url: str, message: Message) -> None:
    memory = app_memory()
    sender: _Sender = memory.get("live_sender") or memory.setdefault("live_sender", _Sender(url))
    sender.send(message)


def read_id(text: str) -> Id | None:
    """The place in a stream that "milliseconds-number" names, or None."""
    first, _dash, second = text.partition("-")
    is_id = len(text) <= LONGEST_ID and (first + second).isascii() and first.isdigit() and second.isdigit()
    return (int(first), int(second)) if is_id else None


def write_id(place: Id) -> str:
    """What `read_id` reads."""
    return f"{place[0]}-{place[1]}"


def read_stream(client: "redis.Redis", after: Id | None = None) -> Iterator[tuple[Id, list[tuple[Id, Message]]]]:
    """What Redis holds `after` that id, or of the last minute, then what comes, for ever and by one connection.

    Gives (floor, messages) at least once a second, perhaps of none; of what came after `floor`, nothing was thrown
    away unread. Raises redis.RedisError when Redis does not answer: begin again after the last id that was read."""
    place = after or (int((time.time() - RESUMED_SECONDS) * 1000), 0)
    oldest = cast(list[Any], client.xrange(STREAM, count=1))
    is_trimmed = cast(int, client.xlen(STREAM)) >= KEPT_MESSAGES
    floor = max(place, _place(oldest[0][0])) if oldest and is_trimmed else place
    while True:
        answer = cast(list[Any], client.xread({STREAM: write_id(place)}, count=1000, block=BLOCK_MILLISECONDS))
        read = [(_place(name), decode(fields[_KEY])) for name, fields in (answer[0][1] if answer else [])]
        place = read[-1][0] if read else place
        yield floor, read


def _place(name: bytes) -> Id:
    return cast(Id, read_id(name.decode()))
