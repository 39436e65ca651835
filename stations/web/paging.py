"""Long lists in pages of 25."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import request, url_for

from stations.kernel.cells import read_whole
from stations.kernel.errors import Invalid

PAGE_ROWS = 25
MOST_PAGES = 10_000
Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of a list with the addresses of its neighbours."""

    rows: Sequence[Row]
    total: int
    number: int
    count: int
    previous_url: str | None
    next_url: str | None


def asked_number() -> int:
    """The number of the page that the address asks for; the first where it asks for none that can be."""
    try:
        return min(max(read_whole(request.args.get("page", "1")), 1), MOST_PAGES)
    except Invalid:
        return 1


def make_page(total: int, load: Callable[[int, int], Sequence[Row]], asked: dict[str, Any]) -> Page[Row]:
    """The page asked for, or the last one; `load` takes limit and offset, `asked` are the search's parameters."""
    count = max(-(-total // PAGE_ROWS), 1)
    number = min(asked_number(), count)
    rows = load(PAGE_ROWS, (number - 1) * PAGE_ROWS) if total else []
    kept = {name: value for name, value in asked.items() if value}

    def url(wanted: int) -> str | None:
        return url_for(str(request.endpoint), **kept, page=wanted) if 1 <= wanted <= count else None

    return Page(rows, total, number, count, url(number - 1), url(number + 1))
