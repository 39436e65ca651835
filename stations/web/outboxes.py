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

MOST_ENTRIES = 100
LARGEST_BATCH_BYTES = 64 * 1024


def read_entries() -> list[Any]:
    """The entries of this request. Raises Invalid for what is no such list."""
    sent = request.get_data()
    if len(sent) > LARGEST_BATCH_BYTES:
        raise Invalid("http.413", DETAILS[413], status=413)
    try:
        entries = msgspec.json.decode(sent)
    except (msgspec.DecodeError, RecursionError):
        entries = None
    if not isinstance(entries, list) or len(entries) > MOST_ENTRIES:
        raise Invalid("entries.form", _("The list of entries could not be read."))
    return entries


def settle(entries: list[Any], do: Callable[["MultiDict[str, str]"], bool]) -> list[dict[str, Any]]:
    """What became of each: done, a replay (what `do` says), or refused with the reason. One that is refused stops
    nobody."""
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
