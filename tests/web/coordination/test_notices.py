"""The list of what volunteers were told."""

import pytest
from cast import Cast
from factories.shifts import ORGANIZER, a_shift, a_volunteer, sign_up
from html5lib import HTMLParser

from stations.kernel.db import transaction
from stations.shifts.actions.shifts import cancel_shift
from stations.workflows.notifying import notify

pytestmark = pytest.mark.usefixtures("app")
LIST = "/coordination/notices/?lang=en"


def test_list_says_what_was_sent_and_what_failed_within_ones_scope(cast: Cast) -> None:
    empty = cast.city.get(LIST).text
    assert ("No notice was sent yet." in empty, "No gateway is set up" in empty) == (True, True)
    shift = a_shift("10:00", needs={"": 2})
    for number, phone in (("S1", "13800001234"), ("S2", "")):
        a_volunteer(number, phone=phone)
        sign_up(number, shift)
    with transaction():
        cancel_shift(shift, ORGANIZER, "closed")
    assert notify() == 1
    page = cast.city.get(LIST).text
    HTMLParser(strict=True).parse(page)
    assert page.count("Shift cancelled") == 2
    assert ("sent</span> 07:4" in page, "failed</span> no phone" in page) == (True, True)
    assert "13800001234" not in page
    failed = cast.city.get(LIST + "&state=failed").text
    assert (failed.count("Shift cancelled"), ">S2</a>" in failed, ">S1</a>" in failed) == (1, True, False)
    assert "Shift cancelled" not in cast.company.get(LIST).text
