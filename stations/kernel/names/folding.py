"""One spelling for the many ways in which a name is written."""

import re
import unicodedata
from functools import lru_cache

from pypinyin import Style, pinyin

from stations.kernel.numerals import NUMERAL_CHARS, parse_numeral, speak_number

LONGEST_QUERY_CHARS = 40
LONGEST_NAME_CHARS = 100
MOST_READINGS = 5
HANZI_RUN = re.compile(r"[㐀-䶿一-鿿〇]+")

_DIGITS = re.compile("[0-9]+")
_NUMERALS = re.compile(f"第?([{NUMERAL_CHARS}]+|[0-9]+)")
_ORDINAL = re.compile(f"第(?=[{NUMERAL_CHARS}0-9])")
_PLACE = re.compile(r"(?:[一-鿿]{2,3}省)?(?:[一-鿿]{1,3}?[^城\W]市)?(?:[一-鿿]{2,3}?[区县](?!域|级))?")
_MUNICIPALITY = re.compile(r"(?:北京|上海|天津|重庆)(?!.{0,6}大学|.{0,2}师范|站|[东南西北]站)")
_UNITS = re.compile(f"[{NUMERAL_CHARS}]+|[0-9]+|[㐀-䶿一-鿿]|[^㐀-䶿一-鿿〇0-9]+")
_READ_RUNS = re.compile(r"[㐀-䶿一-鿿〇]+|[^㐀-䶿一-鿿〇]+")
_NUMERAL_RUN = re.compile(f"[{NUMERAL_CHARS}]+")

Reading = list[tuple[str, ...]]
"""The syllables of each unit of a name: of a number all of them, of other characters one."""


def fold_words(text: str, longest: int = LONGEST_NAME_CHARS) -> list[str]:
    """The words of `text`, narrow, lower case, without accents; of very long text only the beginning."""
    cut = unicodedata.normalize("NFKC", text[: longest * 4])[:longest]
    parted = unicodedata.normalize("NFD", cut).replace("u\u0308", "v").casefold()
    bare = "".join(char for char in parted if not unicodedata.combining(char))
    return "".join(char if char.isalnum() else " " for char in bare).split()


def fold_text(text: str, longest: int = LONGEST_NAME_CHARS) -> str:
    """`fold_words` without the spaces between them."""
    return "".join(fold_words(text, longest))


def fold_numerals(folded: str) -> str:
    """第二十中学 and 20中学 alike become 20中学: numerals are Arabic, without 第 before them."""
    return _NUMERALS.sub(lambda found: _arabic(found[1]), folded)


def drop_ordinal(folded: str) -> str:
    """第十一中学 becomes 十一中学."""
    return _ORDINAL.sub("", folded)


def drop_place(folded: str) -> str:
    """Without the province, city and district before the name; the name itself when nothing would be left."""
    place = _PLACE.match(folded)
    rest = folded[place.end() :] if place and place.end() else _MUNICIPALITY.sub("", folded, count=1)
    if rest == folded or not folded.endswith(rest):
        return folded
    return rest or folded


def list_spellings(folded: str) -> list[str]:
    """The ways to write a folded name in characters: as it is, with Arabic numerals, with and without its place."""
    bare = drop_place(folded)
    return list(dict.fromkeys(filter(None, (folded, fold_numerals(folded), bare, fold_numerals(bare)))))


def split_units(folded: str) -> list[str]:
    """十一abc -> [十一, abc]: a part for each character, number and run of other letters; 十一 does not hold a 一."""
    return _UNITS.findall(folded)


def list_readings(folded: str) -> list[Reading]:
    """The likeliest readings of `folded`, unit by unit; digits are read as in a name (11 is shi yi).

    Of the units with several readings one at a time takes its second, so readings do not multiply.
    """
    spoken = _DIGITS.sub(lambda found: speak_number(found[0]), folded)
    options = [unit for run in _READ_RUNS.findall(spoken) for unit in _read_run(run)]
    first = [found[0] for found in options]
    readings = [first]
    for place, found in enumerate(options):
        if len(found) > 1 and len(readings) < MOST_READINGS:
            readings.append([*first[:place], found[1], *first[place + 1 :]])
    return readings


def _read_run(run: str) -> list[list[tuple[str, ...]]]:
    """For each unit of a run of Chinese the readings it may have."""
    if not HANZI_RUN.fullmatch(run):
        return [[(run,)]]
    syllables = _read_characters(run)
    options: list[list[tuple[str, ...]]] = []
    begin = 0
    for unit in split_units(run):
        found = syllables[begin : begin + len(unit)]
        is_number = _NUMERAL_RUN.fullmatch(unit) is not None
        options.append([tuple(each[0] for each in found)] if is_number else [(syllable,) for syllable in found[0]])
        begin += len(unit)
    return options


@lru_cache(maxsize=16384)  # an index made anew for one rename reads the other names again
def _read_characters(run: str) -> tuple[tuple[str, ...], ...]:
    """For each character its reading in this phrase, then the one it has alone, then others."""
    phrase = pinyin(run, style=Style.NORMAL, heteronym=True)
    if len(phrase) != len(run):
        return tuple(_read_alone(char) for char in run)
    return tuple(
        tuple(dict.fromkeys((found[0], _read_alone(char)[0], *found))) for char, found in zip(run, phrase, strict=True)
    )


@lru_cache(maxsize=4096)
def _read_alone(char: str) -> tuple[str, ...]:
    return tuple(pinyin(char, style=Style.NORMAL, heteronym=True)[0])


def _arabic(run: str) -> str:
    number = None if run.isascii() else parse_numeral(run)
    return run if number is None else str(int(number))
