"""Who I am here, and what I may do."""

from typing import NamedTuple

from flask import Blueprint, render_template
from flask_login import current_user

from stations.accounts.queries import find_organization
from stations.places.queries.stations import find_station
from stations.web.guard import SIGNED_IN, actor, needs

door = Blueprint("account", __name__, url_prefix="/account")


class MyRole(NamedTuple):
    """A role and the name of the place that it holds for; no place is everywhere."""

    role: str
    place: str


@door.get("/")
@needs(SIGNED_IN)
def page() -> str:
    """The signed-in person's own page."""
    roles = [MyRole(scope.role, _name_of(scope.path)) for scope in actor().scopes]
    return render_template("account/home.html", roles=roles, has_code=bool(current_user.tf_primary_method))


def _name_of(path: str) -> str:
    """The organization or station that a path leads to."""
    if not path:
        return ""
    code = path.split("/")[-2]
    place = find_organization(code) or find_station(code)
    return place.name if place else code
