"""What changes in shifts, as it changes."""

from flask import Blueprint, Response

from stations.web import streaming
from stations.web.guard import needs

door = Blueprint("coordination_stream", __name__)

PERMISSION = "shifts.read"


@door.get("/coordination/stream")
@needs(PERMISSION)
def stream() -> Response:
    """Server-sent events: shifts (look again), reset (read everything anew) and pulse (the time, every 15 s)."""
    return streaming.answer(PERMISSION)
