"""The driver's signed link: it names a vehicle and its link's number, and dies when a new one is made."""

from typing import Any

from flask import current_app, url_for
from itsdangerous import BadSignature, URLSafeSerializer

from stations.fleet.queries.vehicles import VehicleRow, get_vehicle_by_id
from stations.kernel.errors import NotFound
from stations.kernel.text import _

SALT = "driver's link"


def make_token(vehicle_id: int, link_no: int) -> str:
    """What stands in the link."""
    return str(_signer().dumps([vehicle_id, link_no]))


def make_link(vehicle_id: int, link_no: int) -> str:
    """The whole address that a driver opens: in no language or view of whoever hands it out."""
    return url_for("driver.page", token=make_token(vehicle_id, link_no), lang=None, view=None, _external=True)


def find_vehicle(token: str) -> VehicleRow:
    """The vehicle of a link that is still valid. Raises NotFound."""
    try:
        vehicle_id, link_no = _read(token)
        vehicle = get_vehicle_by_id(vehicle_id)
    except (BadSignature, ValueError, TypeError, NotFound):
        raise _dead() from None
    if vehicle.link_no != link_no:
        raise _dead()
    return vehicle


def _read(token: str) -> tuple[int, int]:
    content: Any = _signer().loads(token)
    vehicle_id, link_no = content
    return int(vehicle_id), int(link_no)


def _dead() -> NotFound:
    return NotFound("link.dead", _("This link is no longer valid. Ask the dispatcher for a new one."))


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=SALT)
