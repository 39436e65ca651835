"""Who may open which door. A route says what it needs, or it stands among the public ones; anything else stays shut."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Flask, Response, current_app, g, redirect, request, url_for
from flask.sessions import NullSession, SecureCookieSessionInterface, SessionMixin
from flask_login import current_user
from werkzeug.exceptions import Forbidden, Unauthorized

from stations.accounts.queries import get_actor
from stations.accounts.rules import PERMISSIONS, Actor

View = TypeVar("View", bound=Callable[..., Any])

SIGNED_IN = "signed-in"
PUBLIC_BLUEPRINTS = frozenset({"assets", "home", "station", "site", "emergency", "map", "api", "probes"})
# The sign-in library's own routes check for themselves.
LIBRARY_BLUEPRINTS = frozenset({"security"})
ALL_PERMISSIONS = frozenset().union(*PERMISSIONS.values()) | {SIGNED_IN}


def needs(permission: str) -> Callable[[View], View]:
    """Mark a route with the permission that it needs somewhere; the action asks again for the very place."""
    if permission not in ALL_PERMISSIONS:
        raise ValueError(permission)

    def mark(view: View) -> View:
        cast(Any, view).permission = permission
        return view

    return mark


class PublicWithoutSession(SecureCookieSessionInterface):
    """Public routes have no session at all: nothing to read, nothing that a cache would have to vary on."""

    def open_session(self, app: Flask, request: Any) -> Any:
        """The signed cookie's session, or an empty one that refuses to be written."""
        return NullSession() if request.blueprint in PUBLIC_BLUEPRINTS else super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Nothing for public routes."""
        if not isinstance(session, NullSession):
            super().save_session(app, session, response)


def install(app: Flask) -> None:
    """Stand before every route."""
    app.session_interface = PublicWithoutSession()
    app.before_request(_check)


def _check() -> Any:
    blueprint = request.blueprint
    if blueprint in PUBLIC_BLUEPRINTS or blueprint in LIBRARY_BLUEPRINTS or request.endpoint is None:
        return None
    permission = getattr(current_app.view_functions[request.endpoint], "permission", None)
    if permission is None:
        raise Forbidden
    if not current_user.is_authenticated:
        if request.method == "GET" and not request.path.startswith("/api/"):
            return redirect(url_for("security.login", next=request.full_path))
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
