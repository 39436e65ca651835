"""Changes to exam sites and their gates."""

from typing import Any

from sqlalchemy import delete, select, update

from stations.accounts.rules import Actor
from stations.kernel import audit, clock
from stations.kernel.db import changed_one, db
from stations.kernel.errors import Invalid, NotFound, Refused
from stations.kernel.revision import next_revision
from stations.kernel.text import _
from stations.kernel.versions import Changed, write_record
from stations.places.actions.writing import get_district_code
from stations.places.models import ExamSite, Gate
from stations.places.queries.loading import SITES
from stations.places.queries.sheets import site_order
from stations.places.queries.stations import find_site, get_site
from stations.places.rules.orders import GateOrder, SiteOrder


def save_site(order: SiteOrder, actor: Actor) -> dict[str, Any]:
    """Add the exam site of that code or bring it to `order`."""
    actor.require("sites.write")
    revision = next_revision(SITES)  # first: from here on nobody else writes a site
    known = find_site(order.code, archived=True)
    fields = {
        "name": order.name, "aliases": ";".join(order.aliases), "district_code": get_district_code(order.district),
        "campus": order.campus, "address": order.address, "lat": order.point.lat, "lon": order.point.lon,
        "examinees": order.examinees, "archived_at": None, "revision": revision,
    }  # fmt: skip
    write_record(ExamSite, known.id if known else None, order.version, fields, {"code": order.code})
    before = site_order(known).values() if known else {}
    after = site_order(get_site(order.code)).values()
    audit.record_change("site.save", f"site:{order.code}", before, after, actor=actor.username)
    return {"code": order.code, "is_new": known is None}


def archive_site(code: str, actor: Actor) -> None:
    """Take an exam site off every list."""
    actor.require("sites.write")
    site = get_site(code)
    gone = update(ExamSite).where(ExamSite.id == site.id, ExamSite.archived_at.is_(None))
    fields = {"archived_at": clock.now(), "version": ExamSite.version + 1, "revision": next_revision(SITES)}
    if not changed_one(gone.values(**fields)):
        raise Changed("site")
    audit.record("site.archive", f"site:{code}", actor=actor.username)


def save_gate(order: GateOrder, actor: Actor, *, is_new: bool = False) -> dict[str, Any]:
    """Add or move a gate of an exam site; with `is_new` only add."""
    actor.require("sites.write")
    revision = next_revision(SITES)
    site = find_site(order.site)
    if site is None:
        message = _("There is no exam site %(code)s.", code=order.site)
        raise Invalid("site.unknown", message, field="site")
    same = select(Gate).where(Gate.exam_site_id == site.id, Gate.code == order.code)
    gate = db.session.execute(same).scalar()
    if gate is not None and is_new:
        raise Refused("gate.exists", _("This code is taken. Please choose another one."), field="code")
    gate = gate or Gate(exam_site_id=site.id, code=order.code)
    gate.name, gate.is_step_free = order.name, order.is_step_free
    gate.lat, gate.lon = order.point.lat, order.point.lon
    db.session.add(gate)
    db.session.flush()
    _touch_site(site.id, revision)
    audit.record("gate.save", f"site:{order.site}", actor=actor.username, after={"gate": order.code})
    return {"code": order.site, "gate": order.code}


def remove_gate(site_code: str, code: str, actor: Actor) -> dict[str, Any]:
    """Remove a gate."""
    actor.require("sites.write")
    revision = next_revision(SITES)
    site = get_site(site_code)
    if not changed_one(delete(Gate).where(Gate.exam_site_id == site.id, Gate.code == code)):
        raise NotFound("gate.unknown", _("There is no such gate."))
    _touch_site(site.id, revision)
    audit.record("gate.remove", f"site:{site_code}", actor=actor.username, before={"gate": code})
    return {"code": site_code, "gate": code}


def _touch_site(site_id: int, revision: int) -> None:
    db.session.execute(update(ExamSite).where(ExamSite.id == site_id).values(revision=revision))
