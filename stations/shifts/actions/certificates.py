"""Certificates of service: issued by a recording unit, or as a mere record of the platform."""

from dataclasses import dataclass
from datetime import datetime
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import insert, update

from stations.accounts.rules import Actor
from stations.kernel import audit, clock
from stations.kernel.db import changed_one, db
from stations.kernel.errors import Invalid, Refused
from stations.kernel.text import _
from stations.shifts.actions.writing import get_organization
from stations.shifts.models.service import ServiceRecord
from stations.shifts.queries.service import get_certificate, list_service, sum_all
from stations.shifts.queries.volunteers import NO_VOLUNTEER, find_volunteer

PERMISSION = "volunteers.write"
KEY_BYTES = 15


@dataclass(frozen=True)
class CertificateOrder:
    """For whom, of which span, with which content; `unit` is the code of the recording unit, '' for none."""

    staff_no: str
    since: datetime
    until: datetime
    content: str
    unit: str = ""


def issue_certificate(order: CertificateOrder, actor: Actor) -> dict[str, Any]:
    """Count the hours and certify them. Only those who act for a unit may name it as the recording unit."""
    volunteer = find_volunteer(order.staff_no)
    if volunteer is None or not actor.may("shifts.read", volunteer.path):
        raise Invalid("volunteer.unknown", NO_VOLUNTEER, field="staff_no")
    actor.require(PERMISSION, volunteer.path)
    unit = get_organization(order.unit) if order.unit else None
    if unit is not None:
        actor.require(PERMISSION, unit.path)
    if not order.content.strip():
        raise Invalid("certificate.content", _("Please say what the service was."), field="content")
    figures = sum_all(list_service([volunteer.path], order.since, order.until, volunteer.id))
    if figures.minutes == 0:
        raise Refused("certificate.empty", _("There are no hours to certify in this time."), field="staff_no")
    fields = {
        "volunteer_id": volunteer.id, "since": order.since, "until": order.until, "minutes": figures.minutes,
        "attendances": figures.attendances, "content": order.content.strip()[:200],
        "recording_unit_id": unit.id if unit else None, "issued_at": clock.now(), "issued_by": actor.username,
    }  # fmt: skip
    key = token_urlsafe(KEY_BYTES)
    made = insert(ServiceRecord).values(number=key, key=key, **fields).returning(ServiceRecord.id)
    record_id = db.session.execute(made).scalar_one()
    number = f"{clock.now().year}-{record_id:06}"
    db.session.execute(update(ServiceRecord).where(ServiceRecord.id == record_id).values(number=number))
    audit.record(
        "certificate.issue", f"certificate:{number}", actor=actor.username, scope=volunteer.group_path,
        after={"volunteer": volunteer.id, "minutes": figures.minutes, "unit": order.unit},
    )  # fmt: skip
    return {"number": number}


def revoke_certificate(number: str, reason: str, actor: Actor) -> dict[str, Any]:
    """Let it match no more. Raises Refused when it does not already."""
    row = get_certificate(number)
    actor.require(PERMISSION, row.path)
    if not reason.strip():
        raise Invalid("certificate.reason", _("Please say why."), field="reason")
    valid = update(ServiceRecord).where(ServiceRecord.number == number, ServiceRecord.revoked_at.is_(None))
    if not changed_one(valid.values(revoked_at=clock.now())):
        raise Refused("certificate.revoked", _("This certificate was revoked already."))
    audit.record(
        "certificate.revoke", f"certificate:{number}", actor=actor.username, reason=reason.strip(),
        scope=row.path.removesuffix(f"{row.staff_no}/"),
    )  # fmt: skip
    return {"number": number}
