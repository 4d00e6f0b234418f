"""What a scenario's steps of collecting ask for: the same request for both worlds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from quittance.runtime.clock import iso


def request_of(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the body of the call that a step makes: what it names beside the account and the invoice."""
    return {name: plain(value) for name, value in fields.items() if name not in ("account", "invoice")}


def plain(value: Any) -> Any:
    """Return a checked value as JSON writes it."""
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, list):
        return [plain(entry) for entry in value]
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    return value.isoformat() if hasattr(value, "isoformat") else value
