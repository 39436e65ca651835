"""Headings as people write them, matched to the fields that an importer knows."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from stations.kernel.errors import Invalid
from stations.kernel.text import _

BRACKETED = re.compile(r"[(\[{【〔《「].*?[)\]}】〕》」]")
NOT_WORD = re.compile(r"[\W_]+")


def match_headings(headings: Sequence[str], known: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """{field: heading as written} for the headings that `known` (field -> accepted headings) has.

    Width, case, spaces, punctuation and bracketed units do not count: "经度(WGS84)" is 经度, "名称*" is 名称.
    Unknown headings are left out. Raises Invalid naming both when two headings stand for one field.
    """
    fields: dict[str, str] = {}
    for field, accepted in known.items():
        for heading in accepted:
            fields.setdefault(_fold(heading), field)
    matched: dict[str, str] = {}
    for heading in headings:
        field_found = fields.get(_fold(heading)) or fields.get(_fold(BRACKETED.sub("", _normal(heading))))
        if field_found is None:
            continue
        if field_found in matched:
            raise Invalid(
                "sheet.headings_alike",
                _(
                    'The headings "%(first)s" and "%(second)s" mean the same. Keep one.',
                    first=matched[field_found],
                    second=heading,
                ),
                field="file",
            )
        matched[field_found] = heading
    return matched


def _normal(heading: str) -> str:
    return unicodedata.normalize("NFKC", heading).casefold()


def _fold(heading: str) -> str:
    return NOT_WORD.sub("", _normal(heading))
