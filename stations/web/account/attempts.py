"""How often a password or a code may be tried: by address and by account."""

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, make_response, request, session
from flask_login import current_user

from stations.kernel.db import begin_writing, commit_or_let_go
from stations.web.limits import count_sign_in, typed_username

Key = Callable[[], str]
View = Callable[..., Any]


def install(app: Flask) -> None:
    """Count every try before the library looks at it."""
    sign_in = "security.login"
    app.view_functions[sign_in] = _counted(_renewing(app.view_functions[sign_in]), typed_username)
    for endpoint, key in (
        ("two_factor_token_validation", _half_signed_in),
        ("two_factor_setup_validate", _signed_in),
        ("verify", _signed_in),
        ("change_password", _signed_in),
    ):
        name = f"security.{endpoint}"
        app.view_functions[name] = _counted(_writing(app.view_functions[name]), key)


def _renewing(view: View) -> View:
    """Signing in writes nothing but a password's newer hash, which the next time would do as well."""

    def renewing(**values: Any) -> Response:
        answer = make_response(view(**values))
        commit_or_let_go()
        return answer

    return renewing


def _writing(view: View) -> View:
    """The library reads, writes and commits by itself: what it reads must be the newest until then."""

    def writing(**values: Any) -> Response:
        if request.method == "POST":
            begin_writing()
        return make_response(view(**values))

    return writing


def _counted(view: View, key: Key) -> View:
    def counted(**values: Any) -> Response:
        if request.method != "POST":
            return make_response(view(**values))
        count_sign_in(key())
        answer = make_response(view(**values))
        if answer.status_code == 200:  # the form once more
            answer.status_code = 400
        return answer

    return counted


def _half_signed_in() -> str:
    return f"code:{session.get('tf_user_id', '')}"


def _signed_in() -> str:
    return f"person:{current_user.get_id()}"
