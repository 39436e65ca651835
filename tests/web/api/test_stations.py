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


@pytest.mark.parametrize("question", ["", "open=1&need=toilet&need=water", "bbox=116.2,39.9,116.5,40.1", "after=M"])
@on_both
def test_geojson_tells_the_same_of_the_same_stations_in_the_same_order(client: FlaskClient, question: str) -> None:
    told = client.get(f"/api/v1/stations?limit=1000&{question}").json
    drawn = client.get(f"/api/v1/stations.geojson?{question}").json
    assert [feature["properties"] for feature in drawn["features"]] == told["stations"]
    assert [feature["id"] for feature in drawn["features"]] == [station["code"] for station in told["stations"]]
    assert [feature["geometry"] for feature in drawn["features"]] == [
        {"type": "Point", "coordinates": [station["lon"], station["lat"]]} for station in told["stations"]
    ]
    assert (drawn["type"], drawn["license"], drawn["next"]) == ("FeatureCollection", "ODbL-1.0", None)
    assert "OpenStreetMap" in drawn["attribution"]
    assert len(told["stations"]) > 5


def test_geojson_goes_on_where_it_was_cut(reader: FlaskClient) -> None:
    first = reader.get("/api/v1/stations.geojson?limit=2&bbox=116.2,39.9,116.5,40.1").json
    then = reader.get(first["next"]).json
    whole = reader.get("/api/v1/stations.geojson?limit=4&bbox=116.2,39.9,116.5,40.1").json
    assert first["features"] + then["features"] == whole["features"]


def test_stations_of_a_part_of_the_map_lie_in_it(reader: FlaskClient) -> None:
    everything = reader.get("/api/v1/stations?limit=1000").json["stations"]
    inside = [s for s in everything if 116.2 <= s["lon"] <= 116.4 and 39.9 <= s["lat"] <= 40]
    assert 5 < len(inside) < len(everything)
    assert reader.get("/api/v1/stations?limit=1000&bbox=116.2,39.9,116.4,40").json["stations"] == inside


@pytest.mark.parametrize("question", ["limit=0", "limit=10001", "limit=2&limit=3", "after=%00", "need=x", "open=2",
                                      "bbox=1,2,3", "bbox=117,39,116,40"])  # fmt: skip
@pytest.mark.parametrize("ending", ["", ".geojson"])
def test_stations_refuse_what_they_cannot_read(reader: FlaskClient, ending: str, question: str) -> None:
    answer = reader.get(f"/api/v1/stations{ending}?{question}")
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
