"""All stations, a page at a time."""

import pytest
from conftest import on_both
from flask.testing import FlaskClient


def _walk(client: FlaskClient, address: str | None) -> list[str]:
    codes = []
    while address:
        page = client.get(address)
        assert page.status_code == 200
        codes += [station["code"] for station in page.json["stations"]]
        address = page.json["next"]
    return codes


@on_both
def test_stations_follow_each_other_by_code(client: FlaskClient) -> None:
    everything = client.get("/api/v1/stations?limit=1000").json
    codes = [station["code"] for station in everything["stations"]]
    assert codes == sorted(codes)
    assert len(codes) > 100
    assert everything["next"] is None
    assert _walk(client, "/api/v1/stations?limit=17") == codes
    assert _walk(client, f"/api/v1/stations?limit={len(codes)}") == codes


def test_stations_keep_their_question_from_page_to_page(client: FlaskClient) -> None:
    everything = client.get("/api/v1/stations?limit=1000").json["stations"]
    fit = [s["code"] for s in everything if s["is_open"] and {"toilet", "water"} <= {*s["services"]}]
    assert len(fit) > 5
    assert _walk(client, "/api/v1/stations?limit=5&open=1&need=toilet&need=water") == fit


@pytest.mark.parametrize("question", ["limit=0", "limit=1001", "limit=2&limit=3", "after=%00", "need=x", "open=2"])
def test_stations_refuse_what_they_cannot_read(reader: FlaskClient, question: str) -> None:
    answer = reader.get(f"/api/v1/stations?{question}")
    assert (answer.status_code, answer.json["field"]) == (400, question.partition("=")[0])


@pytest.mark.parametrize("code", ["nowhere", "%00", "x" * 2000, "..%2f..", "' OR 1=1"])
def test_a_station_that_is_not_there_is_not_found(reader: FlaskClient, code: str) -> None:
    answer = reader.get(f"/api/v1/stations/{code}")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_a_station_leads_to_its_page(reader: FlaskClient) -> None:
    station = reader.get("/api/v1/stations/MD-004").json["station"]
    assert station["code"] == "MD-004"
    assert reader.get(station["url"]).status_code == 200
    assert station["name"] in reader.get(station["url"]).text
