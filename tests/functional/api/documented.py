"""Holds every call of the tests against the OpenAPI document: what was answered, and what was accepted."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from quittance.runtime.api.description import OPENAPI
from quittance.runtime.api.routes import PARTNER_API

DOCUMENT = json.loads(OPENAPI.read_text(encoding="utf-8"))
_UNROUTED = (404, 405)
_ACCEPTED = 300


def hold(method: str, path: str, body: Any, status: int, answered: Any) -> None:
    """Fail where the answer is not what the document says, or a body was accepted that it does not allow."""
    route = next((one for one in PARTNER_API if one.method == method and one.names(path) is not None), None)
    if route is None:
        assert status in _UNROUTED
        return
    operation = DOCUMENT["paths"][route.address][method.lower()]
    response = _resolved(operation["responses"][str(status)])
    kinds = response["content"]
    kind = "text/csv" if isinstance(answered, str) and "text/csv" in kinds else next(iter(kinds))
    _check(response["content"][kind]["schema"], answered, f"{method} {path} answered")
    if status < _ACCEPTED and body is not None and "requestBody" in operation:
        _check(operation["requestBody"]["content"]["application/json"]["schema"], body, f"{method} {path} took")


def _resolved(part: dict[str, Any]) -> dict[str, Any]:
    return DOCUMENT["components"]["responses"][part["$ref"].rpartition("/")[2]] if "$ref" in part else part


def _check(schema: dict[str, Any], value: Any, what: str) -> None:
    errors = [f"{error.json_path}: {error.message}" for error in _validator(json.dumps(schema)).iter_errors(value)]
    assert errors == [], what


@cache
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator({**json.loads(schema), "components": DOCUMENT["components"]})
