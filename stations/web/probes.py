"""Whether the process lives and can work; what it did, for Prometheus."""

import time

from flask import Blueprint, Flask, Response, g, request
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from stations.kernel.db import db

door = Blueprint("probes", __name__)

REQUESTS = Counter("bankao_requests_total", "Requests answered.", ["endpoint", "status"])
SECONDS = Histogram(
    "bankao_request_seconds", "Time to answer.", ["endpoint"], buckets=(0.001, 0.005, 0.02, 0.1, 0.3, 1, 5)
)


def install(app: Flask) -> None:
    """Count and time every answer."""
    app.register_blueprint(door)
    app.before_request(_start)
    app.after_request(_count)


def _start() -> None:
    g.started_at = time.perf_counter()


def _count(response: Response) -> Response:
    endpoint = request.endpoint or "none"
    REQUESTS.labels(endpoint, response.status_code).inc()
    SECONDS.labels(endpoint).observe(time.perf_counter() - g.get("started_at", time.perf_counter()))
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
