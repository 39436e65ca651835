"""Signing in by user name and password, changing it, a second factor: Flask-Security with our pages."""

import hashlib
from typing import Any, cast

from flask import Flask, request
from flask_limiter.util import get_remote_address
from flask_security import Security, SQLAlchemyUserDatastore
from flask_security.forms import LoginForm
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import select
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from stations.accounts.models import Person
from stations.config import Config
from stations.kernel.db import db
from stations.kernel.text import _
from stations.web.limits import SIGN_IN_BY_ADDRESS, SIGN_IN_BY_NAME, limiter, typed_username

LOOPBACK = frozenset({"127.0.0.1", "::1"})


class SignInForm(LoginForm):
    """User name and password; one answer for a wrong name, a wrong password and an account that is off."""

    email = None
    username = StringField(_("User name"), validators=[InputRequired(), Length(max=64)])

    def validate(self, **kwargs: Any) -> bool:
        """Look the person up by name; the library checks the password in constant manner."""
        self.ifield = self.username
        named = select(Person).where(Person.username == (self.username.data or "").strip())
        self.user = db.session.execute(named).scalar()
        is_valid: bool = super().validate(**kwargs)
        if is_valid and self.user is not None and self.user.is_demo and not _is_this_machine():
            self.password.errors = [_("Demonstration accounts work on this machine only.")]
            return False
        return is_valid


def _is_this_machine() -> bool:
    """Whether the request came from this machine itself and not through a proxy on it."""
    is_forwarded = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-Ip"))
    return request.remote_addr in LOOPBACK and not is_forwarded


def install(app: Flask, config: Config) -> None:
    """Set up the library: argon2, our addresses and templates, TOTP as the only second factor."""
    salt = hashlib.sha256(b"password salt " + config.secret_key.encode()).hexdigest()
    totp = hashlib.sha256(b"totp " + config.secret_key.encode()).hexdigest()
    app.config.update(
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
        SECURITY_PASSWORD_SALT=salt,
        SECURITY_PASSWORD_LENGTH_MIN=10,
        SECURITY_CHANGEABLE=True,
        SECURITY_SEND_PASSWORD_CHANGE_EMAIL=False,
        SECURITY_TWO_FACTOR=True,
        SECURITY_TWO_FACTOR_ENABLED_METHODS=["authenticator"],
        SECURITY_TWO_FACTOR_RESCUE_EMAIL=False,
        SECURITY_TOTP_SECRETS={"1": totp},
        SECURITY_TOTP_ISSUER="Bankao",
        SECURITY_RETURN_GENERIC_RESPONSES=True,
        SECURITY_POST_LOGIN_VIEW="/account/",
        SECURITY_POST_LOGOUT_VIEW="/",
        SECURITY_POST_CHANGE_VIEW="/account/",
        SECURITY_DEFAULT_REMEMBER_ME=False,
        SECURITY_USER_IDENTITY_ATTRIBUTES=[{"username": {"mapper": lambda typed: typed, "case_insensitive": False}}],
        SECURITY_CSRF_IGNORE_UNAUTH_ENDPOINTS=False,
        SESSION_COOKIE_NAME="bankao",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.is_production,
        WTF_CSRF_TIME_LIMIT=None,
    )
    CSRFProtect(app)
    store = SQLAlchemyUserDatastore(db, Person, cast(Any, None))
    Security(app, store, login_form=SignInForm)
    sign_in: Any = app.view_functions["security.login"]
    for rate, key in ((SIGN_IN_BY_ADDRESS, get_remote_address), (SIGN_IN_BY_NAME, typed_username)):
        sign_in = limiter.limit(rate, key_func=key, methods=["POST"])(sign_in)
    app.view_functions["security.login"] = sign_in
