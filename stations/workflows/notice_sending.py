"""What is due in the outbox is sent, by one process each; no transaction stays open while a gateway thinks."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

from stations.adapters.messenger import Message, Messenger, NotSentError
from stations.kernel import clock
from stations.kernel.db import run_in_transaction
from stations.notices.actions import claim, note_failed, note_sent
from stations.notices.queries import NoticeRow, list_due
from stations.notices.rules import is_quiet, sentence

MOST_AT_ONCE = 500
PATIENCE_SECONDS = 30.0  # the rest waits for the next minute
MOST_FAILURES = 3  # in a row: the gateway is down, the rest waits for the next round


@dataclass(frozen=True, slots=True)
class Address:
    """Where a volunteer is reached."""

    phone: str
    staff_no: str


def send_due(messenger: Messenger, address_of: Callable[[int], Address | None], zone: ZoneInfo) -> int:
    """Send what is due; how many were taken."""
    now = clock.now()
    sent = failures = 0
    begun = time.monotonic()
    for row in list_due(now, MOST_AT_ONCE, urgent_only=is_quiet(now, zone)):
        if failures == MOST_FAILURES or time.monotonic() - begun > PATIENCE_SECONDS:
            break
        if not run_in_transaction(partial(claim, row)):
            continue
        address = run_in_transaction(partial(address_of, row.volunteer_id))
        if address is None or (messenger.needs_phone and not address.phone):
            run_in_transaction(partial(note_failed, row, "no phone", is_final=True))
            continue
        is_sent = _send(row, messenger, address)
        sent += is_sent
        failures = 0 if is_sent else failures + 1
    return sent


def _send(row: NoticeRow, messenger: Messenger, address: Address) -> bool:
    text = str(sentence(row.kind, row.values))
    try:
        receipt = messenger.send(Message(row.key, row.kind, address.phone, address.staff_no, text, row.values))
    except NotSentError as error:
        run_in_transaction(partial(note_failed, row, str(error), is_final=False))
        return False
    run_in_transaction(partial(note_sent, row, receipt.text))
    return True
