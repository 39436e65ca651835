"""The replenishment page: read, tick, accept; and what happens when stock changed meanwhile."""

import re
from collections.abc import Callable
from typing import Any

from cast import Cast
from conftest import on_both
from factories.stock import HERE, THERE, an_item, issue, limits, on_shelf

from stations.stock.queries.transfers import list_transfers
from stations.stock.rules.transfers import TransferState

Send = Callable[..., Any]
Look = Callable[[], tuple[Any, ...]]
FieldsOf = Callable[..., dict[str, Any]]
ADDRESS = "/admin/stock/replenishment"


def short_here() -> None:
    """Two bottles here, where 24 is the reorder level; 300 next door."""
    an_item()
    on_shelf(2)
    on_shelf(300, station=THERE)
    limits(12, 24, 200)
    limits(12, 24, 400, station=THERE)


@on_both
def test_a_proposal_is_accepted_with_one_press(cast: Cast, send: Send, written: Look, fields_of: FieldsOf) -> None:
    short_here()
    client = cast.haidian
    page = client.get(ADDRESS).text
    fields = fields_of(page, ADDRESS)
    assert fields["line"] == [f"{THERE}|{HERE}|bottles|48"]
    reason = re.search(r'<p class="muted small">(.*?)</p>', page)
    assert reason
    assert "海淀02" in reason[1]
    assert "2." in reason[1]
    assert send(client, ADDRESS, fields).status_code == 303
    transfer, *others = list_transfers([""])
    assert others == []
    assert (transfer.from_station, transfer.to_station, transfer.state) == (THERE, HERE, TransferState.APPROVED)
    assert [(line.item, line.quantity) for line in transfer.lines] == [("bottles", 48)]
    after = written()
    assert send(client, ADDRESS, fields).status_code == 303
    assert written() == after
    assert 'name="line"' not in client.get(ADDRESS).text


def test_a_proposal_that_stock_has_overtaken_is_refused(
    cast: Cast, send: Send, written: Look, fields_of: FieldsOf
) -> None:
    short_here()
    client = cast.haidian
    fields = fields_of(client.get(ADDRESS).text, ADDRESS)
    issue(270, station=THERE)
    before = written()
    answer = send(client, ADDRESS, fields)
    assert answer.status_code == 409
    assert 'role="alert"' in answer.text
    assert "海淀02" in answer.text
    assert written() == before
    assert list_transfers([""]) == []


WRONG: tuple[dict[str, Any], ...] = (
    {"line": []},
    {"line": ["x"]},
    {"line": [f"{THERE}|{HERE}|bottles|-1"]},
    {"line": [f"{THERE}|{HERE}|bottles|9999999999"]},
    {"line": [f"{THERE}|{HERE}|nothing|1"]},
    {"line": [f"GH-CP-01|{HERE}|bottles|1"]},
    {"line": [f"{THERE}|{HERE}|bottles|290"]},
    {"line": [f"{THERE}|{HERE}|bottles|240"]},
    {"horizon": "soon"},
    {"horizon": "2026-06-07T00:00:00+00:00"},
    {"request_id": "!"},
)


def test_what_cannot_be_accepted_is_refused_in_words(
    cast: Cast, send: Send, written: Look, fields_of: FieldsOf
) -> None:
    short_here()
    client = cast.haidian
    fields = fields_of(client.get(ADDRESS).text, ADDRESS)
    before = written()
    for wrong in WRONG:
        answer = send(client, ADDRESS, fields | wrong)
        assert answer.status_code in (400, 404, 409), wrong
        assert 'class="field__error"' in answer.text, wrong
    assert written() == before


def test_nothing_short_is_said_so(cast: Cast) -> None:
    an_item()
    on_shelf(300)
    page = cast.haidian.get(f"{ADDRESS}?until=day").text
    assert 'class="empty__title"' in page
    assert 'name="line"' not in page


def test_what_nobody_can_give_is_listed(cast: Cast) -> None:
    an_item()
    on_shelf(2)
    limits(12, 24, 200)
    page = cast.haidian.get(ADDRESS).text
    assert 'id="unmet"' in page
    assert "演示工会伴考点·海淀01" in page
    assert 'name="line"' not in page


def test_an_organizer_sees_and_moves_only_what_lies_below(cast: Cast, send: Send, fields_of: FieldsOf) -> None:
    short_here()
    fields = fields_of(cast.haidian.get(ADDRESS).text, ADDRESS)
    assert 'name="line"' not in cast.company.get(ADDRESS).text
    del fields["csrf_token"]
    assert send(cast.company, ADDRESS, fields).status_code == 409
    assert cast.lead.get(ADDRESS).status_code == 403
    assert list_transfers([""]) == []
