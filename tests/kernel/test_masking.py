"""Masked phones."""

import pytest

from stations.kernel.masking import mask_phone


@pytest.mark.parametrize(
    ("phone", "shown"),
    [("13812345678", "138****5678"), ("01012345", "010****2345"), ("1234567", "****"), ("110", "****"), ("", "")],
)
def test_a_phone_shows_its_ends_and_a_short_one_nothing(phone: str, shown: str) -> None:
    assert mask_phone(phone) == shown
