"""The reader's language and view. Both stay in the address (`?lang=en&view=elder`), so that a page can be shared,
kept by a cache, and read without a cookie."""

from typing import Any
from urllib.parse import quote, urlencode

import flask_babel
from flask import Flask, has_request_context, request

from stations.config import ROOT
from stations.kernel import text

LANGUAGES = {"zh": "zh_Hans_CN", "en": "en"}
DEFAULT = "zh_Hans_CN"
SPEECHLESS = ("assets.", "trackers.")  # what is the same in every language
TAGS = {"zh_Hans_CN": "zh-Hans", "en": "en"}


def install(app: Flask) -> None:
    """Translate by the address, then (API only) by what the client accepts; Chinese otherwise."""
    app.config.update(
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "stations" / "translations"), BABEL_DEFAULT_LOCALE=DEFAULT
    )
    flask_babel.Babel(app, locale_selector=language)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    text.install(flask_babel.gettext)
    app.url_defaults(_keep)
    app.add_template_global(switch)


def language() -> str:
    """The locale of this request."""
    if not has_request_context():
        return DEFAULT
    asked = LANGUAGES.get(request.args.get("lang", "")[:2])
    if asked:
        return asked
    if request.path.startswith("/api/"):
        return LANGUAGES[request.accept_languages.best_match(["zh", "en"], default="zh") or "zh"]
    return DEFAULT


def is_elder() -> bool:
    """Whether the reader asked for the large view."""
    return request.args.get("view") == "elder"


def switch(**changes: str) -> str:
    """The address of this page with another `lang` or `view`; '' leaves one out."""
    kept = [(name, value) for name, values in request.args.lists() if name not in changes for value in values]
    query = urlencode(kept + [(name, value) for name, value in changes.items() if value])
    # One slash: an address that begins with two would lead to another host.
    path = request.root_path + "/" + quote(request.path.lstrip("/"))
    return f"{path}?{query}" if query else path


def _keep(endpoint: str, values: dict[str, Any]) -> None:
    if not has_request_context() or endpoint.startswith(SPEECHLESS):
        return
    if request.args.get("lang") in LANGUAGES:
        values.setdefault("lang", request.args["lang"])
    if is_elder():
        values.setdefault("view", "elder")
