"""What was erased and what is still kept."""

from flask import Blueprint, render_template

from stations.web.context import shown_date
from stations.web.guard import actor, needs
from stations.workflows.erasure import report_erasure

door = Blueprint("dispatch_erased", __name__, url_prefix="/dispatch")


@door.get("/erased")
@needs("fleet.read")
def page() -> str:
    """The report."""
    report = report_erasure(actor().paths("fleet.read"))
    return render_template("dispatch/erased.html", report=report, shown_date=shown_date)
