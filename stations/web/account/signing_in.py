"""Signing in by user name and password, changing it, a second factor: Flask-Security with our pages."""

import hashlib
from typing import Any, cast

from flask import Flask, Response, abort, request
from flask_security import Security, SQLAlchemyUserDatastore
from flask_security.forms import LoginForm
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import select
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from stations.accounts.models import Person
from stations.accounts.rules import SHORTEST_PASSWORD
from stations.config import Config
from stations.kernel.db import db
from stations.kernel.text import Text, _
from stations.web.account import attempts, second_factor, sentences
from stations.web.guard import PUBLIC_BLUEPRINTS

FILL_IN: Text = _("Please fill this in.")
TOO_LONG: Text = _("This is too long.")
LOOPBACK = frozenset({"127.0.0.1", "::1"})


class SignInForm(LoginForm):
    """User name and password; one answer for a wrong name, a wrong password and an account that is off."""

    email = StringField()  # the library empties its errors, so it has to be there
    username = StringField(_("User name"), validators=[InputRequired(FILL_IN), Length(max=64, message=TOO_LONG)])
    password = PasswordField(_("Password"), validators=[InputRequired(FILL_IN), Length(max=200, message=TOO_LONG)])

    def validate(self, **kwargs: Any) -> bool:
        """Look the person up by name; the library checks the password in constant manner."""
        self.ifield = self.username
        self.user = _find_person(self.username.data or "")
        is_valid: bool = super().validate(**kwargs)
        if is_valid and self.user is not None and self.user.is_demo and not _is_this_machine():
            self.form_errors.append(_("Demonstration accounts work on this machine only."))
            return False
        return is_valid


def _find_person(typed: str) -> Person | None:
    name = typed.strip()
    if not name.isprintable():  # PostgreSQL takes no NUL
        return None
    return db.session.execute(select(Person).where(Person.username == name)).scalar()


def _is_this_machine() -> bool:
    """Whether the request came from this machine itself and not through a proxy on it."""
    is_forwarded = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-Ip"))
    return request.remote_addr in LOOPBACK and not is_forwarded


def install(app: Flask, config: Config) -> None:
    """Set up the library: argon2, our addresses and templates, TOTP as the only second factor."""
    app.config.update(_library_settings(config))
    app.config.update(_cookie_settings(config))
    sentences.install(app)
    CSRFProtect(app)
    store = SQLAlchemyUserDatastore(db, Person, cast(Any, None))
    Security(
        app, store, login_form=SignInForm, two_factor_setup_form=second_factor.SetupForm,
        two_factor_rescue_form=second_factor.RescueForm,
    )  # fmt: skip
    for unused in ("two_factor_rescue", "tf_select"):
        app.view_functions[f"security.{unused}"] = _nothing_here
    attempts.install(app)
    second_factor.install(app, config)
    app.after_request(_keep_private)


def _library_settings(config: Config) -> dict[str, Any]:
    totp = hashlib.sha256(b"totp " + config.secret_key.encode()).hexdigest()
    return dict(
        SECURITY_URL_PREFIX="/account",
        SECURITY_LOGIN_URL="/sign-in",
        SECURITY_LOGOUT_URL="/sign-out",
        SECURITY_CHANGE_URL="/change-password",
        SECURITY_TWO_FACTOR_SETUP_URL="/two-factor",
        SECURITY_TWO_FACTOR_TOKEN_VALIDATION_URL="/two-factor-code",  # noqa: S106
        SECURITY_LOGIN_USER_TEMPLATE="account/sign_in.html",
        SECURITY_CHANGE_PASSWORD_TEMPLATE="account/change_password.html",  # noqa: S106
        SECURITY_TWO_FACTOR_SETUP_TEMPLATE="account/two_factor_setup.html",
        SECURITY_TWO_FACTOR_VERIFY_CODE_TEMPLATE="account/two_factor_verify.html",
        SECURITY_VERIFY_TEMPLATE="account/verify.html",
        SECURITY_PASSWORD_SINGLE_HASH=["argon2"],  # has a salt of its own, so a new secret key locks nobody out
        SECURITY_PASSWORD_LENGTH_MIN=SHORTEST_PASSWORD,
        SECURITY_JOIN_USER_ROLES=False,
        SECURITY_CHANGEABLE=True,
        SECURITY_SEND_PASSWORD_CHANGE_EMAIL=False,
        SECURITY_TWO_FACTOR=True,
        SECURITY_TWO_FACTOR_ENABLED_METHODS=["authenticator"],
        SECURITY_TWO_FACTOR_RESCUE_EMAIL=False,
        SECURITY_TOTP_SECRETS={"1": totp},
        SECURITY_TOTP_ISSUER="Bankao",
        SECURITY_RETURN_GENERIC_RESPONSES=True,
        SECURITY_POST_LOGIN_VIEW="account.page",
        SECURITY_POST_LOGOUT_VIEW="home.page",
        SECURITY_POST_CHANGE_VIEW="account.page",
        SECURITY_TWO_FACTOR_POST_SETUP_VIEW="account.page",
        SECURITY_TWO_FACTOR_ERROR_VIEW="security.login",
        SECURITY_DEFAULT_REMEMBER_ME=False,
        SECURITY_USER_IDENTITY_ATTRIBUTES=[{"username": {"mapper": lambda typed: typed, "case_insensitive": False}}],
        SECURITY_CSRF_IGNORE_UNAUTH_ENDPOINTS=False,
        WTF_CSRF_TIME_LIMIT=None,
    )


def _cookie_settings(config: Config) -> dict[str, Any]:
    return dict(
        SESSION_COOKIE_NAME="bankao",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.is_production,
        REMEMBER_COOKIE_NAME="bankao-stay",
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_SECURE=config.is_production,
    )


def _nothing_here() -> Response:
    abort(404)


def _keep_private(response: Response) -> Response:
    """What a person sees who is signed in stays in that person's browser, and is asked for anew."""
    if request.blueprint not in PUBLIC_BLUEPRINTS and "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "private, no-cache"
    return response
