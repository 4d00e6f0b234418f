"""The OpenAPI document is valid and says what the router does: same routes, same parameters, same roles."""

from __future__ import annotations

import json
import re

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from quittance.domain import payment_method
from quittance.domain.ledger import LEDGER_ACCOUNTS
from quittance.domain.partner import CLOUDS
from quittance.domain.registration import SUBSCRIPTION_KINDS
from quittance.domain.roles import ROLES
from quittance.domain.support_plan import SEVERITIES
from quittance.domain.tasks import KINDS as TASK_KINDS
from quittance.domain.triage import KINDS
from quittance.runtime.api.description import OPENAPI
from quittance.runtime.api.routes import PARTNER_API, PUBLIC_PAGES, resolve
from quittance.runtime.http import Route

DOCUMENT = json.loads(OPENAPI.read_text(encoding="utf-8"))
SCHEMAS = DOCUMENT["components"]["schemas"]
DOCUMENTED = {(method.upper(), path) for path, item in DOCUMENT["paths"].items() for method in item}


def operation(route: Route) -> dict:
    return DOCUMENT["paths"][route.address][route.method.lower()]


def parameters(route: Route, place: str) -> set[str]:
    listed = [one["$ref"].rpartition("/")[2] for one in operation(route).get("parameters", [])]
    found = [DOCUMENT["components"]["parameters"][name] for name in listed]
    return {one["name"] for one in found if one["in"] == place}


def test_the_document_is_valid_openapi_3_1():
    assert DOCUMENT["openapi"].startswith("3.1.")
    assert [str(error) for error in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()] == []


def test_document_and_router_have_the_same_routes():
    assert {(route.method, route.address) for route in PARTNER_API} == DOCUMENTED


@pytest.mark.parametrize("route", PARTNER_API, ids=lambda route: f"{route.method} {route.address}")
def test_a_route_has_the_documented_parameters_and_roles(route):
    told = operation(route)
    assert parameters(route, "path") == set(re.findall(r"{(\w+)}", route.address))
    if route.permission is None:
        return
    assert told["x-roles"] == [role for role, permissions in ROLES.items() if route.permission in permissions]
    assert {"401", "403", "422", "503"} <= set(told["responses"])
    assert ("requestBody" in told) == (route.method not in ("GET", "DELETE"))


def test_operation_ids_are_unique():
    ids = [operation(route)["operationId"] for route in PARTNER_API]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("route", [*PARTNER_API, *PUBLIC_PAGES], ids=lambda route: route.answer)
def test_every_route_names_a_function(route):
    assert callable(resolve(route.answer))


def test_what_may_be_chosen_is_what_the_domain_knows():
    assert SCHEMAS["Partner"]["properties"]["cloud"]["enum"] == list(CLOUDS)
    assert SCHEMAS["Subscription"]["properties"]["kind"]["enum"] == list(SUBSCRIPTION_KINDS)
    assert SCHEMAS["Severity"]["enum"] == list(SEVERITIES)
    assert SCHEMAS["PaymentMethodRequest"]["properties"]["kind"]["enum"] == list(payment_method.KINDS)
    assert SCHEMAS["PaymentMethodRequest"]["properties"]["state"]["enum"] == list(payment_method.STATES)
    assert SCHEMAS["TaskKind"]["enum"] == list(TASK_KINDS)
    assert SCHEMAS["DatevSettings"]["properties"]["accounts"]["propertyNames"]["anyOf"][0]["enum"] == sorted(
        (*LEDGER_ACCOUNTS, "cash")
    )
    assert SCHEMAS["TicketRequest"]["properties"]["kind"]["enum"] == list(KINDS)


def test_every_schema_is_used():
    text = json.dumps(DOCUMENT)
    assert [name for name in SCHEMAS if f'"#/components/schemas/{name}"' not in text] == []
