"""A sheet of tags to print for what is lent: name, four digits, and a code that leads to its loan."""

from flask import Blueprint, render_template, request, url_for

from stations.kernel.cells import read_whole
from stations.kernel.errors import NotFound
from stations.kernel.forms import CellField, CellForm
from stations.kernel.text import _
from stations.web.admin.stock_words import in_words
from stations.web.admin.stock_writing import NO_ITEM, get_path_item
from stations.web.codes import draw_code
from stations.web.guard import needs

door = Blueprint("admin_stock_tags", __name__, url_prefix="/admin/stock/tags")

LAST_TAG = 9999
MOST_TAGS = 96
SHEET = 24


class TagsForm(CellForm):
    """From which tag on, and how many."""

    first = CellField(_("First tag"), lambda typed: read_whole(typed, limit=LAST_TAG))
    count = CellField(_("How many"), lambda typed: read_whole(typed, limit=MOST_TAGS))


@door.get("/<code>")
@needs("stock.read")
def sheet(code: str) -> str:
    """The sheet of one item."""
    item = get_path_item(code)
    if not item.is_lent:
        raise NotFound("stock.item", NO_ITEM)
    form = TagsForm(request.args)
    is_valid = form.validate()
    first = form.first.value if is_valid and form.first.value is not None else 1
    count = (form.count.value if is_valid else None) or SHEET
    tags = [f"{number:04}" for number in range(first, min(first + count, LAST_TAG + 1))]
    addresses = {tag: url_for("desk_tags.scanned", item=item.code, tag=tag, _external=True) for tag in tags}
    return render_template(
        "admin/stock_tags.html", item=item, form=form, first=first, count=count, in_words=in_words,
        codes={tag: draw_code(address) for tag, address in addresses.items()}, most=MOST_TAGS,
    )  # fmt: skip
