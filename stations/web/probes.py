"""Whether the process lives and can work; what it did, for Prometheus."""

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Blueprint, Flask, Response
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from stations.kernel.db import db
from stations.web.reading import this_request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

door = Blueprint("probes", __name__)

REQUESTS = Counter("bankao_requests_total", "Requests answered.", ["endpoint", "status"])
SECONDS = Histogram(
    "bankao_request_seconds", "Time to answer.", ["endpoint"], buckets=(0.001, 0.005, 0.02, 0.1, 0.3, 1, 5)
)


STARTED = "bankao.started_at"

_answered: dict[tuple[str, int], tuple[Counter, Histogram]] = {}


def install(app: Flask) -> None:
    """Count and time every answer."""
    app.register_blueprint(door)
    app.after_request(_count)
    inner = app.wsgi_app

    def timed(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        environ[STARTED] = time.perf_counter()
        return inner(environ, start_response)

    app.wsgi_app = timed  # type: ignore[method-assign]


def _count(response: Response) -> Response:
    asked = this_request()
    key = (asked.endpoint or "none", response.status_code)
    kept = _answered.get(key)
    if kept is None:
        kept = _answered[key] = (REQUESTS.labels(*key), SECONDS.labels(key[0]))
    kept[0].inc()
    kept[1].observe(time.perf_counter() - asked.environ[STARTED])
    return response


@door.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return _plain("ok", 200)


@door.get("/readyz")
def ready() -> Response:
    """The database answers too."""
    try:
        db.session.execute(text("SELECT 1 FROM season LIMIT 1"))
    except SQLAlchemyError:
        return _plain("the database does not answer", 503)
    return _plain("ok", 200)


@door.get("/metrics")
def metrics() -> Response:
    """This process's figures."""
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _plain(said: str, status: int) -> Response:
    response = Response(said, status, mimetype="text/plain")
    response.headers["Cache-Control"] = "no-store"
    return response
