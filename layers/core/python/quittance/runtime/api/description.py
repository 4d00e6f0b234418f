"""The API's own description, the OpenAPI document beside this file."""

from __future__ import annotations

from pathlib import Path

from quittance.runtime.http import Request, Response

OPENAPI = Path(__file__).with_name("openapi.json")


def describe(_: Request) -> Response:
    """Show the OpenAPI document."""
    return Response(text=OPENAPI.read_text(encoding="utf-8"), headers={"cache-control": "public, max-age=300"})
