"""Certificates of service: issued, printed on one sheet, revoked."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from stations.accounts.rules import Actor
from stations.kernel.errors import NotFound, Refused
from stations.kernel.forms import CellField, CellForm, text_reader
from stations.kernel.text import _
from stations.seasons.queries import get_calendar
from stations.shifts.actions.certificates import CertificateOrder, issue_certificate, revoke_certificate
from stations.shifts.queries.service import NO_CERTIFICATE, CertificateRow, get_certificate
from stations.web.admin.hours import PERMISSION, HoursForm, draw_hours, read_span
from stations.web.codes import draw_code
from stations.web.guard import actor, needs
from stations.web.writing import go, write_once

door = Blueprint("admin_certificates", __name__, url_prefix="/admin/certificates")


ONE_DAY = timedelta(days=1)


class CertificateForm(CellForm):
    """For whom, of what, by which unit."""

    staff_no = CellField(_("Staff number"), text_reader(40), is_required=True)
    content = CellField(_("Service content"), text_reader(200), is_required=True)
    unit = CellField(_("Recording unit"), text_reader(120))


@door.post("/")
@needs("volunteers.write")
def issue() -> Response:
    """Certify the hours of the span in the address."""
    me = actor()
    form = CertificateForm(request.form)
    try:
        form.require()
        asked = HoursForm(request.args)
        asked.require()
        span = read_span(asked)
        order = CertificateOrder(form.staff_no.value, span.since, span.until, form.content.value, form.unit.value or "")

        def do(by: Actor) -> dict[str, Any]:
            return issue_certificate(order, by)

        made = write_once(request.form.get("request_id"), "certificate.issue", do, _("The certificate is issued."))
    except Refused as refused:
        return draw_hours(me, refused=refused, typed=request.form)
    return go(url_for(".page", number=made["number"]))


@door.get("/<number>")
@needs(PERMISSION)
def page(number: str) -> Response:
    """The sheet."""
    return _draw(_get_mine(number, actor()))


@door.post("/<number>/revoke")
@needs("volunteers.write")
def revoke(number: str) -> Response:
    """Let it match no more."""
    row = _get_mine(number, actor())

    def do(by: Actor) -> dict[str, Any]:
        return revoke_certificate(number, reason, by)

    try:
        reason = text_reader(200)(request.form.get("reason", ""))
        write_once(request.form.get("request_id"), f"certificate.revoke {row.number}", do, _("It matches no more."))
    except Refused as refused:
        if refused.status == 403:
            raise
        return _draw(row, refused)
    return go(url_for(".page", number=number))


def _get_mine(number: str, me: Actor) -> CertificateRow:
    row = get_certificate(number)
    if not me.may(PERMISSION, row.path):
        raise NotFound("certificate.unknown", NO_CERTIFICATE)
    return row


def _draw(row: CertificateRow, refused: Refused | None = None) -> Response:
    link = url_for("verify.page", key=row.key, lang=None, view=None, _external=True)
    zone = get_calendar().zone
    page = render_template(
        "admin/certificate.html", row=row, link=link, drawing=draw_code(link), season=get_calendar(),
        first=row.since.astimezone(zone).date(), last=(row.until.astimezone(zone) - ONE_DAY).date(),
        error=refused and refused.message, issued=row.issued_at.astimezone(zone).date(),
        may_certify=actor().may("volunteers.write", row.path),
    )  # fmt: skip
    response = make_response(page, refused.status if refused else 200)
    response.headers["Cache-Control"] = "no-store"
    return response
