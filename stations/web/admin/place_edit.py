"""Adding a place, changing one, taking one off the list: the same steps for stations and for exam sites."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from flask import Response, make_response, request, url_for

from stations.accounts.rules import Actor
from stations.kernel.errors import Invalid, Refused
from stations.kernel.text import Text, _
from stations.places.actions.writing import NOTHING_YET
from stations.places.forms import SiteForm, StationForm
from stations.places.queries.rows import SiteRow, StationRow
from stations.web.admin.conflict import show_conflict
from stations.web.writing import go, mark, write_once

SAVED: Text = _("Saved.")


@dataclass(frozen=True)
class PlaceKind:
    """What differs. `name` begins the names of its actions; `get` takes a code, and whether an archived one will do;
    `draw` takes the stored row or None, and what was typed or None."""

    name: str
    form: type[StationForm] | type[SiteForm]
    get: Callable[[str, bool], Any]
    draw: Callable[[Any, Any], str]
    save: Callable[[Any, Actor], dict[str, Any]]
    archive: Callable[[str, Actor], None]


def save_place(kind: PlaceKind, code: str | None = None) -> Response:
    """Change the place of that code to what the form says, or add a new one; the form again where that is refused."""
    stored = kind.get(code, False) if code is not None else None
    form = kind.form(request.form)
    try:
        form.require()
        order = _read_order(form, stored)
        write_once(form.request_id.value, f"{kind.name}.save {order.code}", lambda by: kind.save(order, by), SAVED)
    except Refused as refused:
        if stored is not None and refused.code == "place.changed":
            stored = kind.get(stored.code, False)
            show_conflict(form, stored)
        elif not form.errors:
            mark(form, refused)
        return make_response(kind.draw(stored, form), refused.status)
    return go(url_for(".edit", code=order.code))


def _read_order(form: StationForm | SiteForm, stored: StationRow | SiteRow | None) -> Any:
    order = form.order()
    if stored is None:
        return replace(order, version=NOTHING_YET)
    if order.code != stored.code:
        raise Invalid("code.fixed", _("The code of a place never changes."), field="code")
    if not order.version:
        raise Invalid("version.missing", _("This form is incomplete. Please reload the page."))
    return order


def archive_place(kind: PlaceKind, code: str) -> Response:
    """Take it off every list; a second time changes nothing."""
    stored = kind.get(code, True)

    def do(by: Actor) -> dict[str, Any]:
        kind.archive(stored.code, by)
        return {"code": stored.code}

    done = _("%(name)s was taken off the list.", name=stored.name)
    write_once(request.form.get("request_id"), f"{kind.name}.archive {stored.code}", do, done)
    return go(url_for(".page"))
