"""What parents type, over the demonstration's places."""

from collections.abc import Iterator

import pytest
from factories.places import BEIJING
from flask import Flask

from stations.kernel.errors import NotFound
from stations.kernel.geo.datum import Point
from stations.places.queries.anchoring import (
    find_nearest_gate,
    find_sure_match,
    get_place_anchor,
    get_site_anchor,
    list_matches,
    position_anchor,
)
from stations.places.queries.atlas import Atlas, get_atlas


@pytest.fixture
def atlas(read_only_app: Flask) -> Iterator[Atlas]:
    with read_only_app.app_context():
        yield get_atlas(BEIJING)


def found(atlas: Atlas, typed: str) -> list[tuple[str, str]]:
    return [(match.kind, match.code) for match in list_matches(atlas, typed)]


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ("shiyi", {"KD0108-12", "KD0101-03"}),
        ("SHIYI", {"KD0108-12", "KD0101-03"}),
        ("11学校", {"KD0108-12"}),
        ("十一学校", {"KD0108-12"}),
        ("syxx", {"KD0108-12"}),
        ("shiyixuexiao", {"KD0108-12"}),
        ("zhichunli", {"KD0108-01"}),
        ("知春里", {"KD0108-01"}),
        ("知春裏", {"KD0108-01"}),
        ("知春理", {"KD0108-01"}),
    ],
)
def test_exam_sites_are_found_as_they_are_typed(atlas: Atlas, typed: str, codes: set[str]) -> None:
    matches = found(atlas, typed)
    assert codes <= {code for kind, code in matches if kind == "site"}
    kinds = [kind for kind, _code in matches]
    assert kinds == sorted(kinds, key=lambda kind: kind != "site")


@pytest.mark.parametrize(
    ("code", "typed"),
    [
        (
            "KD0102-05",
            ("育才学校", "育材学校", "育菜学校", "yucai", "ycxx", "yucaixuexioa", "yuciaxuexiao"),
        ),
        ("KD0112-02", ("潞河中学", "路河中学", "潞河中雪", "luhe", "lhzx", "luhezhongxeu", "lvhezhongxue")),
        ("KD0108-01", ("知春里站附近", "海淀01", "海锭01", "zhichunlizhanfujni")),
    ],
)
def test_the_mark_of_a_demonstration_need_not_be_typed(atlas: Atlas, code: str, typed: tuple[str, ...]) -> None:
    for words in typed:
        assert ("site", code) in found(atlas, words), words


@pytest.mark.parametrize("typed", ["shiyi", "11学校", "syxx", "十一学校"])
def test_a_name_that_is_confused_is_never_chosen_for_the_parent(atlas: Atlas, typed: str) -> None:
    assert find_sure_match(atlas, typed) is None
    alike = {match.code for match in list_matches(atlas, typed) if match.is_alike}
    assert {"KD0108-12", "KD0101-03"} & alike


def test_no_confused_site_is_ever_chosen_by_any_of_its_names(atlas: Atlas) -> None:
    confused = [site for site in atlas.sites.values() if site.alike]
    assert confused
    for site in confused:
        for name in (site.name, *site.aliases):
            assert find_sure_match(atlas, name) is None, name


@pytest.mark.parametrize("typed", ["andelibeijei", "zndelibeijie", "andelibejie", "安得里北街", "安德里北衔"])
def test_one_slip_of_the_finger_is_forgiven(atlas: Atlas, typed: str) -> None:
    assert "安德里北街站" in [match.name for match in list_matches(atlas, typed)]


@pytest.mark.parametrize(
    ("typed", "place"),
    [("haidian", "海淀区"), ("Chaoyang", "朝阳区"), ("海淀", "海淀区"), ("西城区", "西城区")],
)
def test_districts_are_found_in_english_and_chinese(atlas: Atlas, typed: str, place: str) -> None:
    assert place in [match.name for match in list_matches(atlas, typed) if match.kind == "district"]


@pytest.mark.parametrize("typed", ["安德里北街站D口", "安德里北街D口", "Andelibeijie exit D", "andelibeijie"])
def test_metro_exits_are_found(atlas: Atlas, typed: str) -> None:
    matches = list_matches(atlas, typed)
    assert "安德里北街站D口" in [match.name for match in matches if match.kind == "landmark"]


def test_a_station_is_found_by_its_name(atlas: Atlas) -> None:
    match = find_sure_match(atlas, "演示工会伴考点·海淀01")
    assert match is not None
    assert (match.kind, match.code) == ("station", "GH-HD-01")


@pytest.mark.parametrize(
    "typed", ["", " ", "%", "'; DROP TABLE station; --", "zzzzqqqq", "🏫", "​", "㍿㍿", "1" * 80, "ａ" * 80]
)
def test_nonsense_finds_nothing(atlas: Atlas, typed: str) -> None:
    assert list_matches(atlas, typed) == []
    assert find_sure_match(atlas, typed) is None


def test_a_site_brings_its_gates_and_those_it_is_confused_with(atlas: Atlas) -> None:
    anchor = get_site_anchor(atlas, "KD0108-12")
    assert anchor.site is not None
    assert anchor.starts == tuple((gate.lat, gate.lon) for gate in anchor.site.gates)
    assert anchor.alike
    assert {site.code for site in anchor.alike} == set(anchor.site.alike)
    station = atlas.find_station("GH-HD-01")
    assert station is not None
    assert find_nearest_gate(anchor.site, station) in {gate.name for gate in anchor.site.gates}


def test_a_place_is_an_anchor_by_its_kind_and_code(atlas: Atlas) -> None:
    district = get_place_anchor(atlas, "district:110108")
    assert (district.kind, district.name, district.name_en) == ("district", "海淀区", "Haidian")
    landmark = get_place_anchor(atlas, "landmark:osm-10137803561")
    assert (landmark.kind, landmark.starts) == ("landmark", ((39.95494, 116.388696),))
    assert position_anchor(Point(39.9, 116.3)).starts == ((39.9, 116.3),)


@pytest.mark.parametrize(
    "named", ["", ":", "district:", "district:999999", "landmark:110108", "site:KD0108-12", "110108"]
)
def test_an_unknown_place_is_refused_by_its_parameter(atlas: Atlas, named: str) -> None:
    with pytest.raises(NotFound) as refused:
        get_place_anchor(atlas, named)
    assert refused.value.field == "place"


@pytest.mark.parametrize("code", ["", "KD", "kd0108-12", "KD0108-12 "])
def test_an_unknown_site_is_refused_by_its_parameter(atlas: Atlas, code: str) -> None:
    with pytest.raises(NotFound) as refused:
        get_site_anchor(atlas, code)
    assert refused.value.field == "site"
