"""Exam sites and their gates."""

from collections.abc import Callable
from typing import Any

from cast import Cast
from conftest import on_both

from stations.kernel.db import db
from stations.places.queries.stations import find_site, get_site

Send = Callable[..., Any]
Look = Callable[[], tuple[Any, ...]]
Fields = Callable[..., dict[str, Any]]

SITE = "KD0108-12"
NEW = {
    "code": "KD-NEW", "name": "新考点", "aliases": "新校;新中", "district": "海淀区", "lat": "39.98",
    "lon": "116.33", "datum": "wgs84", "examinees": "600",
}  # fmt: skip
GATE = {
    "code": "N9", "name": "北门", "lat": "39.981", "lon": "116.331", "datum": "wgs84", "step_free": "yes",
    "is_new": "1",
}  # fmt: skip


def gates(code: str = SITE) -> dict[str, str]:
    db.session.rollback()
    return {gate.code: gate.name for gate in get_site(code).gates}


@on_both
def test_sites_are_listed_and_searched(cast: Cast) -> None:
    client = cast.haidian
    assert client.get("/admin/exam-sites/").text.count('class="desk-list__row"') == 25
    found = client.get("/admin/exam-sites/?q=kd0108-12").text
    assert found.count('class="desk-list__row"') == 1
    assert get_site(SITE).name in found
    assert client.get("/admin/exam-sites/?q=%00").status_code == 400


@on_both
def test_a_site_is_added_changed_and_taken_off(cast: Cast, send: Send, fields_of: Fields) -> None:
    client = cast.city
    assert send(client, "/admin/exam-sites/new", NEW).headers["Location"] == "/admin/exam-sites/KD-NEW"
    assert get_site("KD-NEW").aliases == ("新校", "新中")
    fields = fields_of(client.get("/admin/exam-sites/KD-NEW").text)
    assert send(client, "/admin/exam-sites/KD-NEW", fields | {"campus": "东校区"}).status_code == 303
    db.session.rollback()
    site = get_site("KD-NEW")
    assert (site.campus, site.examinees, site.version) == ("东校区", 600, 2)
    late = send(client, "/admin/exam-sites/KD-NEW", fields | {"campus": "西校区", "request_id": "late-0001"})
    assert late.status_code == 409
    assert "西校区" in late.text
    assert "东校区" in late.text
    assert send(client, "/admin/exam-sites/KD-NEW/archive").status_code == 303
    db.session.rollback()
    assert find_site("KD-NEW") is None


@on_both
def test_gates_are_added_moved_and_removed(cast: Cast, send: Send) -> None:
    client, before = cast.city, gates()
    assert send(client, f"/admin/exam-sites/{SITE}/gates", GATE).status_code == 303
    assert gates() == before | {"N9": "北门"}
    moved = GATE | {"name": "北侧门", "lat": "39.982", "is_new": ""}
    assert send(client, f"/admin/exam-sites/{SITE}/gates", moved).status_code == 303
    assert gates() == before | {"N9": "北侧门"}
    dropped = {"code": "N9", "drop": "1", "request_id": "drop-0001"}
    for _twice in range(2):
        assert send(client, f"/admin/exam-sites/{SITE}/gates", dropped).status_code == 303
        assert gates() == before


WRONG_GATES: tuple[tuple[dict[str, str], int], ...] = (
    ({"lat": "116.331", "lon": "39.981"}, 400),
    ({"name": ""}, 400),
    ({"code": "E" * 21}, 400),
    ({"code": "S"}, 409),
    ({"step_free": "perhaps"}, 400),
    ({"drop": "1", "code": "NONE"}, 404),
    ({"drop": "1", "code": "a\0"}, 404),
)


def test_a_wrong_gate_is_refused_and_kept(cast: Cast, send: Send, written: Look) -> None:
    client, before, had = cast.city, written(), gates()
    for wrong, status in WRONG_GATES:
        answer = send(client, f"/admin/exam-sites/{SITE}/gates", GATE | {"name": "记得这扇门"} | wrong)
        assert answer.status_code == status, wrong
        assert 'role="alert"' in answer.text, wrong
        assert "drop" in wrong or "name" in wrong or "记得这扇门" in answer.text, wrong
    assert written() == before
    assert gates() == had


def test_a_site_that_cannot_be_is_refused(cast: Cast, send: Send, written: Look) -> None:
    client, before = cast.city, written()
    for wrong in ({"lat": ""}, {"name": ""}, {"examinees": "-1"}, {"examinees": "many"}, {"district": "天上区"}):
        answer = send(client, "/admin/exam-sites/new", NEW | {"address": "记得这条街"} | wrong)
        assert answer.status_code == 400
        assert "记得这条街" in answer.text
    assert send(client, "/admin/exam-sites/new", NEW | {"code": SITE}).status_code == 409
    assert send(client, f"/admin/exam-sites/{SITE}", NEW | {"version": "1"}).status_code == 400
    assert send(client, "/admin/exam-sites/NONE", NEW).status_code == 404
    assert written() == before
