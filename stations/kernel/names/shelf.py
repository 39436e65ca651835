"""Many short keys in one long text, so that one scan in C looks through all of them."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence

MARK = "\n"

Key = tuple[int, Sequence[str]]
"""Owner and units (characters, numbers, words); a unit never holds the line end."""


class Shelf:
    """Keys in the order in which they were given: every search yields (owner, characters of the key) in that order.

    A query is found at the beginning of a key or of one of its units, never in the middle of a unit.
    """

    def __init__(self, keys: Sequence[Key]) -> None:
        self._owners = [owner for owner, _units in keys]
        self._begins: list[int] = []
        starts = bytearray()
        for _owner, units in keys:
            self._begins.append(len(starts) + 1)
            starts.append(0)
            for unit in units:
                starts += b"\x01" + bytes(len(unit) - 1)
        self._starts = bytes(starts) + b"\x01"
        self._begins.append(len(starts) + 1)
        self._text = MARK + "".join("".join(units) + MARK for _owner, units in keys)

    def find_exact(self, query: str) -> Iterator[tuple[int, int]]:
        for position in self._find(MARK + query + MARK):
            yield self._key(position + 1)

    def find_first(self, query: str, *, is_whole: bool = False) -> Iterator[tuple[int, int]]:
        """Keys that begin with `query`; with `is_whole` only where it ends at a unit's end."""
        for position in self._find(MARK + query):
            if not is_whole or self._is_end(position + 1 + len(query)):
                yield self._key(position + 1)

    def find_inside(self, query: str, *, is_whole: bool = False) -> Iterator[tuple[int, int]]:
        """Keys in which `query` begins at some unit."""
        for position in self._find(query):
            if self._starts[position] and (not is_whole or self._is_end(position + len(query))):
                yield self._key(position)

    def find_near(self, query: str) -> Iterator[tuple[int, str]]:
        """(owner, key) that may begin with `query` but for one edit: one half of it is intact, or two letters
        are swapped where they meet.

        `query` has at least two characters.
        """
        half = len(query) // 2
        swapped = query[: half - 1] + query[half] + query[half - 1] + query[half + 1 :]
        for beginning in (query[:half], swapped):
            for position in self._find(MARK + beginning):
                yield self._whole_key(position + 1)
        for position in self._find(query[half:]):
            if MARK in self._text[max(0, position - half - 2) : position - half + 1]:
                yield self._whole_key(position)

    def _find(self, text: str) -> Iterator[int]:
        position = self._text.find(text)
        while position >= 0:
            yield position
            position = self._text.find(text, position + 1)

    def _is_end(self, position: int) -> bool:
        return self._text[position] == MARK or bool(self._starts[position])

    def _key(self, position: int) -> tuple[int, int]:
        line = bisect_right(self._begins, position) - 1
        return self._owners[line], self._begins[line + 1] - 1 - self._begins[line]

    def _whole_key(self, position: int) -> tuple[int, str]:
        line = bisect_right(self._begins, position) - 1
        return self._owners[line], self._text[self._begins[line] : self._begins[line + 1] - 1]
