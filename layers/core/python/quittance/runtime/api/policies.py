"""Routes of a policy's way from draft to publication."""

from __future__ import annotations

from quittance.runtime import compose
from quittance.runtime.http import Request, Response
from quittance.store import partners
from quittance.usecases import policies


def put_draft(request: Request) -> Response:
    """Draft the next version of a policy and look it over."""
    now, name = compose.clock().now(), request.names["policy"]
    return Response(body=policies.put_draft(request.partner, name, request.json(), now=now, shelf=partners))


def get_draft(request: Request) -> Response:
    """Show the draft and what is worth a second look."""
    return Response(body=policies.get_draft(request.partner, request.names["policy"], shelf=partners))


def publish_draft(request: Request) -> Response:
    """Publish the draft, from a moment on or at once; 200 where it is published already."""
    now, name = compose.clock().now(), request.names["policy"]
    body = request.json() if request.content else {}
    version, new = policies.publish_draft(request.partner, name, body, now=now, shelf=partners)
    return Response(status=201 if new else 200, body={"name": name, "version": version})


def list_versions(request: Request) -> Response:
    """List the versions of a policy and tell which is in force."""
    now = compose.clock().now()
    return Response(body=policies.versions(request.partner, request.names["policy"], now=now, shelf=partners))
