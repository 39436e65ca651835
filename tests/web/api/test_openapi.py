"""The document and the API say the same."""

import re
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from stations.kernel.forms import ChoicesField
from stations.web.api.forms import NearestQuestion

EXAMPLES = {
    "/api/v1/nearest": "?lat=39.9&lon=116.4&limit=50",
    "/api/v1/stations": "?limit=1000",
    "/api/v1/stations.geojson": "",
    "/api/v1/stations/{code}": "MD-004",
    "/api/v1/exam-sites": "?limit=1000",
    "/api/v1/exam-sites/{code}": "KD0108-12",
    "/api/v1/sessions": "",
}
NEVER_WRONG = ("/api/v1/sessions", "negative")
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES_EACH = 25
# A request without parameters cannot be made wrong.
REQUESTS = [(path, mode) for path in EXAMPLES for mode in GenerationMode if (path, mode.value) != NEVER_WRONG]


@pytest.fixture
def document(reader: FlaskClient) -> dict[str, Any]:
    """The document as it is served."""
    served: dict[str, Any] = reader.get("/openapi.json?lang=en").json
    return served


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    validate(document)


def test_the_document_describes_every_route_and_no_other(document: dict[str, Any], read_only_app: Flask) -> None:
    rules = {rule.rule for rule in read_only_app.url_map.iter_rules() if rule.rule.startswith("/api/")}
    assert document["paths"].keys() == {re.sub(r"<(\w+)>", r"{\1}", rule) for rule in rules} == EXAMPLES.keys()
    for operations in document["paths"].values():
        assert operations.keys() == {"get"}
        assert {"200", "304"} <= operations["get"]["responses"].keys()


def test_the_document_has_the_parameters_of_the_forms(document: dict[str, Any]) -> None:
    parameters = {p["name"]: p["schema"] for p in document["paths"]["/api/v1/nearest"]["get"]["parameters"]}
    form = NearestQuestion()
    assert parameters.keys() == form._fields.keys()
    assert isinstance(form.need, ChoicesField)
    assert parameters["need"]["items"]["enum"] == list(form.need.choices)
    assert parameters["limit"] == {"type": "integer", "minimum": 1, "maximum": 50}


def test_the_document_speaks_the_readers_language(reader: FlaskClient, document: dict[str, Any]) -> None:
    in_chinese = reader.get("/openapi.json").json
    assert in_chinese["paths"].keys() == document["paths"].keys()
    assert document["info"]["title"].startswith("Bankao")
    lat = in_chinese["paths"]["/api/v1/nearest"]["get"]["parameters"][2]
    assert (lat["name"], lat["description"]) == ("lat", "纬度")


@pytest.mark.parametrize("path", EXAMPLES)
def test_every_answer_fits_its_schema(reader: FlaskClient, document: dict[str, Any], path: str) -> None:
    answer = reader.get(path.replace("{code}", "") + EXAMPLES[path])
    assert answer.status_code == 200
    schema = document["paths"][path]["get"]["responses"]["200"]["content"][answer.mimetype]["schema"]
    Draft202012Validator({**schema, "components": document["components"]}).validate(answer.json)
    described = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    assert answer.json.keys() == described["properties"].keys()
    for name, rows in answer.json.items():
        if isinstance(rows, list):
            assert rows or name == "supplies"  # the tests' demonstration has none
            item = document["components"]["schemas"][described["properties"][name]["items"]["$ref"].rpartition("/")[2]]
            assert not rows or rows[0].keys() == item["properties"].keys()


@pytest.mark.parametrize(("path", "mode"), REQUESTS)
def test_any_request_gets_a_documented_answer(
    reader: FlaskClient, read_only_app: Flask, path: str, mode: GenerationMode
) -> None:
    operation = schemathesis.openapi.from_wsgi("/openapi.json", read_only_app)[path]["GET"]

    @settings(max_examples=EXAMPLES_EACH, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=CHECKS, headers={"Accept-Encoding": "identity"})

    ask()
