"""OwnTracks over HTTP: one JSON object a request, or nothing at all.

Source: owntracks/booklet tech/http.md and tech/json.md; owntracks/recorder http.c; aaronpk/Overland-iOS for the
quirks of Overland in this mode."""

from base64 import b64decode
from binascii import Error
from datetime import datetime, timedelta
from typing import Any

from stations.adapters.trackers.fix import KMH_MPS, Fix, Heard, make_fix, read_json, read_text, read_time, times

FROM_2001 = timedelta(seconds=978_307_200)  # Overland counts tst from there
A_DAY = timedelta(days=1)
WITH_A_FIX = frozenset({"location", "transition"})
WITHOUT = frozenset({"lwt", "waypoint", "waypoints", "status", "cmd", "card", "steps", "beacon", "request"})


def read_body(body: bytes, received_at: datetime) -> Heard:
    """What the body says; one without any content is a sign of life. A will (lwt) is none: it says that the device
    has gone."""
    if not body.strip():
        return Heard("")
    document = read_json(body)
    if not isinstance(document, dict):
        return Heard("", rejected=1)
    device = read_text(document.get("topic")).removeprefix("owntracks/").partition("/")[0]
    kind = read_text(document.get("_type"))
    if kind not in WITH_A_FIX:
        return Heard(device, rejected=0 if kind in WITHOUT else 1)
    fix = _read_point(document, received_at)
    return Heard(device, (fix,)) if fix else Heard(device, rejected=1)


def is_will(body: bytes) -> bool:
    """Whether the body tells that the device has gone."""
    return b'"lwt"' in body[:500]


def list_names(authorization: str, *said: str) -> list[str]:
    """What may be the device's key, likeliest first: password and name of Basic authorization, also where it was not
    encoded, then whatever else the request calls it."""
    kind, _space, packed = authorization.partition(" ")
    names = []
    if kind.lower() == "basic":
        try:
            name, _colon, password = b64decode(packed, validate=True).decode().partition(":")
            names += [password, name]
        except (Error, ValueError):
            pass
        names.append(packed.strip().removesuffix(":"))
    elif kind.lower() == "bearer":
        names.append(packed.strip())
    return [name for name in (*names, *said) if name]


def _read_point(document: dict[str, Any], received_at: datetime) -> Fix | None:
    return make_fix(
        "owntracks", _read_tst(document.get("tst"), received_at), document.get("lat"), document.get("lon"),
        accuracy=document.get("acc"), speed_mps=times(document.get("vel"), KMH_MPS), heading=document.get("cog"),
        battery_percent=document.get("batt"),
    )  # fmt: skip


def _read_tst(value: Any, received_at: datetime) -> datetime | None:
    at = read_time(value, received_at)
    if at is not None and abs(at + FROM_2001 - received_at) < A_DAY:
        return at + FROM_2001
    return at
