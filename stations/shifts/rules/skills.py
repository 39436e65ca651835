"""What volunteers can do, the posts they stand at, and the halves of a day in which they say that they are free."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from stations.kernel.text import Text, _

# What a team leader or deputy has by being one; a seat may ask for it, nobody can prove it.
LEADER = "leader"
STANDINGS: Mapping[str, Text] = MappingProxyType(
    {"": _("Volunteer"), "leader": _("Team leader"), "deputy": _("Deputy leader")}
)


@dataclass(frozen=True, slots=True)
class Skill:
    """Its name; `needs_proof` where nobody may do it without a paper, whoever asks."""

    name: Text
    needs_proof: bool = False


SKILLS: Mapping[str, Skill] = MappingProxyType(
    {
        "counsellor": Skill(_("Counsellor"), needs_proof=True),
        "first_aid": Skill(_("First aider"), needs_proof=True),
        "driver": Skill(_("Driver"), needs_proof=True),
        "traffic_order": Skill(_("Traffic order"), needs_proof=True),
        "guide": Skill(_("Guide")),
        "sign_language": Skill(_("Sign language")),
        "english": Skill(_("English")),
    }
)


@dataclass(frozen=True, slots=True)
class Post:
    """A kind of work. `dislike` from 0 (asked for) to 3 (avoided); `needs` is a skill that it takes whatever its seat
    asks. Ages: 志愿服务条例 §15 asks nothing beyond one's age and strength; the figures are assumptions."""

    name: Text
    is_outdoor: bool
    dislike: int
    least_age: int
    needs: str = ""


POSTS: Mapping[str, Post] = MappingProxyType(
    {
        "drop_off": Post(_("Drop-off lane"), is_outdoor=True, dislike=2, least_age=16),
        "queue": Post(_("Keeping the queue"), is_outdoor=True, dislike=1, least_age=14),
        "guidance": Post(_("Guidance"), is_outdoor=True, dislike=0, least_age=12),
        "supplies": Post(_("Supplies"), is_outdoor=False, dislike=0, least_age=12),
        "rest_area": Post(_("Rest area"), is_outdoor=False, dislike=0, least_age=12),
        "deposit": Post(_("Bag deposit"), is_outdoor=False, dislike=1, least_age=16),
        "counselling": Post(_("Counselling"), is_outdoor=False, dislike=0, least_age=18, needs="counsellor"),
        "first_aid": Post(_("First-aid post"), is_outdoor=False, dislike=0, least_age=18, needs="first_aid"),
        "traffic": Post(_("Traffic"), is_outdoor=True, dislike=3, least_age=18),
        "photo_wall": Post(_("Photo wall"), is_outdoor=True, dislike=0, least_age=12),
        "roving_driver": Post(_("Roving driver"), is_outdoor=False, dislike=1, least_age=18, needs="driver"),
    }
)
OTHER_POST = Post(_("Other post"), is_outdoor=False, dislike=0, least_age=12)


def post_of(code: str) -> Post:
    """The post of a code, or one of no particular kind."""
    return POSTS.get(code, OTHER_POST)


# The halves of a local day: name and the hours from which until which they last.
HALVES: Mapping[str, tuple[Text, int, int]] = MappingProxyType(
    {
        "morning": (_("Morning"), 0, 12),
        "afternoon": (_("Afternoon"), 12, 18),
        "evening": (_("Evening"), 18, 24),
    }
)


def skill_name(code: str) -> Text:
    """A seat's skill in words; '' asks for none."""
    if code == LEADER:
        return _("Team leader or deputy")
    return SKILLS[code].name if code in SKILLS else _("Anyone")
