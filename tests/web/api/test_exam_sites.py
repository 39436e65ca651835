"""Exam sites, as the search box asks for them and as a list."""

import pytest
from conftest import on_both
from flask.testing import FlaskClient


@on_both
def test_a_search_finds_by_sound_and_warns_of_the_one_alike(client: FlaskClient) -> None:
    found = client.get("/api/v1/exam-sites?q=shiyi").json["exam_sites"]
    by_code = {site["code"]: site for site in found}
    assert {"KD0108-12", "KD0101-03"} <= by_code.keys()
    site = by_code["KD0108-12"]
    assert site["is_alike"]
    assert site["alike"] == ["KD0101-03"]
    assert site["district"] != by_code["KD0101-03"]["district"]
    assert site["matched_name"]
    assert {gate["code"] for gate in site["gates"]} == {"S", "W"}
    assert site["url"] == "/?site=KD0108-12"
    assert client.get(site["url"]).status_code == 200
    assert len(client.get("/api/v1/exam-sites?q=演示&limit=3").json["exam_sites"]) == 3
    assert client.get("/api/v1/exam-sites?q=zzzzqqqq").json["exam_sites"] == []


def test_the_list_goes_on_by_code(client: FlaskClient) -> None:
    everything = client.get("/api/v1/exam-sites?limit=1000").json["exam_sites"]
    codes = [site["code"] for site in everything]
    assert codes == sorted(codes)
    assert len(codes) > 20
    walked, address = [], "/api/v1/exam-sites?limit=7"
    while address:
        page = client.get(address).json
        walked += page["exam_sites"]
        address = page["next"]
    assert walked == everything


def test_one_site_is_the_same_as_in_the_list(reader: FlaskClient) -> None:
    listed = reader.get("/api/v1/exam-sites?after=KD0108-11&limit=1").json["exam_sites"]
    assert [reader.get("/api/v1/exam-sites/KD0108-12").json["exam_site"]] == listed
    missing = reader.get("/api/v1/exam-sites/nowhere")
    assert (missing.status_code, missing.mimetype) == (404, "application/problem+json")


@pytest.mark.parametrize("question", ["q=" + "x" * 81, "q=a%00", "q=a&q=b", "limit=0", "limit=x", "after=%20%27"])
def test_exam_sites_refuse_what_they_cannot_read(reader: FlaskClient, question: str) -> None:
    answer = reader.get(f"/api/v1/exam-sites?{question}")
    assert (answer.status_code, answer.json["field"]) == (400, question.partition("=")[0])
