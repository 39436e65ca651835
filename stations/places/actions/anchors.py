"""Changes to what people search from: landmarks and districts. They come by the thousand, in imports, whose own
audit line says who and what."""

from sqlalchemy import delete, select

from stations.accounts.rules import Actor
from stations.kernel.db import changed_one, db
from stations.kernel.errors import NotFound
from stations.kernel.revision import next_revision
from stations.kernel.text import _
from stations.places.models import District, Landmark
from stations.places.queries.loading import SITES
from stations.places.rules.orders import DistrictOrder, LandmarkOrder


def save_landmark(order: LandmarkOrder, actor: Actor) -> None:
    """Add a landmark or bring the one of that code to `order`."""
    actor.require("sites.write")
    revision = next_revision(SITES)
    row = db.session.get(Landmark, order.code) or Landmark(code=order.code)
    row.kind, row.name, row.name_en, row.is_step_free = order.kind, order.name, order.name_en, order.is_step_free
    row.lat, row.lon = order.point.lat, order.point.lon
    row.revision = revision
    db.session.add(row)
    db.session.flush()


def remove_landmark(code: str, actor: Actor) -> None:
    """Remove a landmark."""
    actor.require("sites.write")
    if not changed_one(delete(Landmark).where(Landmark.code == code)):
        raise NotFound("landmark.unknown", _("There is no such place."))
    next_revision(SITES)


def save_district(order: DistrictOrder, actor: Actor) -> None:
    """Add a district or bring the one of that code to `order`."""
    actor.require("sites.write")
    next_revision(SITES)
    row = db.session.execute(select(District).where(District.code == order.code)).scalar() or District(code=order.code)
    row.name, row.name_en, row.lat, row.lon = order.name, order.name_en, order.point.lat, order.point.lon
    db.session.add(row)
    db.session.flush()


def remove_district(code: str, actor: Actor) -> None:
    """Remove a district that nothing lies in; the database refuses one in use."""
    actor.require("sites.write")
    if not changed_one(delete(District).where(District.code == code)):
        raise NotFound("district.unknown", _("There is no district %(name)s.", name=code))
    next_revision(SITES)
