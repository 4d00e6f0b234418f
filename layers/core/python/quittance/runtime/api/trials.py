"""Routes that try something out without any effect."""

from __future__ import annotations

from quittance.runtime import compose
from quittance.runtime.http import Request, Response
from quittance.store import partners
from quittance.store.accounts import AccountStore
from quittance.store.histories import Histories
from quittance.store.policies import PolicyStore
from quittance.usecases import dry_run

CSV_TYPE = "text/csv"
_POLICIES = PolicyStore()
_ACCOUNTS, _HISTORIES = AccountStore(_POLICIES), Histories(_POLICIES)


def dry_run_policy(request: Request) -> Response:
    """Tell what a policy would do over a span of time; as CSV with Accept: text/csv."""
    found = dry_run.dry_run(
        request.partner,
        request.names["policy"],
        request.json(),
        now=compose.clock().now(),
        book=partners,
        accounts=_ACCOUNTS,
        histories=_HISTORIES,
    )
    if CSV_TYPE not in request.headers.get("accept", ""):
        return Response(body=found)
    following = {"x-next": found["next"]} if found["next"] else {}
    return Response(text=dry_run.as_csv(found), content_type=f"{CSV_TYPE}; charset=utf-8", headers=following)
