"""Adding and changing supply items, and the limits of an item at a station."""

from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, update
from sqlalchemy.dialects import postgresql, sqlite

from stations.accounts.rules import Actor
from stations.kernel import audit, clock
from stations.kernel.db import db, is_sqlite
from stations.kernel.errors import Invalid, Refused
from stations.kernel.revision import next_revision
from stations.kernel.text import _
from stations.stock.actions.alerts import judge_again
from stations.stock.actions.booking import get_place
from stations.stock.models import KitPart, StockLimit, SupplyItem
from stations.stock.queries.items import TOPIC, get_item, item_order, list_items, list_kits
from stations.stock.rules.items import ItemOrder, check_item
from stations.stock.rules.limits import Limits, check_limits


def save_item(order: ItemOrder, actor: Actor, version: int | None = None) -> dict[str, Any]:
    """Add the item of that code or bring it to `order`, parts included. Refused where `version` is given and the item
    is not at it any more; 0 is an item that is not there yet."""
    actor.require("stock.items")
    check_item(order)
    next_revision(TOPIC)  # first: from here on nobody else writes an item
    known = list_items().get(order.code)
    if version is not None and version != (known.version if known else 0):
        raise _changed(version)
    before = asdict(item_order(known, list_kits().get(order.code, {}))) if known else {}
    fields = {name: value for name, value in asdict(order).items() if name not in ("code", "parts")}
    if known is None:
        added = insert(SupplyItem).values(code=order.code, version=1, **fields).returning(SupplyItem.id)
        item_id = db.session.execute(added).scalar_one()
    else:
        item_id = known.id
        changed = update(SupplyItem).where(SupplyItem.id == item_id)
        db.session.execute(changed.values(version=SupplyItem.version + 1, **fields))
    _replace_parts(item_id, order)
    after = asdict(order)
    changed_fields = {name for name in after if before.get(name) != after[name]}
    audit.record(
        "item.save", f"item:{order.code}", actor=actor.username,
        before={name: value for name, value in before.items() if name in changed_fields},
        after={name: value for name, value in after.items() if name in changed_fields},
    )  # fmt: skip
    return {"code": order.code, "is_new": known is None}


def _changed(version: int) -> Refused:
    if version:
        return Refused("item.changed", _("Somebody else changed this meanwhile. Please compare, then save again."))
    return Refused("item.exists", _("There is an item with this code already."), field="code")


def _replace_parts(kit_id: int, order: ItemOrder) -> None:
    db.session.execute(delete(KitPart).where(KitPart.kit_id == kit_id))
    items = list_items()
    unknown = next((code for code in order.parts if code not in items), None)
    if unknown is not None:
        raise Invalid("stock.item", _("There is no item %(code)s.", code=unknown[:40]), field="parts")
    kits = list_kits()
    nested = next((code for code in order.parts if code in kits), None)
    if nested is not None:
        raise Invalid(
            "item.nested", _("%(code)s is a kit itself; a kit holds plain items.", code=nested), field="parts"
        )
    rows = [
        {"kit_id": kit_id, "part_id": items[code].id, "quantity": quantity} for code, quantity in order.parts.items()
    ]
    if rows:
        db.session.execute(insert(KitPart), rows)


def set_limits(station: str, item: str, limits: Limits, actor: Actor, zone: ZoneInfo) -> None:
    """Say when an item is short at a station."""
    check_limits(limits)
    place = get_place(station)
    actor.require("stock.write", place.path)
    item_id = get_item(item).id
    dialect_insert = sqlite.insert if is_sqlite() else postgresql.insert
    levels = {
        "min_level": limits.min_level, "reorder_level": limits.reorder_level, "max_level": limits.max_level
    }  # fmt: skip
    fresh = dialect_insert(StockLimit).values(place_id=place.id, item_id=item_id, **levels)
    both = fresh.on_conflict_do_update(index_elements=[StockLimit.place_id, StockLimit.item_id], set_=levels)
    db.session.execute(both)
    next_revision(TOPIC)  # what the public reads depends on them
    judge_again(place.id, item_id, clock.now().astimezone(zone).date())
    audit.record("stock.limits", f"stock:{station}/{item}", actor=actor.username, scope=place.path, after=levels)
