"""Each notice is sent once, tried again while it fails, and never at night."""

import hmac
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from conftest import on_both
from factories.crowd import run_crowd
from factories.shifts import TOMORROW, a_volunteer, at

from stations.adapters.messenger import Webhook
from stations.kernel import clock
from stations.kernel.db import db, transaction
from stations.notices.actions import queue
from stations.notices.queries import NoticeRow, list_notices
from stations.notices.rules import NoticeOrder
from stations.seasons.queries import get_calendar
from stations.workflows.notice_sending import Address, send_due

pytestmark = pytest.mark.usefixtures("app")
KEY = "k" * 32
VALUES = {"station": "S", "time": "08:00"}

SENDER = """
from zoneinfo import ZoneInfo
from stations.adapters.messenger import Receipt
from stations.kernel import clock
from stations.workflows.notice_sending import Address, send_due
from datetime import datetime
clock.show(datetime.fromisoformat("2027-06-08T08:01:00+08:00"), clock.real_now())
class Told:
    needs_phone = True
    def send(self, message):
        print(message.key)
        return Receipt("")
send_due(Told(), lambda number: Address("13800001234", "S1"), ZoneInfo("Asia/Shanghai"))
"""


class Gateway:
    """A gateway that refuses the first `refusals` messages."""

    def __init__(self) -> None:
        self.refusals, self.taken = 0, list[dict[str, str]]()
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                signed = self.headers["X-Stations-Time"].encode() + b"." + body
                assert self.headers["X-Stations-Signature"] == hmac.new(KEY.encode(), signed, "sha256").hexdigest()
                is_refused = gateway.refusals > 0
                gateway.refusals -= is_refused
                if not is_refused:
                    gateway.taken.append(json.loads(body) | {"header": self.headers["Idempotency-Key"]})
                self.send_response(302 if is_refused else 200)
                self.send_header("Location", "/elsewhere")
                self.end_headers()
                self.wfile.write(b"no-17")

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self.messenger = Webhook(f"http://127.0.0.1:{self.server.server_port}/in", KEY)


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    made = Gateway()
    yield made
    made.server.shutdown()
    made.server.server_close()


def show(clock_time: str) -> None:
    clock.show(at(clock_time), clock.real_now())


def put(key: str, volunteer: int, due: str = "08:00", hours: int = 12, *, is_urgent: bool = False) -> bool:
    zone, due_at = get_calendar().zone, at(due, TOMORROW)
    until = due_at + timedelta(hours=hours)
    with transaction():
        return queue([NoticeOrder(key, "swap", volunteer, "YS-BJ/", VALUES, due_at, until, is_urgent)], zone) == 1


def send(gateway: Gateway) -> int:
    zone = get_calendar().zone
    return send_due(gateway.messenger, lambda number: Address("13800001234", f"V{number}"), zone)


def only() -> NoticeRow:
    db.session.rollback()
    (row,) = list_notices(["YS-BJ/"], 9, 0)
    return row


def test_a_refused_message_is_tried_again_after_a_pause_and_then_sent_once(gateway: Gateway) -> None:
    volunteer = a_volunteer()
    assert (put("one", volunteer), put("one", volunteer)) == (True, False)
    gateway.refusals = 1
    show("08:00")
    assert (send(gateway), send(gateway), gateway.taken) == (0, 0, [])
    show("08:02")
    assert (send(gateway), send(gateway)) == (1, 0)
    (taken,) = gateway.taken
    assert (taken["to"], taken["key"], taken["header"]) == ("13800001234", "one", "one")
    assert (only().tries, only().sent_at is not None, only().failed_reason) == (2, True, "")


def test_after_five_tries_it_has_failed_with_the_reason(gateway: Gateway) -> None:
    put("one", a_volunteer())
    gateway.refusals = 99
    for time in ("08:00", "08:02", "08:10", "08:30", "10:00", "15:00"):
        show(time)
        assert send(gateway) == 0
    assert (only().tries, only().failed_reason, gateway.refusals) == (5, "HTTP 302", 94)


def test_nobody_is_woken_unless_it_is_urgent(gateway: Gateway) -> None:
    volunteer = a_volunteer()
    show("05:30")
    assert put("urgent", volunteer, "05:00", is_urgent=True)
    assert put("night", volunteer, "05:00")
    assert not put("useless", volunteer, "05:00", hours=1)
    assert send(gateway) == 1
    assert [one["key"] for one in gateway.taken] == ["urgent"]
    show("07:00")
    assert send(gateway) == 1
    assert [one["key"] for one in gateway.taken] == ["urgent", "night"]


def test_what_is_too_late_is_not_sent_and_who_has_no_phone_is_not_tried_twice(gateway: Gateway) -> None:
    volunteer = a_volunteer()
    put("old", volunteer, hours=1)
    show("09:00")
    assert send(gateway) == 0
    assert only().failed_reason == "too late"
    put("new", volunteer)
    assert send_due(gateway.messenger, lambda number: None, get_calendar().zone) == 0
    reasons = {row.key: row.failed_reason for row in list_notices(["YS-BJ/"], 9, 0)}
    assert (reasons, gateway.taken) == ({"old": "too late", "new": "no phone"}, [])


@on_both
def test_two_processes_send_each_notice_once(database: str) -> None:
    volunteer = a_volunteer()
    keys = [f"n{number:02}" for number in range(20)]
    assert all(put(key, volunteer) for key in keys)
    said = run_crowd(database, SENDER, count=2)
    assert sorted(" ".join(said).split()) == keys
    db.session.rollback()
    assert all(row.sent_at and row.tries == 1 for row in list_notices(["YS-BJ/"], 30, 0))
