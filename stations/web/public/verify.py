"""Whether a certificate of service is genuine: match or no match, and nobody's data."""

from flask import Blueprint, Response, make_response, render_template, request

from stations.shifts.queries.service import find_certificate_by_key
from stations.web.limits import limiter

door = Blueprint("verify", __name__)

BY_ADDRESS = "30 per minute"
LONGEST = 40


@door.get("/verify/<key>")
@limiter.limit(BY_ADDRESS)
def page(key: str) -> Response:
    """The number on the paper is asked for, and compared with the one that this link belongs to."""
    typed = request.args.get("number", "").strip()[:LONGEST]
    row = find_certificate_by_key(key) if len(key) <= LONGEST else None
    is_match = row is not None and not row.is_revoked and row.number == typed
    page = render_template("public/verify.html", key=key[:LONGEST], typed=typed, is_match=is_match)
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
