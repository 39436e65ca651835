"""Text for people, translated when it is printed."""

from collections.abc import Iterator

import pytest

from stations.kernel import text
from stations.kernel.text import Text, _


@pytest.fixture
def chinese() -> Iterator[None]:
    known, before = {"Closed": "已关闭", "%(n)s km": "%(n)s 公里"}, text._translate
    text.install(lambda message: known.get(message, message))
    yield
    text.install(before)


def test_text_is_translated_when_printed_and_not_before(chinese: None) -> None:
    kilometres = _("%(n)s km", n=3)
    assert (str(kilometres), str(_("Closed"))) == ("3 公里", "已关闭")
    text.install(lambda message: message)
    assert str(kilometres) == "3 km"


def test_values_are_filled_in_late_and_may_be_texts(chinese: None) -> None:
    assert str(_("%(what)s: %(n)s", what=_("Closed")) % {"n": 1}) == "已关闭: 1"


def test_a_percent_sign_without_values_is_left_alone(chinese: None) -> None:
    assert str(_("100 % sure")) == "100 % sure"
    assert str(_("%(typed)s", typed="50% %s %(x)s")) == "50% %s %(x)s"


def test_equal_texts_are_equal() -> None:
    assert _("Closed") == _("Closed")
    assert len({_("Closed"), _("Closed"), _("Open")}) == 2
    assert Text("a", {"n": [1]}) == _("a", n=[1])
    assert hash(_("a", n=[1])) == hash(Text("a"))
