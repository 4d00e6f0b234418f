"""The partner API: one function behind the JWT authorizer, its routes in `quittance.runtime.api`."""

from __future__ import annotations

from typing import Any

import quittance.store.models  # noqa: F401  # loaded while the function starts, when its processor is fastest
from quittance.runtime.api.routes import PARTNER_API, resolve
from quittance.runtime.http import Router
from quittance.runtime.log import logger

_router = Router(PARTNER_API, resolve)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one call."""
    answer = _router.answer(event)
    # The route's template, not the path: addresses name customers.
    logger.info("answered", extra={"route": event.get("routeKey"), "status": answer["statusCode"]})
    return answer
