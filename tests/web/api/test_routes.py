"""What every answer of the API has in common."""

import pytest
from flask.testing import FlaskClient

ADDRESSES = (
    "/api/v1/nearest?lat=39.9&lon=116.4",
    "/api/v1/stations?limit=3",
    "/api/v1/stations.geojson",
    "/api/v1/stations/MD-004",
    "/api/v1/exam-sites?q=shiyi",
    "/api/v1/exam-sites?limit=3",
    "/api/v1/exam-sites/KD0108-12",
    "/api/v1/sessions",
    "/openapi.json",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_answers_may_be_kept_shared_and_asked_for_again(reader: FlaskClient, address: str) -> None:
    reader.set_cookie("bankao", "anything")
    answer = reader.get(address)
    assert answer.status_code == 200
    assert answer.mimetype == ("application/geo+json" if "geojson" in address else "application/json")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert answer.headers["Cache-Control"].startswith("public, max-age=")
    again = reader.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == answer.headers["ETag"]
    assert again.headers["Access-Control-Allow-Origin"] == "*"
    head = reader.head(address)
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", answer.headers["ETag"])
    assert head.headers["Content-Length"] == answer.headers["Content-Length"]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_can_be_written(reader: FlaskClient, address: str, method: str) -> None:
    answer = reader.open(address, method=method)
    assert answer.status_code == 405
    assert answer.mimetype == "application/problem+json"
    assert "GET" in answer.headers["Allow"]


def test_an_unknown_address_is_a_problem(reader: FlaskClient) -> None:
    answer = reader.get("/api/v1/nothing")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_long_answers_are_compressed_for_who_takes_it(reader: FlaskClient) -> None:
    plain = reader.get("/api/v1/stations")
    packed = reader.get("/api/v1/stations", headers={"Accept-Encoding": "br"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "br"
    assert len(packed.data) < len(plain.data) / 3
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
