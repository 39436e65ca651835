"""A counter per topic, raised by every write to it: by it a process sees that its in-memory picture is old."""

import time
from collections.abc import Callable
from threading import RLock
from typing import Any, TypeVar

from sqlalchemy import String, event, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from stations.kernel.db import Base, app_memory, db, in_transaction, is_sqlite

LOOK_SECONDS = 0.25
T = TypeVar("T")


class Revision(Base):
    __tablename__ = "revision"

    topic: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int]


def next_revision(topic: str) -> int:
    """Raise the topic's number, once a transaction, and return it. The row stays locked to the end of the
    transaction, so numbers are committed in order and a reader never skips one."""
    memory = in_transaction()
    if topic in memory:
        return int(memory[topic])
    insert = sqlite.insert if is_sqlite() else postgresql.insert
    db.session.execute(insert(Revision).values(topic=topic, number=0).on_conflict_do_nothing())
    raised = update(Revision).where(Revision.topic == topic).values(number=Revision.number + 1)
    number = memory[topic] = db.session.execute(raised.returning(Revision.number)).scalar_one()
    return number


class _Sight:
    """What one process last saw of one database."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.looked_at = float("-inf")
        self.numbers: dict[str, int] = {}
        self.kept: dict[Callable[[], Any], tuple[int, Any]] = {}


_SIGHT = "sight"


def _find_sight() -> _Sight:
    known = app_memory()
    sight: _Sight = known.get(_SIGHT) or known.setdefault(_SIGHT, _Sight())
    return sight


def current_revisions() -> dict[str, int]:
    """Every topic's number, read at most four times a second and right after a commit of this process.

    A topic that nobody wrote to is missing."""
    return _look(_find_sight())


def last_look() -> float:
    """When this process last looked, in monotonic seconds: what else follows the database looks as often."""
    sight = _find_sight()
    _look(sight)
    return sight.looked_at


def _look(sight: _Sight) -> dict[str, int]:
    now = time.monotonic()
    # Inside a transaction that raised a number the others must not see it yet, nor may this process keep it.
    if now - sight.looked_at >= LOOK_SECONDS and not in_transaction():
        sight.looked_at = now
        sight.numbers = newest(sight.numbers, read_revisions())
    return sight.numbers


def read_revisions() -> dict[str, int]:
    """Every topic's number as this session sees it. On SQLite a session that began to read earlier sees an older
    database: what it loads belongs to these numbers, not to those that another thread has seen since."""
    return {topic: number for topic, number in db.session.execute(select(Revision.topic, Revision.number))}


def newest(known: dict[str, int], seen: dict[str, int]) -> dict[str, int]:
    """The greater number of each topic: a slow reader must not turn the time back."""
    return {topic: max(known.get(topic, 0), seen.get(topic, 0)) for topic in known | seen}


def kept(topic: str, load: Callable[[], T]) -> T:
    """What the module-level function `load` gave, called again only when the topic's number has changed; inside a
    transaction that writes to the topic, always."""
    if topic in in_transaction():
        return load()
    sight = _find_sight()
    number = _look(sight).get(topic, 0)
    found = sight.kept.get(load)
    if found is None or found[0] < number:
        with sight.lock:
            read = (read_revisions().get(topic, 0), load())
            found = sight.kept.get(load)
            if found is None or found[0] < read[0]:
                found = sight.kept[load] = read
    value: T = found[1]
    return value


@event.listens_for(Session, "after_commit")
def _look_again(_session: Session) -> None:
    _find_sight().looked_at = float("-inf")
