"""Where the deployment asks administrators for a second factor: nothing is open to one who has not set it up."""

from typing import Any

from flask import Flask, flash, redirect, request, url_for
from flask_login import current_user
from flask_security.forms import TwoFactorRescueForm, TwoFactorSetupForm
from wtforms import RadioField
from wtforms.fields import SelectChoice

from stations.config import Config
from stations.kernel.text import _
from stations.web.guard import LIBRARY_BLUEPRINTS, PUBLIC_BLUEPRINTS, find_actor


class SetupForm(TwoFactorSetupForm):
    """An authenticator app, or none; the template names the choices."""

    setup = RadioField(choices=[SelectChoice("authenticator"), SelectChoice("disable")], validate_choice=False)


class RescueForm(TwoFactorRescueForm):
    """The library makes one with every page that asks for a code; nothing here draws it."""

    help_setup = RadioField(choices=[SelectChoice("help")])


def install(app: Flask, config: Config) -> None:
    """Stand behind the guard."""
    if config.admin_two_factor:
        app.before_request(_lead_to_setup)


def _lead_to_setup() -> Any:
    if request.blueprint is None or request.blueprint in PUBLIC_BLUEPRINTS | LIBRARY_BLUEPRINTS:
        return None
    me = find_actor()
    if me is None or not any(scope.role == "admin" for scope in me.scopes) or current_user.tf_primary_method:
        return None
    flash(str(_("Administrators sign in with a code too. Please set it up now; then all is open to you.")), "caution")
    return redirect(url_for("security.two_factor_setup"), 303)
