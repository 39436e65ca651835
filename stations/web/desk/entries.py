"""One entry at a desk, from a plain form."""

from flask import Blueprint, Response, flash, request, url_for

from stations.kernel.db import run_in_transaction
from stations.kernel.errors import Refused
from stations.kernel.text import Text, _
from stations.seasons.queries import get_calendar
from stations.stock.forms import EntryForm
from stations.web.desk.pages import answer
from stations.web.desk.picture import Draft, get_mine, make_desk
from stations.web.guard import actor, needs
from stations.web.language import language
from stations.web.units import say_units
from stations.web.writing import go
from stations.workflows.desk_entries import book_entry

door = Blueprint("desk_entries", __name__, url_prefix="/desk")

DONE: dict[str, Text] = {
    "issue": _("%(item)s: %(quantity)s issued."),
    "receipt": _("%(item)s: %(quantity)s received."),
    "write_off": _("%(item)s: %(quantity)s written off."),
    "count": _("%(item)s: %(quantity)s counted."),
    "loan": _("%(item)s: tag %(tag)s is lent."),
    "return": _("%(item)s: tag %(tag)s is back."),
    "reversal": _("The entry is taken back."),
}


@door.post("/<code>/entry")
@needs("stock.write")
def add(code: str) -> Response:
    """One entry, from a plain form."""
    me = actor()
    row = get_mine(code, me)
    form = EntryForm(request.form)
    try:
        form.require()
        zone = get_calendar().zone
        moved = run_in_transaction(lambda: book_entry(form, code, me, zone))
    except Refused as refused:
        typed = {name: request.form.get(name, "") for name in form.data}
        draft = Draft(typed["kind"], typed["item"], typed, refused.message)
        return answer(make_desk(row, me, draft), me, refused)
    again = _("This was saved already; nothing was written twice.")
    flash(str(again if moved.is_replay else _done(form)), "plain" if moved.is_replay else "success")
    return go(url_for("desk.station", code=code, _anchor=f"item-{form.supply.code}" if form.supply else None))


def _done(form: EntryForm) -> Text:
    item = form.supply
    if item is None:
        return DONE[form.kind.value]
    name = item.name_en if language() == "en" and item.name_en else item.name
    return DONE[form.kind.value] % {"item": name, "quantity": say_units(item, form.units), "tag": form.tag.value}
