"""The partner API: one function behind the JWT authorizer, its routes in `quittance.runtime.api`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from quittance.runtime.api import book, money, support
from quittance.runtime.http import Request, Response, Route, Router
from quittance.runtime.log import logger

_DESCRIPTION = Path(__file__).with_name("openapi.json")


def _describe(_: Request) -> Response:
    return Response(text=_DESCRIPTION.read_text(encoding="utf-8"), headers={"cache-control": "public, max-age=300"})


ROUTES = (
    Route("GET", "/v1/openapi.json", None, _describe),
    Route("GET", "/openapi.json", None, _describe),
    *book.ROUTES,
    *money.ROUTES,
    *support.ROUTES,
)
_router = Router(ROUTES)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one call."""
    answer = _router.answer(event)
    # The route's template, not the path: addresses name customers.
    logger.info("answered", extra={"route": event.get("routeKey"), "status": answer["statusCode"]})
    return answer
