"""Errors become problem details by their class, in one place."""

from __future__ import annotations

import json

import pytest

from quittance.domain import errors
from quittance.domain.errors import Conflict, Forbidden, NotFound, Poison, Rejected, Transient
from quittance.domain.roles import Permission
from quittance.runtime.http import Request, Response, Route, Router
from quittance.runtime.problems import Malformed, NoSuchMethod, TooLarge, Unauthenticated, known, problem


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Malformed("x"), 400),
        (Unauthenticated("x"), 401),
        (Forbidden("x"), 403),
        (NotFound("x"), 404),
        (NoSuchMethod("x", "GET"), 405),
        (Conflict("x"), 409),
        (TooLarge("x"), 413),
        (Rejected("x", field="name", code="word"), 422),
        (Transient("x", retry_after=7), 503),
    ],
)
def test_a_class_of_errors_has_its_status(error, status):
    found, details, headers = problem(error, "/v1/partner")
    assert (found, details["status"], details["detail"], details["instance"]) == (status, status, "x", "/v1/partner")
    assert details.get("field") == error.field
    assert details.get("code") == error.code
    assert headers.get("retry-after") == ("7" if status == 503 else None)
    assert headers.get("allow") == ("GET" if status == 405 else None)


def test_every_error_of_the_tree_is_mapped_or_ours():
    tree = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.QuittanceError)
    ]
    unknown = {kind for kind in tree if not known(kind("x"))}
    assert unknown == {errors.QuittanceError, Poison}


def event(method: str, path: str) -> dict:
    claims = {"partner": "acme", "role": "sales_agent"}
    context = {"http": {"method": method}, "authorizer": {"jwt": {"claims": claims}}}
    return {"rawPath": path, "requestContext": context}


def failing(error: Exception) -> Router:
    def answer(request: Request) -> Response:
        raise error

    return Router([Route("GET", "/v1/x", Permission.READ, "a.b")], lambda _: answer)


def test_a_busy_outside_asks_to_come_again():
    answer = failing(Transient("later")).answer(event("GET", "/v1/x"))
    assert (answer["statusCode"], answer["headers"]["retry-after"]) == (503, "1")
    assert answer["headers"]["content-type"] == "application/problem+json"
    assert json.loads(answer["body"])["detail"] == "later"


@pytest.mark.parametrize("error", [Poison("ours"), KeyError("ours")])
def test_what_the_caller_cannot_help_makes_the_function_fail(error):
    with pytest.raises(type(error)):
        failing(error).answer(event("GET", "/v1/x"))


def test_names_in_an_address_are_decoded_and_checked():
    seen = []

    def answer(request: Request) -> Response:
        seen.append(dict(request.names))
        return Response()

    router = Router([Route("GET", "/v1/{a}/x/{b}", None, "a.b")], lambda _: answer)
    assert router.answer(event("GET", "/v1/one/x/two%2E5"))["statusCode"] == 200
    assert seen == [{"a": "one", "b": "two.5"}]
    assert router.answer(event("GET", "/v1/one/x/two%2F5"))["statusCode"] == 422
    assert router.answer(event("GET", "/v1//x/b"))["statusCode"] == 422
    assert router.answer(event("POST", "/v1/one/x/two"))["statusCode"] == 405
