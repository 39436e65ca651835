"""Who looked at where vehicles were, or took it along, is on record."""

from datetime import date, timedelta

from stations.accounts.rules import Actor
from stations.kernel import audit, clock

ONE_LOOK = timedelta(minutes=10)  # a page and what it fetches are one look


def note_replay(day: date, actor: Actor) -> None:
    """Say that the actor looks at a day."""
    subject = f"replay:{day.isoformat()}"
    since = clock.now() - ONE_LOOK
    if any(at > since and who == actor.username for at, who, _action, _reason in audit.list_events(subject, 20)):
        return
    _record("fleet.replay", subject, day, actor)


def note_export(what: str, day: date, ending: str, actor: Actor, path: str = "") -> None:
    """Say that the actor took a day of `what` along, as a file of that kind."""
    audit.record(
        "fleet.export", what, actor=actor.username, scope=path or _scope(actor),
        after={"day": day.isoformat(), "ending": ending},
    )  # fmt: skip


def _record(action: str, subject: str, day: date, actor: Actor) -> None:
    audit.record(action, subject, actor=actor.username, scope=_scope(actor), after={"day": day.isoformat()})


def _scope(actor: Actor) -> str:
    return next(iter(actor.paths("fleet.read")), "")


def note_links(count: int, actor: Actor, scope: str) -> None:
    """Keep that the drivers' links were taken out: whoever has one acts for its vehicle."""
    audit.record("vehicle.links", "fleet", actor=actor.username, scope=scope, after={"vehicles": count})
