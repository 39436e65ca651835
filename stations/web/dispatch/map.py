"""What the board's map shows: vehicles with the age of their fix, requests, gates with the minutes to the next
vehicle."""

from typing import Any

from flask import Blueprint, Response, jsonify

from stations.fleet.queries.board import BoardVehicle
from stations.fleet.rules.requests import KIND_NAMES
from stations.fleet.rules.signs import judge_standing
from stations.kernel.geo.datum import Datum, Point, convert
from stations.web.drawings import this_datum
from stations.web.guard import actor, needs
from stations.workflows.dispatching import Board, QueueLine, look
from stations.workflows.standing_by import list_cover

door = Blueprint("dispatch_map", __name__, url_prefix="/dispatch")


@door.get("/vehicles.json")
@needs("fleet.read")
def vehicles() -> Response:
    """Everything on the map, now."""
    board, datum = look(actor().paths("fleet.read")), this_datum()
    answer = jsonify(
        at=board.at.isoformat(),
        is_wgs84=datum is Datum.WGS84,  # as the positions of the stream are
        vehicles=[vehicle_pin(row, board, datum) for row in board.vehicles],
        requests=[_request_pin(line, datum) for line in board.lines if line.request.point],
        gates=[[name, *_shift(lat, lon, datum), minutes] for name, lat, lon, minutes in list_cover(board)],
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def vehicle_pin(row: BoardVehicle, board: Board, datum: Datum) -> list[Any]:
    """[code, lon, lat, heading, state, seconds since its fix, plate, id]."""
    age = None if row.seen_at is None else max(int((board.at - row.seen_at).total_seconds()), 0)
    return [row.code, *_shift(*row.point, datum), row.heading, judge_standing(row, board.at), age, row.plate, row.id]


def _request_pin(line: QueueLine, datum: Datum) -> list[Any]:
    row = line.request
    lat, lon = row.point or (row.to_lat, row.to_lon)
    words = f"{KIND_NAMES[row.kind]} → {row.site_name} {row.gate}".strip()
    return [row.id, *_shift(lat, lon, datum), line.slack.band.value, words]


def _shift(lat: float, lon: float, datum: Datum) -> tuple[float, float]:
    there = convert(Point(lat, lon), Datum.WGS84, datum)
    return round(there.lon, 6), round(there.lat, 6)
