"""`/openapi.json`: OpenAPI 3.1, made from the routes, their forms and the types of their answers."""

import re
from collections.abc import Iterable
from typing import Any, cast

import msgspec
from apispec import APISpec
from flask import Response, current_app
from werkzeug.routing import Rule

from stations.feeds.finding import need_names
from stations.kernel.forms import CellField, CellForm, ChoicesField
from stations.kernel.text import Text, _
from stations.web.api.describing import Description, Problem
from stations.web.asking import this_stock
from stations.web.caching import cached
from stations.web.errors import TITLES

VERSION = "1"
FRESH_SECONDS = 300
REF = "#/components/schemas/{name}"
CODE = {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9.-]{0,39}$"}
# How a parameter reads where the form's field does not show it.
SCHEMAS: dict[str, dict[str, Any]] = {
    "lat": {"type": "number", "minimum": 3.5, "maximum": 53.6},
    "lon": {"type": "number", "minimum": 73.33, "maximum": 135.1},
    "open": {"type": "integer", "enum": [0, 1]},
    "site": CODE,
    "after": CODE,
    "bbox": {"type": "string", "pattern": "^-?[0-9.]+(,-?[0-9.]+){3}$"},
    "place": {"type": "string", "pattern": "^(landmark|district):[^\\x00-\\x1f]{1,40}$"},
    "q": {"type": "string", "minLength": 1, "maxLength": 80, "pattern": "^[^\\x00-\\x1f\\x7f-\\x9f]*$"},
}


def openapi() -> Response:
    """The document, in the reader's language."""
    parts = f"openapi.{sorted(this_stock().items)}"
    return cached(parts, FRESH_SECONDS, lambda: Response(msgspec.json.encode(document()), mimetype="application/json"))


def document() -> dict[str, Any]:
    """The whole document."""
    spec = APISpec(
        title=str(_("Bankao: open data of the exam support stations")),
        version=VERSION,
        openapi_version="3.1.0",
        info={"description": str(_("Read only. Positions are WGS-84, times ISO 8601 with the season's offset."))},
    )
    described = [(rule, _description(rule)) for rule in current_app.url_map.iter_rules() if _is_described(rule)]
    _refs, components = msgspec.json.schema_components([d.gives for _, d in described] + [Problem], ref_template=REF)
    for name, schema in components.items():
        spec.components.schema(name, schema)
    for rule, description in sorted(described, key=lambda pair: pair[0].rule):
        spec.path(path=re.sub(r"<(\w+)>", r"{\1}", rule.rule), operations={"get": _operation(rule, description)})
    whole: dict[str, Any] = spec.to_dict()
    return whole


def _is_described(rule: Rule) -> bool:
    return hasattr(current_app.view_functions[rule.endpoint], "description")


def _description(rule: Rule) -> Description:
    view: Any = current_app.view_functions[rule.endpoint]
    return cast(Description, view.description)


def _operation(rule: Rule, description: Description) -> dict[str, Any]:
    refusals = {*description.refusals, *((400,) if description.asks()._fields else ())}
    return {
        "operationId": rule.endpoint.rpartition(".")[2],
        "summary": str(description.summary),
        "parameters": [*_path_parameters(rule), *_query_parameters(description.asks)],
        "responses": {
            "200": _content(_("The answer"), description.media_type, description.gives),
            "304": {"description": str(_("What If-None-Match names is still the answer"))},
            **{str(s): _content(TITLES[s], "application/problem+json", Problem) for s in sorted(refusals)},
        },
    }


def _content(said: Text, media_type: str, kind: type) -> dict[str, Any]:
    schema = {"$ref": REF.format(name=kind.__name__)}
    return {"description": str(said), "content": {media_type: {"schema": schema}}}


def _path_parameters(rule: Rule) -> Iterable[dict[str, Any]]:
    for name in sorted(rule.arguments):
        yield {"name": name, "in": "path", "required": True, "schema": CODE}


def _query_parameters(form: type[CellForm]) -> Iterable[dict[str, Any]]:
    for name, field in form()._fields.items():
        schema = _schema(name, field, getattr(form, "most", None))
        yield {
            "name": name, "in": "query", "required": bool(field.flags.required),
            "description": str(field.label.text), "schema": schema,
        }  # fmt: skip


def _schema(name: str, field: CellField | ChoicesField, most: int | None) -> dict[str, Any]:
    if isinstance(field, ChoicesField):  # needs; which supplies there are is the deployment's
        return {"type": "array", "items": {"type": "string", "enum": list(need_names(this_stock()))}}
    return {"type": "integer", "minimum": 1, "maximum": most} if name == "limit" else SCHEMAS[name]
