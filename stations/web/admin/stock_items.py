"""The supply items: what is handed out, what is lent, what kits are made of."""

from dataclasses import replace

from flask import Blueprint, Response, make_response, render_template, request, url_for

from stations.accounts.rules import Actor
from stations.kernel.cells import read_flag, read_whole
from stations.kernel.errors import Invalid, Refused
from stations.kernel.forms import CellField, HiddenField, form_data
from stations.kernel.text import Text, _
from stations.places.rules import SERVICES
from stations.stock.actions.items import save_item
from stations.stock.forms import ItemForm
from stations.stock.queries.items import ItemRow, item_order, list_items, list_kits
from stations.stock.rules.items import ALCOHOL_WARNING, CATEGORIES, EXAM_ROOM, FLAGS, ItemOrder
from stations.web.admin.stock_words import in_words
from stations.web.admin.stock_writing import get_path_item
from stations.web.context import new_request_id
from stations.web.guard import actor, needs
from stations.web.writing import go, mark, write_once

door = Blueprint("admin_stock_items", __name__, url_prefix="/admin/stock/items")

SAVED: Text = _("Saved.")


class EditForm(ItemForm):
    """An item with the version that its reader saw."""

    version = HiddenField(_("Version"), read_whole)

    def order(self) -> ItemOrder:
        """The order that a valid form gives; a box that is not ticked means no."""
        return replace(super().order(), is_public=bool(self.is_public.value))


@door.get("/")
@needs("stock.read")
def page() -> str:
    """All of them, by category."""
    kits, items = list_kits(), list_items()
    by_category = {code: [row for row in items.values() if row.category == code] for code in CATEGORIES}
    return render_template(
        "admin/stock_items.html", categories=CATEGORIES, by_category=by_category, kits=kits, items=items,
        exam_room=EXAM_ROOM, alcohol_warning=ALCOHOL_WARNING, in_words=in_words, services=SERVICES,
    )  # fmt: skip


@door.get("/new")
@needs("stock.items")
def new() -> str:
    """An empty form."""
    blank = {"request_id": new_request_id(), "version": "0", "is_public": "yes", "units_per_case": "1"}
    return _draw(None, EditForm(form_data(blank)))


@door.post("/new")
@needs("stock.items")
def create() -> Response:
    """Add it."""
    return _save(None)


@door.get("/<code>")
@needs("stock.read")
def edit(code: str) -> str:
    """The item as it stands."""
    item = get_path_item(code)
    return _draw(item, _stored(item))


@door.post("/<code>")
@needs("stock.items")
def save(code: str) -> Response:
    """Change it."""
    return _save(get_path_item(code))


def _stored(item: ItemRow) -> EditForm:
    values = item_order(item, list_kits().get(item.code, {})).values()
    return EditForm(form_data(values | {"request_id": new_request_id(), "version": str(item.version)}))


def _save(item: ItemRow | None) -> Response:
    form = EditForm(request.form)
    try:
        form.require()
        order, version = form.order(), form.version.value
        if item is not None and order.code != item.code:
            raise Invalid("code.fixed", _("The code of an item never changes."), field="code")
        if version is None or bool(version) != (item is not None):
            raise Invalid("version.missing", _("This form is incomplete. Please reload the page."))

        def do(me: Actor) -> dict[str, object]:
            return save_item(order, me, version)

        write_once(form.request_id.value, f"item.save {order.code}", do, SAVED)
    except Refused as refused:
        if not form.errors:
            mark(form, refused)
        if refused.code == "item.changed" and item is not None:
            form.version.data, form.request_id.data = str(get_path_item(item.code).version), new_request_id()
        return make_response(_draw(item, form), refused.status)
    return go(url_for(".page", _anchor=f"item-{order.code}"))


def _draw(item: ItemRow | None, form: EditForm) -> str:
    return render_template(
        "admin/stock_item.html", item=item, form=form, categories=CATEGORIES, exam_room=EXAM_ROOM, services=SERVICES,
        is_on={name: _is_on(form[name]) for name in FLAGS}, may_write=actor().may("stock.items"), in_words=in_words,
        alcohol_warning=ALCOHOL_WARNING,
    )  # fmt: skip


def _is_on(field: CellField) -> bool:
    """Whether a box is ticked, whatever was typed."""
    try:
        return read_flag(str(field.data or "no"))
    except Invalid:
        return False
