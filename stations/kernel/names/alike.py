"""Which names people take for one another on the way to a gate."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from stations.kernel.names.folding import HANZI_RUN, drop_place, fold_numerals, fold_text

Key = TypeVar("Key")

_BRACKETED = re.compile(r"[(（\[【〔].*?[)）\]】〕]")
_CAMPUS = re.compile(
    r"(?P<school>.+?(?:中学|学校|附中|高中|小学|学院)).{0,6}(?:校区|校部|分校|分部|校址|[东西南北本初高中]部)"
)
_KIND = re.compile(
    r"中等|职业|技术|高级|初级|完全|普通|综合|实验|外国语|国际|附属|附|中学|小学|高中|初中|学校|学院|分校|校区|考点|中$"
)
_UNIVERSITY = re.compile(r"(?P<family>.{1,10}?)大学?[0-9]*(?=附|实验)|(?P<short>.{2,8}?)[0-9]*附(?:属|中|小)")
_NORMAL_UNIVERSITY = re.compile(r"^(.).师范$")
# Short names that no rule gives: 人大附中, 北大附中.
_SHORT_NAMES = {"中国人民": "人", "北京": "北"}
CONFUSED_CORE_CHARS = 2


@dataclass(frozen=True)
class _Parts:
    """What a name is known by: its own word, what kind of place it is, the university it belongs to."""

    core: str
    kinds: frozenset[str]
    family: str


def list_alike(names: Mapping[Key, tuple[str, ...]]) -> dict[Key, frozenset[Key]]:
    """{key: the other keys whose names people confuse with its own}; symmetric, keys with none are left out.

    The rules come from what went wrong (Beijing 2016, 20+ of 96 exam sites; users.md 1.7):
    - one core, once place, 第, kind of school, brackets and campus are dropped and numerals are Arabic: 十一学校 and
      第十一中学, the campuses of one school. Different numbers are different cores: 第一中学 is not 第二中学;
    - two-character cores that share the first or the second character, and a kind: 育才 and 育英, 潞河 and 运河;
    - one university before 附 or 实验: 北师大附中, 北师大二附中, 北师大实验.
    """
    groups: defaultdict[tuple[str, ...], set[Key]] = defaultdict(set)
    for key, texts in names.items():
        for text in texts:
            for group in _list_groups(_split(text)):
                groups[group].add(key)
    alike: defaultdict[Key, set[Key]] = defaultdict(set)
    for members in groups.values():
        if len(members) > 1:
            for key in members:
                alike[key] |= members
    return {key: frozenset(others - {key}) for key, others in alike.items()}


def _list_groups(parts: _Parts) -> list[tuple[str, ...]]:
    groups: list[tuple[str, ...]] = []
    if parts.core:
        groups.append(("core", parts.core))
    if parts.family:
        groups.append(("family", parts.family))
    if len(parts.core) == CONFUSED_CORE_CHARS and HANZI_RUN.fullmatch(parts.core):
        first, second = parts.core[0], parts.core[1]
        for kind in parts.kinds:
            groups += [("first", first, kind), ("second", second, kind)]
    return groups


def _split(name: str) -> _Parts:
    folded = drop_place(fold_text(_BRACKETED.sub("", name)))
    campus = _CAMPUS.fullmatch(folded)
    school = fold_numerals(campus["school"] if campus else folded)
    own = _KIND.sub("", school)
    return _Parts(
        own or school,
        frozenset("中学" if kind == "中" else kind for kind in _KIND.findall(school)),
        _find_family(school),
    )


def _find_family(school: str) -> str:
    """北师 for 北京师范大学附属中学, 北师大二附中 and 北师大实验中学; 清华 for 清华附中; empty when there is none."""
    match = _UNIVERSITY.match(school)
    if match is None:
        return ""
    family = match["family"] or match["short"]
    return _SHORT_NAMES.get(family) or _NORMAL_UNIVERSITY.sub(r"\1师", family)
