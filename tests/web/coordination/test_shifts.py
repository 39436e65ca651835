"""One shift: placing by the guard, against it with a reason, taking off, changing, cancelling."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from cast import Cast
from conftest import on_both
from factories.shifts import (
    HERE,
    a_shift,
    a_team,
    a_volunteer,
    get_need,
    get_person,
    people_on,
    put,
    sign_up,
    themselves,
)
from factories.stock import new_id
from html5lib import HTMLParser

from stations.kernel.audit import list_events
from stations.kernel.db import db, transaction
from stations.shifts.actions.waiting import join_waiting
from stations.shifts.queries.assignments import list_assignments_on
from stations.shifts.queries.shifts import get_shift

pytestmark = pytest.mark.usefixtures("app")
Send = Callable[..., Any]


def _place(shift_id: int, staff_no: str, **more: str) -> dict[str, str]:
    return {"need_id": str(get_need(shift_id).id), "volunteer_id": str(get_person(staff_no).id)} | more


@on_both
def test_two_taps_place_the_best_one(cast: Cast, send: Send) -> None:
    a_volunteer("S1", is_free=False)
    a_volunteer("S2")
    shift = a_shift()
    client = cast.city
    page = client.get(f"/coordination/shifts/{shift}?lang=en").text
    HTMLParser(strict=True).parse(page)
    assert page.index("志愿者S2") < page.index("志愿者S1")
    assert "Has not said yet when free." in page
    assert send(client, f"/coordination/shifts/{shift}/people", _place(shift, "S2")).status_code == 303
    assert people_on(shift) == ["S2"]
    assert list_assignments_on(shift)[0].source == "admin"
    assert "All 1 places are taken." in client.get(f"/coordination/shifts/{shift}?lang=en").text


def test_press_that_comes_twice_places_once(cast: Cast, send: Send) -> None:
    a_volunteer("S1")
    shift = a_shift(needs={"": 2})
    fields = _place(shift, "S1", request_id=new_id())
    client = cast.city
    for _again in range(2):
        assert send(client, f"/coordination/shifts/{shift}/people", fields).status_code == 303
    assert people_on(shift) == ["S1"]


def test_press_that_comes_again_for_another_is_refused_and_not_called_done(cast: Cast, send: Send) -> None:
    a_volunteer("S1")
    a_volunteer("S2")
    shift, request_id = a_shift(needs={"": 2}), new_id()
    address = f"/coordination/shifts/{shift}/people?lang=en"
    assert send(cast.city, address, _place(shift, "S1", request_id=request_id)).status_code == 303
    other = send(cast.city, address, _place(shift, "S2", request_id=request_id))
    assert (other.status_code, "already used for something else" in other.text) == (409, True)
    assert people_on(shift) == ["S1"]


def test_objection_is_shown_and_overridden_with_a_reason_that_is_kept(cast: Cast, send: Send) -> None:
    a_volunteer("S1", is_free=False)
    shift = a_shift()
    client, address = cast.city, f"/coordination/shifts/{shift}/people?lang=en"
    refused = send(client, address, _place(shift, "S1"))
    assert refused.status_code == 409
    assert "Has not said yet when free." in refused.text
    assert people_on(shift) == []
    assert send(client, address, _place(shift, "S1", reason="she told me")).status_code == 303
    assert people_on(shift) == ["S1"]
    assert "against an objection: she told me" in client.get(f"/coordination/shifts/{shift}?lang=en").text


def test_nothing_overrides_a_place_that_is_taken_or_a_missing_proof(cast: Cast, send: Send) -> None:
    for number in ("S1", "S2"):
        a_volunteer(number)
    shift, aid = a_shift(), a_shift("13:00", needs={"first_aid": 1})
    put("S1", shift)
    client = cast.city
    full = send(client, f"/coordination/shifts/{shift}/people?lang=en", _place(shift, "S2", reason="please"))
    assert (full.status_code, "All 1 places are taken." in full.text) == (409, True)
    fields = {"need_id": str(get_need(aid, "first_aid").id), "volunteer_id": str(get_person("S2").id), "reason": "x"}
    unproven = send(client, f"/coordination/shifts/{aid}/people?lang=en", fields)
    assert (unproven.status_code, "no proof is recorded" in unproven.text) == (409, True)
    assert (people_on(shift), people_on(aid)) == (["S1"], [])


def test_taking_off_asks_why_and_offers_the_place(cast: Cast, send: Send) -> None:
    for number in ("S1", "S2"):
        a_volunteer(number)
    shift = a_shift()
    held = sign_up("S1", shift)
    with transaction():
        join_waiting(get_need(shift).id, get_person("S2").id, themselves("S2"))
    client, address = cast.city, f"/coordination/shifts/{shift}/people/{held}/off?lang=en"
    refused = send(client, address)
    assert (refused.status_code, "Please say why." in refused.text) == (400, True)
    assert send(client, address, {"reason": "is ill"}).status_code == 303
    assert people_on(shift) == []
    assert get_need(shift).offered == 1


def test_next_in_rank_is_asked_or_it_is_said_that_nobody_waits(cast: Cast, send: Send) -> None:
    shift = a_shift()
    answer = send(cast.city, f"/coordination/shifts/{shift}/offer/{get_need(shift).id}?lang=en")
    assert (answer.status_code, "Nobody waits who could come" in answer.text) == (409, True)
    assert send(cast.city, f"/coordination/shifts/{shift}/offer/999999").status_code == 404


def _form(shift: int, **more: str) -> dict[str, str]:
    row = get_shift(shift)
    return {
        "station": row.station, "post": row.post, "day": "2027-06-08", "starts": "08:00", "ends": "10:00",
        "need_anyone": "1", "version": str(row.version),
    } | more  # fmt: skip


def test_shift_is_added_changed_and_cancelled(cast: Cast, send: Send) -> None:
    client = cast.city
    new = {"station": HERE, "post": "queue", "day": "2027-06-08", "starts": "08:00", "ends": "10:00"}
    new["need_leader"] = "1"
    made = send(client, "/coordination/shifts/new", new)
    shift = int(made.headers["Location"].rsplit("/", 1)[1])
    assert get_shift(shift).places == {"leader": 1}
    db.session.rollback()
    changed = send(client, f"/coordination/shifts/{shift}", _form(shift, ends="11:30", need_anyone="3", post="queue"))
    assert changed.status_code == 303
    db.session.rollback()
    row = get_shift(shift)
    assert (row.ends_at.hour, row.places, row.sequence) == (3, {"": 3}, 1)
    stale = send(client, f"/coordination/shifts/{shift}?lang=en", _form(shift, version="1"))
    assert (stale.status_code, "Somebody else changed this meanwhile" in stale.text) == (409, True)
    assert send(client, f"/coordination/shifts/{shift}/cancel").status_code == 400
    assert send(client, f"/coordination/shifts/{shift}/cancel", {"reason": "rain"}).status_code == 303
    db.session.rollback()
    assert get_shift(shift).is_cancelled
    assert [event.action for event in list_events(f"shift:{shift}")] == ["shift.cancel", "shift.change", "shift.add"]


def test_change_that_somebody_could_not_keep_is_refused_with_the_reason(cast: Cast, send: Send) -> None:
    a_volunteer("S1")
    shift, other = a_shift(), a_shift("12:00")
    sign_up("S1", shift)
    sign_up("S1", other)
    fields = _form(shift, starts="11:30", ends="13:30")
    refused = send(cast.city, f"/coordination/shifts/{shift}?lang=en", fields)
    assert (refused.status_code, "1 people could not stay" in refused.text) == (409, True)
    assert send(cast.city, f"/coordination/shifts/{shift}", fields | {"drops_unfit": "1"}).status_code == 303
    assert (people_on(shift), people_on(other)) == ([], ["S1"])


def test_wrong_forms_are_kept_and_say_why(cast: Cast, send: Send) -> None:
    typed = {"station": HERE, "post": "queue", "starts": "9", "ends": "x"}
    answer = send(cast.city, "/coordination/shifts/new?lang=en", typed)
    assert answer.status_code == 400
    assert "is not a time of day" in answer.text
    assert f'value="{HERE}"' in answer.text


def test_others_see_nothing_and_readers_press_nothing(cast: Cast, send: Send) -> None:
    a_volunteer("S1")
    shift = a_shift()
    assert cast.company.get(f"/coordination/shifts/{shift}").status_code == 404
    assert send(cast.company, f"/coordination/shifts/{shift}/people", _place(shift, "S1")).status_code == 404
    reader = cast.observer
    page = reader.get(f"/coordination/shifts/{shift}?lang=en")
    assert (page.status_code, "Cancel the shift" in page.text) == (200, False)
    for address in ("people", "cancel", f"offer/{get_need(shift).id}"):
        assert send(reader, f"/coordination/shifts/{shift}/{address}", {"reason": "x"}).status_code == 403
    assert people_on(shift) == []


def test_phone_is_masked_and_shown_once_with_a_reason(cast: Cast, send: Send) -> None:
    a_team()
    number = a_volunteer("S1", phone="13800001234", team="T1")
    shift = a_shift()
    sign_up("S1", shift)
    client = cast.city
    page = client.get(f"/coordination/shifts/{shift}").text
    assert ("138****1234" in page, "13800001234" in page) == (True, False)
    bare = send(client, f"/coordination/phones/{number}?lang=en", {"back": "//evil"})
    assert (bare.status_code, "Please say why you need the number." in bare.text) == (400, True)
    assert "//evil" not in bare.text
    shown = send(client, f"/coordination/phones/{number}", {"reason": "late"})
    assert (shown.status_code, "tel:13800001234" in shown.text) == (200, True)
    assert "no-store" in shown.headers["Cache-Control"]
    last = list_events(f"volunteer:{number}")[0]
    assert (last.actor, last.action, last.reason) == ("city", "volunteer.reveal_phone", "late")
    assert send(cast.observer, f"/coordination/phones/{number}", {"reason": "x"}).status_code == 403
    assert re.search("138\\*{4}1234", client.get("/coordination/volunteers/S1").text)


def test_order_names_a_need_of_this_very_shift(cast: Cast, send: Send) -> None:
    a_volunteer("S1")
    shift, other = a_shift(), a_shift("13:00")
    answer = send(cast.city, f"/coordination/shifts/{shift}/people", _place(other, "S1"))
    assert answer.status_code == 404
    assert people_on(other) == []
