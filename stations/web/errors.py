"""One place that turns a refusal or a failure into a page or a JSON problem (RFC 9457). Never a trace."""

import logging

import msgspec
from flask import Flask, Response, make_response, render_template, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError, ServiceUnavailable

from stations.kernel.db import db, is_busy
from stations.kernel.errors import Refused
from stations.kernel.text import Text, _

log = logging.getLogger(__name__)

TITLES: dict[int, Text] = {
    400: _("This could not be understood"),
    401: _("Please sign in"),
    403: _("Not allowed"),
    404: _("Not found"),
    405: _("Not possible here"),
    409: _("Not done"),
    413: _("Too large"),
    415: _("Unknown kind of file"),
    429: _("Too many requests"),
    500: _("Something failed on our side"),
    503: _("Busy just now"),
}
DETAILS: dict[int, Text] = {
    400: _("Part of the request could not be read. Please go back and check what was entered."),
    401: _("This page is for staff. Please sign in first."),
    403: _("Your account may not do this here."),
    404: _("There is nothing at this address. The name may be mistyped or the place may have closed."),
    405: _("This address does not take that kind of request."),
    413: _("What was sent is larger than this page accepts."),
    415: _("This kind of file cannot be read. Please send CSV or XLSX."),
    429: _("Please wait a minute and try again."),
    500: _("It was recorded and nothing was changed. Please try again in a minute."),
    503: _("Many people write at this moment. Nothing was changed; please press once more."),
}
BUSY_SECONDS = 5


def install(app: Flask) -> None:
    """Handle refusals, HTTP errors and everything unforeseen."""
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_failed)
    app.register_error_handler(Exception, _failed)


def _refused(refused: Refused) -> Response:
    return answer(refused.status, refused.code, refused.message, refused.field)


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return make_response(error.get_response())
    known = status if status in DETAILS else 400 if status < 500 else 500
    response = answer(status, f"http.{status}", DETAILS[known])
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def _database_failed(error: OperationalError) -> Response:
    """A lock that others held for too long is no failure."""
    db.session.rollback()  # or the page that says so could not read
    return _http_error(ServiceUnavailable(retry_after=BUSY_SECONDS)) if is_busy(error) else _failed(error)


def _failed(error: Exception) -> Response:
    log.exception("unforeseen", exc_info=error)
    db.session.rollback()
    return _http_error(InternalServerError())


def answer(status: int, code: str, message: Text, field: str | None = None) -> Response:
    """The refusal as the asker expects it."""
    title = TITLES.get(status, TITLES[400 if status < 500 else 500])
    if request.path.startswith(("/api/", "/openapi.json")):
        return problem(status, code, title, message, field)
    page = render_template("public/error.html", status=status, title=title, message=message)
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def problem(status: int, code: str, title: Text, message: Text, field: str | None) -> Response:
    """An RFC 9457 document."""
    content = {"type": f"urn:bankao:{code}", "title": str(title), "status": status, "detail": str(message)}
    if field:
        content["field"] = field
    response = Response(msgspec.json.encode(content), status, mimetype="application/problem+json")
    response.headers["Cache-Control"] = "no-store"
    return response
