"""Who may open which door. A route says what it needs, or it stands among the public ones; anything else stays shut."""

from collections.abc import Callable
from datetime import timedelta
from functools import reduce
from typing import Any, TypeVar, cast

from flask import Flask, Response, current_app, g, redirect, request, url_for
from flask.sessions import NullSession, SecureCookieSessionInterface
from flask_login import current_user
from itsdangerous import SignatureExpired, TimestampSigner
from werkzeug.exceptions import Forbidden, Unauthorized

from stations.accounts.queries import get_actor
from stations.accounts.rules import PERMISSIONS, Actor
from stations.kernel.clock import real_now
from stations.web.reading import AnyRequest, this_request

View = TypeVar("View", bound=Callable[..., Any])

SIGNED_IN = "signed-in"
PUBLIC_BLUEPRINTS = frozenset(
    {"assets", "home", "station", "check_in", "verify", "site", "emergency", "help", "driver", "map", "api",
     "probes", "trackers", "volunteer", "volunteer_team", "volunteer_sign_in", "calendars"}
)  # fmt: skip
# The sign-in library's own routes check for themselves.
LIBRARY_BLUEPRINTS = frozenset({"security"})
STAFF_PATHS = ("/account", "/admin", "/coordination", "/desk", "/dispatch")
DEVICE_PATHS = "/t/"  # where devices report, each request with a key of its own
CLOCKS_APART = timedelta(minutes=5)
READING = frozenset({"GET", "HEAD"})
ALL_PERMISSIONS = frozenset().union(*PERMISSIONS.values()) | {SIGNED_IN}


def needs(permission: str) -> Callable[[View], View]:
    """Mark a route with the permission that it needs somewhere; the action asks again for the very place."""
    if permission not in ALL_PERMISSIONS:
        raise ValueError(permission)

    def mark(view: View) -> View:
        cast(Any, view).permission = permission
        return view

    return mark


def is_public() -> bool:
    """Whether this is a reading of a public page or a device's report: nobody is asked to have signed in."""
    return this_request().is_public


def _judge(asked: AnyRequest) -> bool:
    """What `is_public` says, once a request and before Flask has matched its address: by where staff pages lie.
    A staff page elsewhere would find nobody signed in and stay shut."""
    is_public = asked.method in READING and not asked.path.startswith(STAFF_PATHS)
    asked.is_public = is_public or asked.path.startswith(DEVICE_PATHS)
    return asked.is_public


class PatientSigner(TimestampSigner):
    """Takes what a machine whose clock is a little ahead has signed: several may serve one person."""

    def unsign(self, signed_value: Any, max_age: int | None = None, return_timestamp: Any = False) -> Any:
        """As the library does, but for a signature from the near future."""
        try:
            return super().unsign(signed_value, max_age, return_timestamp)
        except SignatureExpired as expired:
            if expired.date_signed is None or not real_now() < expired.date_signed < real_now() + CLOCKS_APART:
                raise
            return super().unsign(signed_value, None, return_timestamp)


class PublicWithoutSession(SecureCookieSessionInterface):
    """Public pages have no session at all: nothing to read, nothing that a cache would have to vary on."""

    def open_session(self, app: Flask, request: Any) -> Any:
        """The signed cookie's session, or an empty one that refuses to be written."""
        return NullSession() if _judge(request) else super().open_session(app, request)

    def get_signing_serializer(self, app: Flask) -> Any:
        """The library's, with a patient signer."""
        serializer = super().get_signing_serializer(app)
        if serializer is not None:
            serializer.signer = PatientSigner
        return serializer


def install(app: Flask) -> None:
    """Stand before every route."""
    app.session_interface = PublicWithoutSession()
    app.before_request(_check)


def spare_public_pages(app: Flask) -> None:
    """Leave out, where a public page is read, what libraries do for sessions, forms and limits at every request.
    To be called when all of them are in place."""
    at_start = _take_theirs(app.before_request_funcs[None])
    at_end = _take_theirs(app.after_request_funcs[None])
    at_last = _take_theirs(app.teardown_request_funcs[None])

    def begin() -> Any:
        return None if is_public() else next((early for hook in at_start if (early := hook()) is not None), None)

    def end(response: Response) -> Response:
        return response if is_public() else reduce(lambda answer, hook: hook(answer), reversed(at_end), response)

    def leave(error: BaseException | None) -> None:
        if not is_public():
            for hook in reversed(at_last):
                hook(error)

    app.before_request(begin)
    app.after_request(end)
    app.teardown_request(leave)


def _take_theirs(hooks: list[Any]) -> list[Any]:
    """Remove the libraries' hooks, and return them in their order."""
    theirs = [hook for hook in hooks if not getattr(hook, "__module__", "").startswith("stations.")]
    hooks[:] = [hook for hook in hooks if hook not in theirs]
    return theirs


def _check() -> Any:
    asked = this_request()
    blueprint = asked.blueprint
    if blueprint in PUBLIC_BLUEPRINTS or blueprint in LIBRARY_BLUEPRINTS or asked.endpoint is None:
        return None
    permission = getattr(current_app.view_functions[asked.endpoint], "permission", None)
    if permission is None:
        raise Forbidden
    if not current_user.is_authenticated:
        if asked.method == "GET" and not asked.path.startswith("/api/"):
            return redirect(url_for("security.login", next=asked.full_path))
        raise Unauthorized
    if permission != SIGNED_IN and not actor().may(permission):
        raise Forbidden
    return None


def actor() -> Actor:
    """Who is signed in, with the scopes valid now."""
    if "actor" not in g:
        g.actor = get_actor(current_user.id)
    return cast(Actor, g.actor)


def find_actor() -> Actor | None:
    """Who is signed in, or None; on public pages nobody is asked."""
    if request.blueprint in PUBLIC_BLUEPRINTS or not current_user.is_authenticated:
        return None
    return actor()
