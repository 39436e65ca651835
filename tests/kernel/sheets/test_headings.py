import pytest

from stations.kernel.errors import Invalid
from stations.kernel.sheets import match_headings

KNOWN = {
    "name": ("名称", "Name"),
    "lon": ("经度", "lon", "longitude"),
    "lon_gcj": ("经度（GCJ-02）",),
    "site_code": ("考点代码", "site_code"),
}


def test_headings_are_matched_whatever_their_width_case_marks_and_units() -> None:
    assert match_headings(["名称*", " 经 度(WGS84)", "Site Code：", "备注"], KNOWN) == {
        "name": "名称*",
        "lon": " 经 度(WGS84)",
        "site_code": "Site Code：",
    }
    assert match_headings(["ＮＡＭＥ", "LONGITUDE [°]"], KNOWN) == {"name": "ＮＡＭＥ", "lon": "LONGITUDE [°]"}


def test_heading_with_brackets_that_is_known_as_a_whole_is_that_field() -> None:
    assert match_headings(["经度", "经度(gcj02)"], KNOWN) == {"lon": "经度", "lon_gcj": "经度(gcj02)"}


def test_two_headings_for_one_field_are_refused_by_name() -> None:
    with pytest.raises(Invalid) as refused:
        match_headings(["名称", "name"], KNOWN)
    assert refused.value.code == "sheet.headings_alike"
    assert "名称" in str(refused.value.message)
    assert "name" in str(refused.value.message)


def test_headings_of_marks_alone_match_nothing() -> None:
    assert match_headings(["***", "", "()"], KNOWN) == {}
