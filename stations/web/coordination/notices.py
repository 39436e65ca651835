"""What volunteers within one's scope were told on their phones, and what could not be told."""

from flask import Blueprint, render_template, request

from stations.kernel.db import setting
from stations.notices.queries import count_notices, list_notices
from stations.notices.rules import KIND_NAMES, REASON_NAMES
from stations.web.guard import actor, needs
from stations.web.paging import make_page

door = Blueprint("coordination_notices", __name__, url_prefix="/coordination/notices")


@door.get("/")
@needs("shifts.read")
def page() -> str:
    """The list, the newest first."""
    paths = actor().paths("shifts.read")
    failed_only = request.args.get("state") == "failed"
    found = make_page(
        count_notices(paths, failed_only=failed_only),
        lambda limit, offset: list_notices(paths, limit, offset, failed_only=failed_only),
        {"state": "failed" if failed_only else ""},
    )
    return render_template(
        "coordination/notices.html", page=found, failed_only=failed_only, kinds=KIND_NAMES, reasons=REASON_NAMES,
        reaches_phones=setting("messenger") != "console",
    )  # fmt: skip
