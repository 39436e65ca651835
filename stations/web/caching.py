"""Public answers that caches may keep: an ETag made before the work, so that a repeat costs nothing."""

import hashlib
from collections.abc import Callable

from flask import Response, request
from werkzeug.http import quote_etag

from stations.web import assets


def cached(parts: object, seconds: int, make: Callable[[], Response]) -> Response:
    """304 when the client holds what `parts` stand for, else `make()`; fresh for `seconds`."""
    etag = hashlib.blake2b(f"{request.full_path}|{assets.build()}|{parts}".encode(), digest_size=12).hexdigest()
    is_known = request.if_none_match.contains_weak(etag)
    response = Response(status=304) if is_known else make()
    if response.status_code in (200, 304):
        response.headers["ETag"] = quote_etag(etag, weak=True)
        response.headers["Cache-Control"] = f"public, max-age={seconds}, stale-while-revalidate=60"
    return response
