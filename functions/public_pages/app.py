"""The public pages: a partner's collections policy and support plan; no token, no customer data."""

from __future__ import annotations

from typing import Any

from quittance.runtime.api.public import PublicRouter
from quittance.runtime.api.routes import PUBLIC_PAGES, resolve
from quittance.runtime.log import logger

_router = PublicRouter(PUBLIC_PAGES, resolve)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one call."""
    answer = _router.answer(event)
    logger.info("answered", extra={"route": event.get("routeKey"), "status": answer["statusCode"]})
    return answer
