"""Adding a record, changing one, taking one off the list: the same steps for stations, exam sites and vehicles."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from flask import Response, make_response, request, url_for

from stations.accounts.rules import Actor
from stations.kernel.errors import Invalid, Refused
from stations.kernel.text import Text, _
from stations.kernel.versions import NOTHING_YET, Changed
from stations.web.context import new_request_id
from stations.web.writing import go, mark, say, write_once

SAVED: Text = _("Saved.")


@dataclass(frozen=True)
class RecordKind:
    """What differs. `name` begins the names of its actions; `get` takes a code, and whether an archived one will do;
    `order` says what is stored as an order; `draw` takes the stored row or None, and what was typed or None. `unseen`
    are the fields that the page does not ask for."""

    name: str
    form: Callable[[Any], Any]
    get: Callable[[str, bool], Any]
    order: Callable[[Any], Any]
    draw: Callable[[Any, Any], str]
    save: Callable[[Any, Actor], dict[str, Any]]
    archive: Callable[[str, Actor], Any]
    title: Callable[[Any], str]
    unseen: frozenset[str] = frozenset()


def save_record(kind: RecordKind, code: str | None = None) -> Response:
    """Change the record of that code to what the form says, or add a new one; the form again where that is refused."""
    stored = kind.get(code, False) if code is not None else None
    form = kind.form(request.form)
    try:
        form.require()
        order = _read_order(form, stored)
        write_once(form.request_id.value, f"{kind.name}.save {order.code}", lambda by: kind.save(order, by), SAVED)
    except Changed as refused:
        if stored is None:
            mark(form, refused)
        else:
            stored = kind.get(stored.code, False)
            _show_conflict(kind, form, stored)
        return make_response(kind.draw(stored, form), refused.status)
    except Refused as refused:
        if not form.errors:
            mark(form, refused)
        return make_response(kind.draw(stored, form), refused.status)
    return go(url_for(".edit", code=order.code))


def _read_order(form: Any, stored: Any) -> Any:
    order = form.order()
    if stored is None:
        return replace(order, version=NOTHING_YET)
    if order.code != stored.code:
        raise Invalid("code.fixed", _("A code never changes."), field="code")
    if not order.version:
        raise Invalid("version.missing", _("This form is incomplete. Please reload the page."))
    return order


def _show_conflict(kind: RecordKind, form: Any, stored: Any) -> None:
    """Say above the form which fields differ, and let it be sent again against what is stored now."""
    say(form, _("Somebody else changed this meanwhile. What you typed is kept; compare, then save again."))
    typed = form.order().values()
    for name, value in kind.order(stored).values().items():
        if value != typed[name] and name not in kind.unseen:
            say(form, _("%(field)s is now: %(value)s", field=form[name].label.text, value=value or _("empty")))
    form.version.data, form.request_id.data = str(stored.version), new_request_id()


def archive_record(kind: RecordKind, code: str) -> Response:
    """Take it off every list; a second time changes nothing."""
    stored = kind.get(code, True)

    def do(by: Actor) -> dict[str, Any]:
        kind.archive(stored.code, by)
        return {"code": stored.code}

    done = _("%(name)s was taken off the list.", name=kind.title(stored))
    write_once(request.form.get("request_id"), f"{kind.name}.archive {stored.code}", do, done)
    return go(url_for(".page"))
