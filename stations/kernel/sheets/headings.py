"""Headings as people write them, matched to the fields that an importer knows."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from stations.kernel.errors import Invalid
from stations.kernel.text import _

BRACKETED = re.compile(r"[(\[{【〔《「].*?[)\]}】〕》」]")
NOT_WORD = re.compile(r"[\W_]+")


def match_headings(headings: Sequence[str], known: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """{field: heading as written} for the headings that `known` (field -> accepted headings) has.

    Width, case, spaces, punctuation and bracketed units do not count: "经度(WGS84)" is 经度, "名称*" is 名称.
    Unknown headings are left out. Raises Invalid naming both when two headings stand for one field.
    """
    matched: dict[str, str] = {}
    for field, heading in _match(headings, known):
        if field in matched:
            raise Invalid(
                "sheet.headings_alike",
                _(
                    'The headings "%(first)s" and "%(second)s" mean the same. Keep one.',
                    first=matched[field],
                    second=heading,
                ),
                field="file",
            )
        matched[field] = heading
    return matched


def guess_headings(headings: Sequence[str], known: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The same for somebody who sees the guess and may change it: of two headings for one field the first counts."""
    return dict(reversed(list(_match(headings, known))))


def fold(text: str) -> str:
    """Without width, case, spaces and punctuation."""
    return NOT_WORD.sub("", _normal(text))


def without_brackets(text: str) -> str:
    """The same without what stands in brackets: "饮用水（瓶）" is 饮用水."""
    return fold(BRACKETED.sub("", _normal(text)))


def _match(headings: Sequence[str], known: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    fields: dict[str, str] = {}
    for field, accepted in known.items():
        for heading in accepted:
            fields.setdefault(fold(heading), field)
    for heading in headings:
        found = fields.get(fold(heading)) or fields.get(without_brackets(heading))
        if found is not None:
            yield found, heading


def _normal(heading: str) -> str:
    return unicodedata.normalize("NFKC", heading).casefold()
