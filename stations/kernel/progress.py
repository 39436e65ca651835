"""How far long work has come, told to whoever waits for it; where nobody listens, counting costs nothing."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from time import monotonic
from typing import TypeVar

from stations.kernel.text import Text

APART_SECONDS = 0.3

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Step:
    """`done` of `total` things; `doing` names them and what is done with them."""

    doing: Text
    done: int
    total: int


Listener = Callable[[Step], None]
_listener: ContextVar[Listener | None] = ContextVar("progress", default=None)


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Tell `listener` of every step of what is done meanwhile in this thread."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def counted(doing: Text, things: Iterable[T], total: int) -> Iterable[T]:
    """The things, of which there are `total`, while the listener hears how many are done: at once, then several
    times a second, and at the end."""
    listener = _listener.get()
    return things if listener is None else _telling(listener, doing, things, total)


def _telling(listener: Listener, doing: Text, things: Iterable[T], total: int) -> Iterator[T]:
    due = monotonic()
    for done, thing in enumerate(things):
        if monotonic() >= due:
            listener(Step(doing, done, total))
            due = monotonic() + APART_SECONDS
        yield thing
    listener(Step(doing, total, total))


def tell(doing: Text, done: int, total: int) -> None:
    """Tell the listener of one step of work that does not go through a list of things."""
    listener = _listener.get()
    if listener is not None:
        listener(Step(doing, done, total))
