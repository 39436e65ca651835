"""The bare address of the administration leads to the first page that one may open."""

from flask import Blueprint, Response, url_for

from stations.web.guard import SIGNED_IN, actor, needs
from stations.web.writing import go

door = Blueprint("admin", __name__, url_prefix="/admin")

PAGES = (("places.read", "admin_stations.page"), ("stock.read", "admin_stock.page"), ("fleet.read", "dispatch.page"))


@door.get("/")
@needs(SIGNED_IN)
def page() -> Response:
    """To the first page of the menu, or to one's own account."""
    me = actor()
    return go(url_for(next((endpoint for permission, endpoint in PAGES if me.may(permission)), "account.page")))
