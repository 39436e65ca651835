import gzip
import json
from pathlib import Path

import pytest

from stations.maps.base import build_base, read_base

DATA = Path(__file__).parents[2] / "data"
DISTRICTS = {
    "features": [
        {
            "properties": {"name": "东城区", "name_en": "Dongcheng", "label_lon": 116.40868, "label_lat": 39.90588},
            "geometry": {
                "coordinates": [
                    [[[116.4, 39.9], [116.40001, 39.90001], [116.5, 39.8], [116.4, 39.9]]],
                    [[[116.0, 39.0], [116.1, 39.0], [116.0, 39.1], [116.0, 39.0]]],
                ]
            },
        }
    ]
}
LINES = {
    "features": [
        {
            "properties": {"line": "2号线", "color": "#004B87"},
            "geometry": {"coordinates": [[[116.1, 39.9], [116.2, 39.95]]]},
        }
    ]
}
STOPS = [
    {"name": "知春里", "name_en": "Zhichunli", "lon": "116.32816", "lat": "39.97624", "district": "海淀区"},
    {"name": "2号航站楼", "name_en": "", "lon": "116.52816", "lat": "39.9", "district": "朝阳区"},
]


def test_build_base_packs_points_as_steps_and_drops_repeated_ones() -> None:
    assert json.loads(build_base(DISTRICTS, LINES, STOPS, language="zh")) == {
        "districts": [
            {
                "name": "东城区",
                "label": [1164087, 399059],
                "rings": [
                    [1164000, 399000, 1000, -1000, -1000, 1000],
                    [1160000, 390000, 1000, 0, -1000, 1000, 0, -1000],
                ],
            }
        ],
        "lines": [{"colour": "#004B87", "paths": [[1161000, 399000, 1000, 500]]}],
        "stops": {"names": ["知春里", "2号航站楼"], "steps": [1163282, 399762, 2000, -762]},
    }


def test_build_base_moves_every_point_into_the_datum_of_the_tiles() -> None:
    moved = json.loads(
        build_base(DISTRICTS, LINES, STOPS, language="zh", shift=lambda lon, lat: (lon + 0.01, lat - 0.02))
    )

    assert moved["districts"][0]["label"] == [1164187, 398859]
    assert moved["districts"][0]["rings"][0] == [1164100, 398800, 1000, -1000, -1000, 1000]
    assert moved["lines"][0]["paths"] == [[1161100, 398800, 1000, 500]]
    assert moved["stops"]["steps"] == [1163382, 399562, 2000, -762]


def test_build_base_in_english_keeps_the_chinese_name_where_there_is_no_other() -> None:
    base = json.loads(build_base(DISTRICTS, LINES, STOPS, language="en"))

    assert base["districts"][0]["name"] == "Dongcheng"
    assert base["stops"]["names"] == ["Zhichunli", "2号航站楼"]


def test_read_base_holds_all_of_beijing_in_25_kilobytes_and_is_the_same_each_time() -> None:
    packed = read_base(DATA, language="en")
    base = json.loads(packed)

    assert (len(base["districts"]), len(base["lines"]), len(base["stops"]["names"])) == (16, 26, 365)
    assert len(base["stops"]["steps"]) == 2 * 365
    assert all(len(path) >= 4 for line in base["lines"] for path in line["paths"])
    assert len(gzip.compress(packed)) <= 25_000
    assert read_base(DATA, language="en") == packed


def test_read_base_without_its_files_says_which_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="beijing_districts"):
        read_base(tmp_path, language="zh")
