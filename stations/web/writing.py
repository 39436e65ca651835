"""What every form of the staff shares: written once whatever is sent twice, and drawn again when it is refused."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from flask import Response, flash, make_response, redirect, request
from wtforms import Form

from stations.accounts.rules import Actor
from stations.kernel import replay
from stations.kernel.db import run_in_transaction
from stations.kernel.errors import Invalid, NotFound, Refused
from stations.kernel.forms import CellForm, read_code, read_request_id
from stations.kernel.text import Text, _
from stations.web.guard import actor

Deed = Callable[[Actor], dict[str, Any]]


def write_once(request_id: str | None, action: str, do: Deed, done: Text | None) -> dict[str, Any]:
    """Do it in one transaction unless this request id was done before, and say `done`. Raises Refused; for a form that
    was saved already with other content too."""
    claimed = read_request_id(request_id or "")
    me, fingerprint = actor(), _fingerprint()
    answer = run_in_transaction(lambda: replay.once(claimed, action, me.username, lambda: do(me), fingerprint))
    if done is not None:
        again = _("This was saved already; nothing was written twice.")
        flash(str(again if answer.is_replay else done), "plain" if answer.is_replay else "success")
    return answer.content


def _fingerprint() -> str:
    """What was typed, without what differs from sending to sending."""
    typed = sorted((name, said) for name, said in request.form.items(multi=True) if name != "csrf_token")
    return sha256(repr(typed).encode("utf-8", "surrogatepass")).hexdigest()


def go(url: str) -> Response:
    """After a write, to the page that shows it."""
    return make_response(redirect(url, 303))


def read_path_code(typed: str, missing: Text) -> str:
    """The code in an address; NotFound for what cannot be one."""
    try:
        return str(read_code(typed))
    except Invalid:
        raise NotFound("code.unknown", missing) from None


def mark(form: CellForm, refused: Refused) -> None:
    """Write a refusal to the field that it names, or above the form."""
    if refused.field in form:
        form[refused.field].errors = [refused.message]
    else:
        say(form, refused.message)


def say(form: Form, message: Text) -> None:
    """Write a sentence above the form."""
    form.form_errors.append(message)
