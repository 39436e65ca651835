"""Files for the browser, all from this origin: our own and those that installed distributions ship.

The version is part of every path, so they may be kept for ever. The style sheets are sent as one.
"""

import gzip
import hashlib
import mimetypes
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

import brotli
from flask import Blueprint, Flask, Response, abort, request, url_for

from stations.config import ROOT

STATIC = ROOT / "static"
FOR_EVER = "public, max-age=31536000, immutable"
ROBOTS_FRESH = "public, max-age=86400"
COMPRESSIBLE = frozenset(
    {"text/css", "text/javascript", "image/svg+xml", "application/json", "application/manifest+json"}
)

# name -> (distribution, path inside it)
VENDOR = {
    "leaflet.js": ("django-js-lib-leaflet", "js_lib_leaflet/static/js_lib_leaflet/leaflet.js"),
    "leaflet.css": ("django-js-lib-leaflet", "js_lib_leaflet/static/js_lib_leaflet/leaflet.css"),
    "bootstrap.css": ("bootstrap-flask", "flask_bootstrap/static/bootstrap5/css/bootstrap.min.css"),
}

door = Blueprint("assets", __name__)


def install(app: Flask) -> None:
    """Give templates `asset()` and `vendor()`."""
    app.register_blueprint(door)
    app.add_template_global(asset)
    app.add_template_global(vendor)
    app.add_template_global(build, "asset_build")


def asset(name: str) -> str:
    """The address of one of our files, or of `site.css`, the sum of our style sheets."""
    return url_for("assets.own", build=build(), name=name)


def vendor(name: str) -> str:
    """The address of a file out of an installed distribution."""
    return url_for("assets.shipped", version=distribution(VENDOR[name][0]).version, name=name)


@cache
def build() -> str:
    """A hash over all our files: one version for the whole set, so that modules may import each other."""
    digest = hashlib.sha256()
    for path in sorted(p for p in STATIC.rglob("*") if p.is_file()):
        digest.update(str(path.relative_to(STATIC)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


@door.get("/static/<build>/<path:name>")
def own(build: str, name: str) -> Response:  # noqa: ARG001
    """One of our files; an old version in the path still finds today's."""
    return _send(_own_bytes(name) if name in _own_names() else None, name)


@door.get("/vendor/<version>/<name>")
def shipped(version: str, name: str) -> Response:  # noqa: ARG001
    """A file out of an installed distribution."""
    return _send(_vendor_bytes(name) if name in VENDOR else None, name)


@door.get("/favicon.ico")
def favicon() -> Response:
    """The address that browsers ask for unasked."""
    return _send(_own_bytes("img/favicon.svg"), "favicon.svg")


@door.get("/robots.txt")
def robots() -> Response:
    """What search engines may read: every place once, and none of the filters."""
    return Response(_own_bytes("robots.txt") or b"", mimetype="text/plain", headers={"Cache-Control": ROBOTS_FRESH})


@door.get("/sw.js")
def worker() -> Response:
    """The service worker: at the root, because from there it may see every page; asked for anew each time."""
    response = Response(_own_bytes("sw.js"), mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response


@cache
def _own_names() -> frozenset[str]:
    """Every file there is: only these are looked for and kept, whatever is asked."""
    return frozenset(str(p.relative_to(STATIC)) for p in STATIC.rglob("*") if p.is_file()) | {"site.css"}


@cache
def _own_bytes(name: str) -> bytes:
    if name == "site.css":
        sheets = [
            STATIC / "css/tokens.css",
            STATIC / "css/base.css",
            *sorted((STATIC / "css/components").glob("*.css")),
        ]
        return b"\n".join(sheet.read_bytes() for sheet in sheets)
    return (STATIC / name).read_bytes()


@cache
def _vendor_bytes(name: str) -> bytes:
    package, inside = VENDOR[name]
    return Path(str(distribution(package).locate_file(inside))).read_bytes()


@cache
def _packed(content: bytes, encoding: str) -> bytes:
    return brotli.compress(content, quality=9) if encoding == "br" else gzip.compress(content, 9, mtime=0)


def _send(content: bytes | None, name: str) -> Response:
    if content is None:
        abort(404)
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    response = Response(content, mimetype="application/manifest+json" if name.endswith(".webmanifest") else kind)
    response.headers["Cache-Control"] = FOR_EVER
    if kind in COMPRESSIBLE:
        response.vary.add("Accept-Encoding")
        encoding = request.accept_encodings.best_match(["br", "gzip"])
        if encoding:
            response.set_data(_packed(content, encoding))
            response.headers["Content-Encoding"] = encoding
    return response
