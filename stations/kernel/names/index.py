"""Search by name: characters, numerals either way, initials, pinyin, one typo."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum

from rapidfuzz.distance import OSA

from stations.kernel.names.folding import (
    HANZI_RUN,
    LONGEST_QUERY_CHARS,
    Reading,
    drop_ordinal,
    drop_place,
    fold_numerals,
    fold_text,
    fold_words,
    list_readings,
    list_spellings,
    split_units,
)
from stations.kernel.names.shelf import Key, Shelf

FEWEST_INITIALS = 2
FEWEST_TYPO_LETTERS = 4
FEWEST_TYPO_HANZI = 3

_NUMBERS = re.compile("[0-9]+")


class Grade(IntEnum):
    """How well a name answers a query, best first."""

    EXACT = 0
    PREFIX = 1
    SUBSTRING = 2
    INITIALS = 3
    PINYIN = 4
    INITIALS_SUBSTRING = 5
    PINYIN_SUBSTRING = 6
    TYPO = 7
    TYPO_INSIDE = 8


@dataclass(frozen=True)
class Entry:
    """Something with names: the official one first, then aliases and English; a lower kind_rank is shown earlier."""

    key: str
    kind_rank: int
    names: tuple[str, ...]


@dataclass(frozen=True)
class Hit:
    """The entry's key, the one of its names that answered, and how well it did."""

    key: str
    name: str
    grade: Grade


Sweep = tuple[Grade, int, Iterable[tuple[int, int]]]
"""A grade, the characters of the spelling looked for, and the (owner, characters of the key) that have it."""


class NameIndex:
    """Entries to search by name. Built once; searching changes nothing, so threads may share it."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._owners = [(entry, name) for entry in entries for name in entry.names]
        plain: list[Key] = []
        read: list[Key] = []
        initials: list[Key] = []
        for owner, (_entry, name) in enumerate(self._owners):
            plain += [(owner, units) for units in _list_plain_keys(name)]
            for reading in _list_read_keys(name):
                read.append((owner, ["".join(unit) for unit in reading]))
                initials.append((owner, ["".join(syllable[0] for syllable in unit) for unit in reading]))
        self._plain = self._shelve(plain)
        self._read = self._shelve(read)
        self._initials = self._shelve(initials)

    def search(self, query: str, limit: int = 8) -> list[Hit]:
        """At most `limit` hits, one an entry: by grade, kind_rank, how much of the name is covered, then name."""
        folded = fold_text(query, LONGEST_QUERY_CHARS)
        if not folded or limit < 1:
            return []
        best: dict[str, tuple[tuple[int, int, float, str, str], Hit]] = {}
        grade_before = Grade.EXACT
        for grade, chars, keys in self._list_sweeps(folded):
            if grade != grade_before and len(best) >= limit:
                break  # every further hit is of a worse grade
            if grade is Grade.TYPO_INSIDE and any(hit.grade < Grade.TYPO for _rank, hit in best.values()):
                break  # so far-fetched a thing is not meant by what is some name as it was typed
            grade_before = grade
            # Keys come in the order of the rank within a grade, so the first few entries are the best.
            entries: set[str] = set()
            for owner, key_chars in keys:
                entry, name = self._owners[owner]
                rank = (int(grade), entry.kind_rank, -chars / key_chars, name, entry.key)
                if entry.key not in best or rank < best[entry.key][0]:
                    best[entry.key] = (rank, Hit(entry.key, name, grade))
                entries.add(entry.key)
                if len(entries) >= limit and len(best) >= limit:
                    break
        return [hit for _rank, hit in sorted(best.values(), key=lambda found: found[0])[:limit]]

    def _shelve(self, keys: Iterable[Key]) -> Shelf:
        def rank(key: Key) -> tuple[int, int, str, str]:
            entry, name = self._owners[key[0]]
            return entry.kind_rank, sum(map(len, key[1])), name, entry.key

        return Shelf(sorted(keys, key=rank))

    def _list_sweeps(self, folded: str) -> Iterator[Sweep]:
        """From the best grade to the worst; nothing is looked for before it is asked for."""
        spellings = list_spellings(folded)
        is_latin = folded.isascii() and folded.isalpha()
        for spelling in spellings:
            yield Grade.EXACT, len(spelling), self._plain.find_exact(spelling)
        for spelling in spellings:
            yield Grade.PREFIX, len(spelling), self._plain.find_first(spelling)
        for spelling in spellings:
            yield Grade.SUBSTRING, len(spelling), self._plain.find_inside(spelling)
        yield from self._list_sound_sweeps(folded, is_latin)
        bare = folded if is_latin else fold_numerals(drop_place(folded))
        fewest = FEWEST_TYPO_LETTERS if is_latin else FEWEST_TYPO_HANZI
        if not is_latin and not HANZI_RUN.search(bare):
            return
        for grade in (Grade.TYPO, Grade.TYPO_INSIDE):
            for shelf in (self._read, self._plain) if is_latin else (self._plain,):
                if len(bare) >= fewest + (grade is Grade.TYPO_INSIDE):
                    yield grade, len(bare), _list_typos(shelf, bare, is_inside=grade is Grade.TYPO_INSIDE)

    def _list_sound_sweeps(self, folded: str, is_latin: bool) -> Iterator[Sweep]:
        sound = folded if is_latin else "".join(map("".join, list_readings(folded)[0]))
        if folded.isdigit() or not sound.isascii():
            return
        has_initials = is_latin and len(folded) >= FEWEST_INITIALS
        # What was typed in characters ends with a whole syllable; pinyin may still be half typed.
        is_whole = not is_latin and not folded[-1].isascii()
        if has_initials:
            yield Grade.INITIALS, len(folded), self._initials.find_first(folded)
        yield Grade.PINYIN, len(sound), self._read.find_first(sound, is_whole=is_whole)
        if has_initials:
            yield Grade.INITIALS_SUBSTRING, len(folded), self._initials.find_inside(folded)
        yield Grade.PINYIN_SUBSTRING, len(sound), self._read.find_inside(sound, is_whole=is_whole)


def _list_plain_keys(name: str) -> list[list[str]]:
    words = fold_words(name)
    by_words = [part for word in words for part in split_units(word)]
    others = list_spellings("".join(words))[1:]
    return [keys for keys in (by_words, *map(split_units, others)) if keys]


def _list_read_keys(name: str) -> list[Reading]:
    """Distinct readings of a name in Chinese; a name in Latin letters is its own reading."""
    folded = fold_text(name)
    if folded.isascii():
        return []
    bare = drop_place(folded)
    readings = (reading for spelling in (folded, bare, drop_ordinal(bare)) for reading in list_readings(spelling))
    return list({"".join(map("".join, reading)): reading for reading in readings}.values())


def _list_typos(shelf: Shelf, query: str, *, is_inside: bool) -> Iterator[tuple[int, int]]:
    """Keys that begin with something one slip of the finger away from `query`, or hold it further on, with the same
    numbers in it."""
    numbers = _NUMBERS.findall(query)
    for owner, rest in shelf.find_near(query, is_inside=is_inside):
        if not numbers or _has_numbers(query, rest, numbers):
            yield owner, len(rest)


def _has_numbers(query: str, rest: str, numbers: list[str]) -> bool:
    windows = (rest[:chars] for chars in range(len(query) - 1, len(query) + 2))
    return any(
        _NUMBERS.findall(window) == numbers and OSA.distance(query, window, score_cutoff=1) <= 1 for window in windows
    )
