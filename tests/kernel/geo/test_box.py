"""A box on the map."""

import pytest

from stations.kernel.errors import Invalid
from stations.kernel.geo.box import Box, read_box


def test_a_box_holds_its_edges_and_nothing_beyond() -> None:
    box = read_box("116.1, 39.8,116.5,40")
    assert box == Box(116.1, 39.8, 116.5, 40)
    inside = [(39.8, 116.1), (40, 116.5), (39.9, 116.3)]
    outside = [(39.79, 116.3), (40.01, 116.3), (39.9, 116.09), (39.9, 116.51)]
    assert [box.holds(*point) for point in inside + outside] == [True] * 3 + [False] * 4


@pytest.mark.parametrize("typed", ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "nan,0,0,0", "0,nan,1,1", "3,0,1,1", "0,3,1,1",
                                   "-541,0,1,1", "0,-91,1,1", "0,0,inf,1"])  # fmt: skip
def test_what_is_no_box_is_refused(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_box(typed)
    assert (refused.value.code, refused.value.field) == ("map.box", "bbox")
