"""How the hours of a season are rounded: said once, for every page, sheet and certificate."""

from typing import Any

from sqlalchemy import delete, insert

from stations.accounts.rules import Actor
from stations.kernel import audit, clock
from stations.kernel.db import db
from stations.kernel.errors import Invalid, Refused
from stations.kernel.text import _
from stations.seasons.queries import get_calendar
from stations.shifts.actions.telling import tell
from stations.shifts.models.service import SeasonRounding
from stations.shifts.queries.service import find_rounding
from stations.shifts.rules.service import ROUNDINGS

PERMISSION = "seasons.write"


def set_rounding(rounding: str, actor: Actor) -> dict[str, Any]:
    """Round the hours of the current season by that rule from now on; issued certificates stay as they are."""
    actor.require(PERMISSION)
    if rounding not in ROUNDINGS:
        raise Invalid("rounding.unknown", _("Please choose a rule."), field="rounding")
    season = get_calendar()
    if season.season_id is None:
        raise Refused("season.none", _("Begin a season first."))
    tell("")  # first, so that nobody else says it meanwhile
    before = find_rounding(season.season_id)
    db.session.execute(delete(SeasonRounding).where(SeasonRounding.season_id == season.season_id))
    said = {"rounding": rounding, "set_by": actor.username, "set_at": clock.now()}
    db.session.execute(insert(SeasonRounding).values(season_id=season.season_id, **said))
    audit.record(
        "hours.rounding", f"season:{season.code}", actor=actor.username,
        before={"rounding": before}, after={"rounding": rounding},
    )  # fmt: skip
    return {"rounding": rounding}
