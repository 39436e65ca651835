"""Many short keys in one long text, so that one scan in C looks through all of them."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from rapidfuzz.distance import OSA

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

    def find_near(self, query: str, *, is_inside: bool) -> Iterator[tuple[int, str]]:
        """(owner, the key from there on) wherever something one edit away from `query` (a character more, less or
        other, two neighbours swapped) begins a key; with `is_inside` wherever it begins a later unit of one.

        `query` has at least two characters."""
        half = len(query) // 2
        head, tail = query[:half], query[half:]
        swapped = head[:-1] + tail[0] + head[-1] + tail[1:]
        lead = "" if is_inside else MARK
        near = {position + len(lead) for position in self._find(lead + swapped)}
        # Elsewhere one half is intact, and the other one edit away: after the head, or before the tail.
        after = re.compile(_write_one_edit(tail))
        for position in self._find(lead + head):
            if after.match(self._text, position + len(lead) + half):
                near.add(position + len(lead))
        for position in self._find(tail):
            earliest = max(position - half - 1, 1)
            if is_inside or MARK in self._text[earliest - 1 : position - half + 1]:
                near.update(self._list_near_before(head, earliest, position))
        for begin in sorted(near):
            if self._starts[begin] and is_inside == (self._text[begin - 1] != MARK):
                line = bisect_right(self._begins, begin) - 1
                yield self._owners[line], self._text[begin : self._begins[line + 1] - 1]

    def _list_near_before(self, head: str, earliest: int, end: int) -> list[int]:
        """The units' beginnings from where to `end` it reads as `head` but for one edit."""
        return [
            begin
            for begin in range(earliest, end)
            if self._starts[begin] and OSA.distance(head, self._text[begin:end], score_cutoff=1) <= 1
        ]

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


def _write_one_edit(text: str) -> str:
    """A pattern of `text` itself and of all that is one edit away from it, within a line."""
    pattern = ".?"
    for i in reversed(range(len(text))):
        rest = re.escape(text[i + 1 :])
        edited = [f".{re.escape(text[i:])}", f".{rest}", rest]
        if i + 1 < len(text):
            edited.append(re.escape(text[i + 1] + text[i] + text[i + 2 :]))
        pattern = f"(?:{re.escape(text[i])}{pattern}|{'|'.join(edited)})"
    return pattern
