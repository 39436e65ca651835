"""What a phone's outbox sends: a JSON list of entries, each settled by itself in its order, each answered by its id."""

from collections.abc import Callable
from typing import Any

import msgspec
from flask import request
from werkzeug.datastructures import MultiDict

from stations.kernel.errors import Invalid, Refused
from stations.kernel.forms import form_data
from stations.kernel.text import _
from stations.web.errors import DETAILS

MOST_SETTLED = 200  # what a phone sends at once, see static/js/outbox.js
LARGEST_BATCH_BYTES = 1024 * 1024


def read_entries() -> list[Any]:
    """The entries of this request. Raises Invalid for what is no such list."""
    sent = request.get_data()
    if len(sent) > LARGEST_BATCH_BYTES:
        raise Invalid("http.413", DETAILS[413], status=413)
    try:
        entries = msgspec.json.decode(sent)
    except (msgspec.DecodeError, RecursionError):
        entries = None
    if not isinstance(entries, list):
        raise Invalid("entries.form", _("The list of entries could not be read."))
    return entries


def settle(entries: list[Any], do: Callable[["MultiDict[str, str]"], bool]) -> list[dict[str, Any]]:
    """What became of each: done, a replay (what `do` says), or refused with the reason. One that is refused stops
    nobody. Raises Invalid for more than a phone sends."""
    if len(entries) > MOST_SETTLED:
        raise Invalid("entries.many", _("Please send at most %(most)s entries at once.", most=MOST_SETTLED))
    return [_settle_one(sent, do) for sent in entries]


def _settle_one(sent: Any, do: Callable[["MultiDict[str, str]"], bool]) -> dict[str, Any]:
    is_readable = isinstance(sent, dict) and all(isinstance(value, str) for value in sent.values())
    fields: dict[str, str] = sent if is_readable else {}
    try:
        is_replay = do(form_data(fields))
    except Refused as refused:
        own = {"code": refused.code, "message": str(refused.message)}
        return {"id": fields.get("id"), "status": "refused", **own}
    return {"id": fields.get("id"), "status": "replay" if is_replay else "done", "message": ""}
