"""What happened to a request, in words: who did what, and why a ride ended."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from stations.accounts.queries import list_display_names
from stations.accounts.rules import PROGRAM
from stations.fleet.actions.requests import PUBLIC
from stations.fleet.actions.withdrawing import REASON as ASKER
from stations.fleet.rules.crew import REASONS
from stations.fleet.rules.requests import FORGOTTEN
from stations.fleet.rules.rides import NO_ANSWER
from stations.fleet.rules.rides import STATE_NAMES as RIDE_STATES
from stations.kernel import audit
from stations.kernel.text import Text, _

SHOWN = 20
CREW = "vehicle:"

END_REASONS: dict[str, Text] = {
    NO_ANSWER: _("no answer"),
    FORGOTTEN: _("forgotten: nobody closed it"),
    ASKER: _("called off by the asker"),
    **REASONS,
}
ACTION_NAMES: dict[str, Text] = {
    "help.ask": _("Asked for help"),
    "help.locate": _("Set the place"),
    "help.call_off": _("Called off"),
    "help.close": _("Closed"),
    "help.reveal_phone": _("Looked at the asker's phone"),
    "ride.offer": RIDE_STATES["offered"],
    "ride.phone_shown": _("Saw the asker's phone"),
    **{f"ride.{state}": name for state, name in RIDE_STATES.items()},
}


@dataclass(frozen=True)
class Past:
    """One thing that was done."""

    at: datetime
    who: Text | str
    what: Text | str
    reason: Text | str


def say_reason(kept: str) -> Text | str:
    """The words of a code; whatever else is kept was typed by somebody and stands as it is."""
    return END_REASONS.get(kept, kept)


def list_past(request_id: int) -> list[Past]:
    """What was done about a request, the newest first."""
    events = audit.list_events(f"help:{request_id}", SHOWN)
    say = name_people(who for _at, who, _action, _reason in events)
    return [
        Past(at, say(who), ACTION_NAMES.get(action, action), say_reason(reason)) for at, who, action, reason in events
    ]


def name_people(usernames: Iterable[str]) -> Callable[[str], Text | str]:
    """Says of each of these what people call them; in one SELECT, however many they are."""
    wanted = set(usernames)
    named: dict[str, Text | str] = {PROGRAM.username: _("the program"), PUBLIC: _("the asker")}
    named |= {who: who.removeprefix(CREW) for who in wanted if who.startswith(CREW)}
    named |= list_display_names(wanted - named.keys())
    return lambda username: named.get(username, username)
