"""The names of posts, skills and states for every page of the coordinators, and who may do what on them."""

from collections.abc import Sequence
from typing import Any

from stations.kernel.masking import mask_phone
from stations.kernel.text import Text, _
from stations.places.queries.loading import list_districts
from stations.places.queries.stations import search_stations
from stations.shifts.rules.risks import RISK_NAMES
from stations.shifts.rules.skills import HALVES, LEADER, POSTS, SKILLS, STANDINGS, post_of, skill_name
from stations.shifts.rules.states import SOURCE_NAMES
from stations.web.context import shown_date
from stations.web.language import language

ANYONE = "anyone"  # in addresses and fields, where '' says nothing
SEATS: dict[str, Text] = {
    ANYONE: _("Anyone"), LEADER: skill_name(LEADER), **{code: skill.name for code, skill in SKILLS.items()}
}  # fmt: skip
POST_NAMES: dict[str, Text] = {code: post.name for code, post in POSTS.items()}


def words() -> dict[str, Any]:
    """What their templates call things."""
    return {
        "post_names": POST_NAMES, "post_name": lambda code: post_of(code).name, "skill_name": skill_name,
        "seats": SEATS, "standings": STANDINGS, "sources": SOURCE_NAMES, "risk_names": RISK_NAMES, "halves": HALVES,
        "mask": mask_phone, "shown_date": shown_date,
    }  # fmt: skip


def district_names() -> dict[str, str]:
    """The districts by code, in the reader's language."""
    is_english = language() == "en"
    return {row.code: (row.name_en or row.name) if is_english else row.name for row in list_districts()}


def station_names(paths: Sequence[str]) -> dict[str, str]:
    """The stations below `paths` by code."""
    return {row.code: row.name for row in search_stations(paths, "", None)}
