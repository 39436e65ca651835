"""Public answers that caches may keep: an ETag made before the work, so that a repeat costs nothing."""

import hashlib
from collections.abc import Callable

from flask import Response

from stations.web import assets
from stations.web.reading import this_request


def cached(parts: object, seconds: int, make: Callable[[], Response]) -> Response:
    """304 when the client holds what `parts` stand for, else `make()`; fresh for `seconds`."""
    request = this_request()
    asked = request.environ
    named = (asked.get("SCRIPT_NAME"), asked["PATH_INFO"], asked.get("QUERY_STRING"), assets.build(), str(parts))
    etag = hashlib.blake2b("|".join(map(str, named)).encode(), digest_size=12).hexdigest()
    is_known = "HTTP_IF_NONE_MATCH" in asked and request.if_none_match.contains_weak(etag)
    response = Response(status=304) if is_known else make()
    if response.status_code in (200, 304):
        response.headers.add("ETag", f'W/"{etag}"')
        response.headers.add("Cache-Control", f"public, max-age={seconds}, stale-while-revalidate=60")
    return response
