"""Who I am here, and what I may do."""

from flask import Blueprint, render_template
from flask_login import current_user

from stations.accounts.rules import ROLE_NAMES
from stations.web.guard import SIGNED_IN, actor, needs

door = Blueprint("account", __name__, url_prefix="/account")


@door.get("/")
@needs(SIGNED_IN)
def page() -> str:
    """The signed-in person's own page."""
    me = actor()
    roles = [(ROLE_NAMES[scope.role], scope.path) for scope in me.scopes]
    return render_template("account/home.html", me=me, roles=roles, has_two_factor=bool(current_user.tf_primary_method))
