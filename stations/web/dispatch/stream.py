"""What changes on the board, as it changes."""

from flask import Blueprint, Response

from stations.web import streaming
from stations.web.guard import needs

door = Blueprint("dispatch_stream", __name__)

PERMISSION = "fleet.read"


@door.get("/dispatch/stream")
@needs(PERMISSION)
def stream() -> Response:
    """Server-sent events: positions, queue, alarm, reset (read everything anew) and pulse (the time, every 15 s)."""
    return streaming.answer(PERMISSION)
